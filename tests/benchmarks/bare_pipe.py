"""The given floor, `../shared/bench/floor.py`: found beside this checkout, never copied, never changed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

BESIDE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "bench" / "floor.py"
TIMEOUT_S = 600.0


class FloorMissingError(Exception):
    """There is no floor to measure against; the text says where it was looked for."""


class BarePipe:
    """The floor program: its rows, and its figures on a database of its own."""

    def __init__(self, path: Path | None = None) -> None:
        """Find the program and load it, for its `make_row`.

        Raises:
            FloorMissingError: it is not there, or no Python program.
        """
        self.path = path or BESIDE_CHECKOUT
        if not self.path.is_file():
            raise FloorMissingError(
                f"The floor program is not at {self.path}. Every figure is a ratio to it: give its place with --floor."
            )
        self.rows_module: ModuleType = self._loaded()

    def _loaded(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("bare_pipe_floor", self.path)
        if spec is None or spec.loader is None:
            raise FloorMissingError(f"{self.path} is no Python program.")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def measure(self, dsn: str, rows: int) -> dict[str, Any]:
        """Run all its measurements once in a process of its own; it makes and drops its schema."""
        command = [sys.executable, str(self.path), "--dsn", dsn, "--rows", str(rows), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, check=True)
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return figures

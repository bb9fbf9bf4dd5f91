"""What runs of mutants came to, told after each: whoever ends a run that hangs knows what it did. Runs nothing."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GREEN: Final = 0
RED: Final = 1
"""Exit codes of pytest."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of tests came to. `code` is pytest's."""

    name: str
    code: int
    failed: str
    seconds: float
    is_skipped: bool = False
    """This machine cannot run its tests; they say why."""

    @property
    def is_red(self) -> bool:
        """A test failed. One that could not even start proves nothing."""
        return self.code == RED and bool(self.failed)

    def line(self) -> str:
        """Give the line of the table."""
        said = {GREEN: "SURVIVED"}.get(self.code, f"NOT JUDGED ({self.code})")
        said = "red" if self.is_red else "skipped" if self.is_skipped else said
        return f"{said:<10} {self.seconds:6.1f} s  {self.name:<28} {self.failed}"


@dataclass(slots=True)
class Tally:
    """How many of `total` mutants were noticed so far. `report`: the file that says so, if any."""

    total: int
    report: Path | None
    red: int = 0

    def __post_init__(self) -> None:
        """Tell how many there are before the first is judged."""
        self._tell()

    def take(self, told: Told) -> None:
        """Count one. Those that this machine cannot judge are none."""
        self.red += told.is_red
        self.total -= told.is_skipped
        self._tell()

    def line(self) -> str:
        """Give the object that a run ends with."""
        return json.dumps({"mutants_red": self.red, "mutants_total": self.total})

    def _tell(self) -> None:
        if self.report is not None:
            whole = self.report.with_name(self.report.name + ".new")
            whole.write_text(self.line(), "utf-8")
            os.replace(whole, self.report)  # whoever ends us reads all of it, or what was there before

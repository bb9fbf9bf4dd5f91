"""The server's Debian package, built and unpacked below a folder: its own files, run without this checkout."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.free_port import free_port

ROOT = Path(__file__).parents[2]
BUILDER = ROOT / "packaging" / "server" / "build_deb.py"
PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Packaged:
    """An unpacked package. `root` stands for the root of a machine."""

    deb: Path
    root: Path

    @property
    def program(self) -> Path:
        return self.root / "usr" / "bin" / "cmms-sync-server"

    def run(
        self, *words: str, environment: Mapping[str, str], stdin: str = "", folder: Path = Path("/")
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command of the package, with nothing of this process's environment but the way to programs."""
        return subprocess.run(
            [self.program, *words],
            env={"PATH": os.environ["PATH"], **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            cwd=folder,
            check=False,
        )

    @contextmanager
    def serving(self, environment: Mapping[str, str]) -> Iterator[str]:
        """Run the server as its unit does; give its URL. It has to stop in good order when it is told."""
        port = free_port()
        child = subprocess.Popen(
            [self.program, "serve", "--port", str(port)],
            env={"PATH": os.environ["PATH"], **environment},
            cwd="/",
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, child)
            yield url
        finally:
            child.terminate()
            code = child.wait(PATIENCE_S)
        assert code == 0, f"it stopped with {code}"


def unpacked(folder: Path, python: str) -> Packaged:
    """Build the package with an interpreter that has the locked packages, and unpack it."""
    made = subprocess.run(
        [python, BUILDER, folder / "made"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    deb = Path(made.stdout.strip())
    subprocess.run(["dpkg-deb", "-x", deb, folder / "root"], check=True, timeout=PATIENCE_S)
    return Packaged(deb, folder / "root")


def _wait_for(url: str, child: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while child.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"{url}/livez", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError("the packaged server does not answer")

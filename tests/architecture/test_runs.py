"""What the mutants run ends with them, and so does what that has started."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mutants.runs import ClosedError, Runs

PATIENCE_S = 60.0


def held_by_a_child(fifo: Path) -> list[str]:
    """A command whose child says that it is up, holds the other end, and a minute later says that it still lives."""
    child = (
        f"import time; held = open({str(fifo)!r}, 'w'); print('up', file=held, flush=True);"
        f" time.sleep({PATIENCE_S}); print('alone', file=held)"
    )
    return [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"]


def test_what_a_command_has_started_ends_with_us(tmp_path: Path) -> None:
    fifo, runs = tmp_path / "held", Runs()
    os.mkfifo(fifo)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(
            runs.run, held_by_a_child(fifo), folder=tmp_path, env=os.environ, limit_s=2 * PATIENCE_S
        )
        with fifo.open() as held:
            assert held.readline() == "up\n"
            runs.close()
            assert held.read() == ""
        assert running.result(PATIENCE_S).returncode == -signal.SIGKILL
    with pytest.raises(ClosedError):
        runs.run(["true"], folder=tmp_path, env=os.environ, limit_s=PATIENCE_S)


def test_what_a_command_says_is_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('said'); print('complained', file=sys.stderr); sys.exit(3)"]
    done = Runs().run(command, folder=tmp_path, env=os.environ, limit_s=PATIENCE_S)
    assert (done.returncode, done.stdout, done.stderr) == (3, "said\n", "complained\n")

"""A bare Debian that was started: systemd as its first process, with network, devices and process groups of its own.

It shares kernel and disk with this machine and nothing else: what would change the kernel for all is read-only or not
allowed. Ending it ends every process in it.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.packages.bare_root import CLEAN, OWN_PLACES, PATIENCE_S, BareRoot

GROUPS: Final = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
SPACES: Final = ["--mount", "--pid", "--net", "--ipc", "--uts"]
NOT_ALLOWED: Final = "-sys_module,-sys_rawio,-sys_time,-syslog,-audit_control,-audit_read,-mac_admin,-mac_override"
STEP_S: Final = 0.2
APART: Final = ["unshare", *SPACES, "--cgroup", "--fork", "--kill-child=KILL", "--propagation", "private"]
ENTER: Final = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"'
START: Final = (
    """
mount --bind "$1" "$1"
cd "$1" """
    + OWN_PLACES
    + """for each in sys sysrq-trigger irq bus; do
    [ ! -e "proc/$each" ] || { mount --bind "proc/$each" "proc/$each"; mount -o remount,bind,ro "proc/$each"; }
done
mount -t sysfs -o ro none sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs -o mode=755 none run
mount -t tmpfs -o mode=1777 none tmp
ip link set lo up
hostname bare
pivot_root . .
umount -l .
exec env -i container=other PATH="$PATH" setpriv --bounding-set="$2" --inh-caps="$2" \\
    /sbin/init --unit=multi-user.target --log-target=journal --show-status=0
"""
)


class Booted:
    """A running one. `first` is the number of its first process on this machine."""

    def __init__(self, root: BareRoot, first: int) -> None:
        self.root, self.first = root, first

    def type(self, line: str, *, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        """Type a line into a shell in there, as root in an empty folder of his."""
        inside = ["nsenter", "-t", str(self.first), *SPACES, "--root", "env", "-i", *_said(CLEAN)]
        done = subprocess.run(
            [*inside, "HOME=/root", "sh", "-c", 'cd /srv && eval "$1"', "typed", line],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert may_fail or done.returncode == 0, f"{line}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def outside(self, *command: str, hosts: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this machine in the network of that one, where `hosts` are what names lead to."""
        script = 'printf "%s" "$1" >/run/hosts; mount --bind /run/hosts /etc/hosts; shift; exec "$@"'
        own = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", f"mount -t tmpfs none /run; {script}"]
        return subprocess.run(
            ["nsenter", "-t", str(self.first), "--net", *own, "outside", hosts, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )


@contextmanager
def booted(root: BareRoot, log: Path) -> Iterator[Booted]:
    """Start a root that has systemd in it; it is switched off at the end, and nothing of it is left running."""
    group = _own_group()
    enter = ["sh", "-ec", ENTER, "enter", str(group)]
    with log.open("wb") as said:
        started = subprocess.Popen(
            [*enter, *APART, "sh", "-ec", START, "start", str(root.folder), NOT_ALLOWED],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, "PATH": CLEAN["PATH"]},
        )
    try:
        machine = Booted(root, _first_process(started, log))
        _wait_until_it_runs(machine, log)
        yield machine
        machine.type("systemctl poweroff", may_fail=True)
        started.wait(60)
    finally:
        started.kill()
        started.wait()
        _remove(group)


def why_not() -> str:
    """Why no root can be started here; empty when it can."""
    return "" if _groups() else "This machine has no groups of processes of the second kind (cgroup2)."


def _groups() -> Path | None:
    return next((path for path in GROUPS if (path / "cgroup.procs").exists()), None)


def _own_group() -> Path:
    groups = _groups()
    assert groups is not None
    made = groups / f"cmms-booted-{os.getpid()}"
    made.mkdir()
    return made


def _remove(group: Path) -> None:
    """Remove groups from the innermost out; the kernel lets go of one a moment after its last process has gone."""
    for folder in sorted((path for path in (group, *group.rglob("*")) if path.is_dir()), reverse=True):
        end = time.monotonic() + PATIENCE_S / 10
        while "populated 0" not in (folder / "cgroup.events").read_text():
            assert time.monotonic() < end, f"{folder} still has processes"
            time.sleep(STEP_S)
        folder.rmdir()


def _first_process(started: subprocess.Popen[bytes], log: Path) -> int:
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children")
    end = time.monotonic() + PATIENCE_S / 10
    while time.monotonic() < end and started.poll() is None:
        for word in children.read_text().split():
            if Path(f"/proc/{word}/comm").read_text().strip() == "systemd":
                return int(word)
        time.sleep(STEP_S)
    raise AssertionError(f"systemd did not start: {log.read_text()}")


def _wait_until_it_runs(machine: Booted, log: Path) -> None:
    end, state = time.monotonic() + PATIENCE_S / 5, ""
    while time.monotonic() < end:
        state = machine.type("systemctl is-system-running", may_fail=True).stdout.strip()
        if state == "running":
            return
        time.sleep(STEP_S)
    failed = machine.type("systemctl --failed --no-pager", may_fail=True).stdout
    raise AssertionError(f"systemd is {state}: {failed}{log.read_text()}")


def _said(environment: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]

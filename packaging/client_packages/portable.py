"""One archive that runs from wherever it is unpacked, without rights on the machine."""

from __future__ import annotations

import gzip
import tarfile
from io import BytesIO
from pathlib import Path

from client_packages.file_tree import settle
from client_packages.profile import FILE_NAME
from client_packages.release import NAME, Release

LEVEL = 6


def portable_name(release: Release) -> str:
    """Name, version, build, system and machine."""
    return f"{NAME}-{release.version}-{release.number}-linux-{release.machine}.tar.gz"


def make_portable(program: Path, release: Release, *, profile: bytes | None, target: Path) -> Path:
    """Pack the program's folder, with the profile beside the program; give the file below `target`."""
    settle(program, release.epoch_s)
    made = target / portable_name(release)
    top = f"{NAME}-{release.version}"
    with (
        made.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=release.epoch_s) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        archive.add(program, top, recursive=False, filter=_nobody)
        for path in sorted(program.rglob("*")):
            archive.add(path, f"{top}/{path.relative_to(program)}", recursive=False, filter=_nobody)
        if profile is not None:
            archive.addfile(_entry(f"{top}/{FILE_NAME}", len(profile), release.epoch_s), BytesIO(profile))
    return made


def _nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who built it is not told."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def _entry(name: str, size: int, epoch_s: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, epoch_s, 0o644
    return _nobody(entry)

"""The files of a Linux package as they will lie on the disk, the same for .deb and .rpm: made in an empty folder.

Program and texts belong to the machine, below /usr. A person's work lies in his own home and is never part of it.
"""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

from client_packages.pictures import SIZES_PX, draw_icon
from client_packages.profile import FILE_NAME
from client_packages.release import NAME, Release

LINUX = Path(__file__).resolve().parents[1] / "linux"
PROGRAM = Path("usr/lib") / NAME
DOCUMENTS = Path("usr/share/doc") / NAME
ICONS = Path("usr/share/icons/hicolor")


def lay_files(root: Path, program: Path, release: Release, *, profile: bytes | None) -> None:
    """Lay program, starter, menu entry, icons, file type, manual page and profile below `root`."""
    shutil.copytree(program, root / PROGRAM, symlinks=True)
    if profile is not None:
        (root / PROGRAM / FILE_NAME).write_bytes(profile)
    _link(root / "usr/bin" / NAME, Path("..") / PROGRAM.relative_to("usr") / NAME)
    _copy(LINUX / "cmms-field.desktop", root / "usr/share/applications")
    _copy(LINUX / "cmms-field.xml", root / "usr/share/mime/packages")
    _lay_icons(root / ICONS)
    manual = (LINUX / "cmms-field.1").read_text("utf-8")
    manual = manual.replace("@VERSION@", release.version).replace("@DATE@", release.moment.date().isoformat())
    write_gzip(root / "usr/share/man/man1" / f"{NAME}.1.gz", manual.encode())
    write_gzip(root / DOCUMENTS / "changelog.gz", (LINUX.parent / "CHANGELOG.md").read_bytes())


def settle(root: Path, epoch_s: int) -> None:
    """Give every file below `root` the one moment of the release, and rights that follow from what it is."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            may_run = path.is_dir() or (path.stat().st_mode & 0o100 and ".so" not in path.name)
            path.chmod(0o755 if may_run else 0o644)
        os.utime(path, (epoch_s, epoch_s), follow_symlinks=False)


def write_gzip(target: Path, content: bytes) -> None:
    """Write a file as gzip does with -9n: nothing in it tells when or from where."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(content, 9, mtime=0))


def _lay_icons(icons: Path) -> None:
    _copy(LINUX / "cmms-field.svg", icons / "scalable/apps")
    for size_px in SIZES_PX:
        draw_icon(LINUX / "cmms-field.svg", size_px, icons / f"{size_px}x{size_px}/apps/{NAME}.png")
        rescue = icons / f"{size_px}x{size_px}/mimetypes/application-vnd.cmms-field.rescue.png"
        draw_icon(LINUX / "cmms-rescue.svg", size_px, rescue)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / file.name)

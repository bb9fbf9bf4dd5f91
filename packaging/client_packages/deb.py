"""Debian's package: control files, rights, and the archive itself by dpkg-deb."""

from __future__ import annotations

import hashlib
import textwrap
from email.utils import format_datetime
from pathlib import Path

from client_packages.commands import clean_environment, run
from client_packages.file_tree import DOCUMENTS, LINUX, settle, write_gzip
from client_packages.release import DESCRIPTION, MAINTAINER, NAME, SUMMARY, Release
from client_packages.shared_libraries import Needs

FURTHER_DEPENDS = [
    "debconf (>= 0.5) | debconf-2.0",  # the question of a purge
    "fontconfig-config",  # rules that the fontconfig in the folder reads
    "xkb-data",  # keyboards that the xkbcommon in the folder reads
]
RECOMMENDS = ["default-dbus-session-bus | dbus-session-bus", "gnome-keyring | kwalletmanager", "fonts-dejavu-core"]
"""Without a keyring there is no work on this computer; which one, the desktop says."""
SCRIPTS = {"config": 0o755, "postinst": 0o755, "postrm": 0o755, "templates": 0o644}
LEVEL = 12
"""Of zstd: a larger number takes minutes on the whole, for a twentieth of the size."""


def deb_name(release: Release) -> str:
    """As Debian names it: name, version and machine."""
    return f"{NAME}_{release.debian_version}_{release.debian_machine}.deb"


def make_deb(tree: Path, needs: Needs, release: Release, *, work: Path, target: Path) -> Path:
    """Make the package of a laid tree, which gets control files besides; give the file below `target`."""
    lay_debian_texts(tree, release)
    settle(tree, release.epoch_s)
    folder = tree / "DEBIAN"
    folder.mkdir()
    (folder / "md5sums").write_text(_md5sums(tree), "utf-8")
    (folder / "control").write_text(control_text(needs, release, _size_kib(tree)), "utf-8")
    for name, mode in SCRIPTS.items():
        (folder / name).write_bytes((LINUX / "debian" / name).read_bytes())
        (folder / name).chmod(mode)
    made = target / deb_name(release)
    packed = ["-Zzstd", f"-z{LEVEL}", "--threads-max=1", "--root-owner-group"]
    command = ["dpkg-deb", *packed, "--build", tree, made]
    run(command, log=work / "dpkg-deb.log", folder=work, env=clean_environment(release.epoch_s))
    return made


def lay_debian_texts(tree: Path, release: Release) -> None:
    """Add what Debian wants to find: copyright, its own changelog, and the checks of lintian that do not fit."""
    (tree / DOCUMENTS).mkdir(parents=True, exist_ok=True)
    (tree / DOCUMENTS / "copyright").write_bytes((LINUX / "debian" / "copyright").read_bytes())
    write_gzip(tree / DOCUMENTS / "changelog.Debian.gz", changelog_text(release).encode())
    overrides = tree / "usr/share/lintian/overrides"
    overrides.mkdir(parents=True, exist_ok=True)
    (overrides / NAME).write_bytes((LINUX / "debian" / "lintian-overrides").read_bytes())


def control_text(needs: Needs, release: Release, size_kib: int) -> str:
    """The package's description of itself."""
    lines = {
        "Package": NAME,
        "Version": release.debian_version,
        "Architecture": release.debian_machine,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(size_kib),
        "Depends": ", ".join(sorted([*needs.debian, *FURTHER_DEPENDS])),
        "Recommends": ", ".join(RECOMMENDS),
        "Section": "misc",
        "Priority": "optional",
        "Description": "\n".join([SUMMARY, *textwrap.wrap(DESCRIPTION, 76, initial_indent=" ", subsequent_indent=" ")]),
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def changelog_text(release: Release) -> str:
    """One entry: this build. What changed is told in the changelog beside it."""
    told = "See changelog.gz for what changed."
    signed = f"{MAINTAINER}  {format_datetime(release.moment)}"
    return f"{NAME} ({release.debian_version}) stable; urgency=medium\n\n  * {told}\n\n -- {signed}\n"


def _md5sums(tree: Path) -> str:
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    kept = [path for path in files if path.relative_to(tree).parts[0] != "DEBIAN"]
    digests = {path: hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for path in kept}
    return "".join(f"{digest}  {path.relative_to(tree).as_posix()}\n" for path, digest in digests.items())


def _size_kib(tree: Path) -> int:
    return sum(-(-path.lstat().st_size // 1024) for path in tree.rglob("*") if not path.is_dir())

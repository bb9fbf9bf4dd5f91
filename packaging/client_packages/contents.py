"""What goes into the program's folder and what stays out; read by the PyInstaller spec, and by tests."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from functools import cache
from importlib import metadata
from pathlib import Path

from client_packages.shared_libraries import needed_by

HIDDEN = {
    "linux": ["keyring.backends.SecretService", "keyring.backends.kwallet"],
    "win32": ["keyring.backends.Windows"],
    "darwin": ["keyring.backends.macOS"],
}
"""Modules that are imported by a name in a text (`credentials.keyring_store.ALLOWED`), or only by revisions."""
FOR_REVISIONS = ["alembic", "alembic.op", "cmms_desktop.replica.migrations"]
EXCLUDED = [
    "cmms_desktop.demo",  # needs the server and its PostgreSQL
    *("psycopg", "psycopg2", "psycopg_binary", "psycopg_pool"),  # the server's; SQLAlchemy names them
    # What only commands of libraries use: httpx's own, anyio's other loops, alembic's.
    *("click", "markdown_it", "mdurl", "pygments", "rich", "uvloop", "yaml"),
    *("IPython", "PyInstaller", "_pytest", "hypothesis", "mypy", "numpy", "pytest", "setuptools", "tkinter"),
]
NEVER_WANTED = {"MySQLdb", "psycopg2", "pysqlite2"}
"""Drivers that PyInstaller's recipe for SQLAlchemy asks for, whether they are there or not."""
PLUGINS = "PySide6/Qt/plugins"
DROPPED = [
    f"{PLUGINS}/platformthemes/libqgtk3.so",  # would pull GTK 3 into the program; the look is our own
    # No desktop has these: they draw on a bare framebuffer, or over the network.
    *(f"{PLUGINS}/platforms/libq{name}.so" for name in ("eglfs", "linuxfb", "minimalegl", "vkkhrdisplay", "vnc")),
    f"{PLUGINS}/egldeviceintegrations/*",
    f"{PLUGINS}/generic/*",
    # The window reads PNG, JPEG, WebP and its own SVG; every other reader is one more way in for a bad file.
    *(f"{PLUGINS}/imageformats/libq{name}.so" for name in ("gif", "icns", "ico", "pdf", "tga", "tiff", "wbmp")),
    f"{PLUGINS}/tls/*",  # the network is Python's
    "PySide6/Qt/translations/*",  # the window has words of its own
]
KEPT_OF_METADATA = ("METADATA", "entry_points.txt", "licenses/*", "LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*")
"""RECORD, INSTALLER and direct_url.json tell of the machine that built."""
Entry = tuple[str, str, str]
"""As PyInstaller lists a file: where it goes, where it is from, what it is."""


def hidden_imports() -> list[str]:
    """Modules that PyInstaller cannot find by reading the source."""
    return HIDDEN.get(sys.platform, []) + FOR_REVISIONS


def is_dropped(target: str) -> bool:
    """Tell whether a file of the program's folder, named with slashes, stays out."""
    return any(fnmatch(target, pattern) for pattern in DROPPED)


def without_dropped(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that stay, in the order of their targets."""
    return sorted(entry for entry in entries if not is_dropped(Path(entry[0]).as_posix()))


def without_orphans(entries: Iterable[Entry]) -> list[Entry]:
    """The entries without libraries that were taken in only for what was dropped, and without links to them."""
    kept = list(entries)
    while True:
        files = [Path(source) for _, source, kind in kept if kind != "SYMLINK" and Path(source).is_file()]
        wanted = set().union(*needed_by(files).values())
        left = [entry for entry in kept if not _is_library(entry[0]) or Path(entry[0]).name in wanted]
        if len(left) == len(kept):
            return left
        kept = left


def _is_library(target: str) -> bool:
    """Tell whether a file is there only because another one needs it; Python's own library is loaded by the starter."""
    path = Path(target)
    is_python = path.name.startswith("libpython")
    return path.parent.as_posix() in {".", "PySide6/Qt/lib"} and path.name.startswith("lib") and not is_python


@cache
def _owners() -> dict[str, metadata.Distribution]:
    """Which installed distribution each file belongs to, by its real path."""
    found = {}
    for distribution in metadata.distributions():
        for file in distribution.files or []:
            found[str(Path(str(distribution.locate_file(file))).resolve())] = distribution
    return found


def distributions_of(sources: Iterable[str], *, own: str) -> list[metadata.Distribution]:
    """The distributions that any of these files came from, and our own, each once, by name."""
    found = {own: metadata.distribution(own)}
    for source in sources:
        owner = _owners().get(str(Path(source).resolve()))
        if owner is not None:
            found[owner.name] = owner
    return [found[name] for name in sorted(found, key=str.casefold)]


def metadata_entries(distribution: metadata.Distribution) -> list[Entry]:
    """Name, version, requirements and licence texts of a distribution, as data of the program."""
    entries = []
    for file in distribution.files or []:
        folder, _, inside = file.as_posix().partition("/")
        if folder.endswith(".dist-info") and any(fnmatch(inside, pattern) for pattern in KEPT_OF_METADATA):
            entries.append((file.as_posix(), str(distribution.locate_file(file)), "DATA"))
    return entries

"""The files of this checkout as the house rules see them: everything that would be committed, nothing that is ignored.

Reads the tree itself and not git, because a source archive on a bare machine has neither.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cmms_desktop", "sync_server")


@cache
def _ignored_names() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return (".git", *(line.rstrip("/") for line in lines if line and not line.startswith("#")))


def _is_ignored(path: Path) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in _ignored_names())


def entries(folder: Path) -> list[Path]:
    """The files and folders directly inside `folder` that are not ignored, sorted."""
    return sorted(path for path in folder.iterdir() if not _is_ignored(path))


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file below `folder` that is not ignored."""
    for path in entries(folder):
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def modules(*folders: str) -> list[Path]:
    """Every Python file below the named top-level folders."""
    return [path for folder in folders for path in files(ROOT / folder) if path.suffix == ".py"]


def name_of(path: Path) -> str:
    """The path as a person writes it: from the project's root."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return _trees()[path]


@cache
def _trees() -> dict[Path, ast.Module]:
    """All syntax trees, kept where the search for garbage does not walk them again and again.

    Left to it, reading them took five times as long, and every later test of the same process was slower.
    """
    gc.collect()
    gc.disable()
    try:
        read = {path: ast.parse(path.read_bytes(), filename=name_of(path)) for path in modules(*PACKAGES, "tests")}
        gc.freeze()
    finally:
        gc.enable()
    return read

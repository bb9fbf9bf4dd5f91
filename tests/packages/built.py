"""Packages in a folder, built by the command that everybody uses."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source_tree import ROOT

BUILD_S = 1200
REVISIONS = "cmms_desktop/replica/migrations/versions"
SERVER_REVISIONS = "sync_server/migrations/versions"


@dataclass(frozen=True, slots=True)
class Built:
    """A folder with the packages of one build."""

    folder: Path

    def one(self, ending: str) -> Path:
        """The only file with this ending."""
        (found,) = [path for path in self.folder.iterdir() if path.name.endswith(ending)]
        return found

    @property
    def deb(self) -> Path:
        return self.one(".deb")

    @property
    def version(self) -> str:
        """Debian's version of it."""
        return self.deb.name.split("_")[1]


def given(folder: Path) -> Built:
    """Packages that were built before."""
    return Built(folder.resolve())


def build(folder: Path, *arguments: str, kept: Path | None = None) -> Built:
    """Build into a folder; what the command says on the way is shown when it fails.

    `kept`: where Python keeps the modules that it compiled; a second build finds there what the first one left.
    """
    command = [sys.executable, ROOT / "packaging" / "build_packages.py", "--out", folder, *arguments]
    env = dict(os.environ)
    if kept is not None:
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        env["PYTHONPYCACHEPREFIX"] = str(kept)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=BUILD_S, check=False)
    assert done.returncode == 0, done.stderr
    return Built(folder)


def build_older(source: Path, folder: Path, made_before: str | None) -> Built:
    """Check out and build the last commit before the newest revision of the replica; `made_before`: use that folder."""
    check_out_older(source, REVISIONS)
    if made_before:
        return given(Path(made_before))
    return build(folder, "--source", str(source), "--only", "deb")


def check_out_older(source: Path, revisions: str) -> None:
    """Check out the last commit before the newest of these revisions."""
    newest = sorted((ROOT / revisions).glob("[0-9]*.py"))[-1]
    added = git("log", "--diff-filter=A", "--format=%H", "-1", "--", newest.relative_to(ROOT).as_posix())
    git("worktree", "add", "--detach", str(source), f"{added}~1")
    assert not (source / newest.relative_to(ROOT)).exists()


def git(*words: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()

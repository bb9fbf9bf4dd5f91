"""What is built: name, version, number of the build and the one moment that every file of it carries."""

from __future__ import annotations

import os
import platform
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from client_packages.failures import WRONG_CALL, PackagingError

NAME = "cmms-field"
SUMMARY = "offline-first work orders for field technicians"
DESCRIPTION = (
    "A technician's work orders, checklists, parts, photos and signatures on this computer, encrypted, usable for days "
    "without a network. What was entered waits on the disk until the organization's server has it."
)
MAINTAINER = "cmms-field <packages@cmms-field.invalid>"
DEBIAN_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Release:
    """One build. `build` rises with every commit, so that a later build of a version upgrades an earlier one.

    So does `profile_serial`, that of an organization's profile in it: apt and rpm install no version twice, and a newer
    profile, or the first real one after a demonstration, has to come with the same silent line (D-265).
    """

    version: str
    build: int
    epoch_s: int
    machine: str
    profile_serial: int | None = None

    @property
    def number(self) -> str:
        """What stands behind the version: the build, and the serial of the profile in it."""
        return str(self.build) if self.profile_serial is None else f"{self.build}+p{self.profile_serial}"

    @property
    def debian_version(self) -> str:
        return f"{self.version}-{self.number}"

    @property
    def debian_machine(self) -> str:
        return DEBIAN_MACHINES[self.machine]

    @property
    def moment(self) -> datetime:
        """The time of the commit, UTC."""
        return datetime.fromtimestamp(self.epoch_s, UTC)


def release_of(source: Path) -> Release:
    """Read what a source folder would be built as. Without git, `SOURCE_DATE_EPOCH` says when, and the build is 1.

    Raises:
        PackagingError: the folder is no source of this project, or this machine's processor has no package.
    """
    try:
        project = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise PackagingError(f"{source} holds no source of {NAME}.", code=WRONG_CALL) from error
    if platform.machine() not in DEBIAN_MACHINES:
        raise PackagingError(f"There is no package for this processor ({platform.machine()}).")
    return Release(str(project["version"]), _build(source), _epoch_s(source), platform.machine())


def _build(source: Path) -> int:
    counted = _git(source, "rev-list", "--count", "HEAD")
    return int(counted) if counted else 1


def _epoch_s(source: Path) -> int:
    said = os.environ.get("SOURCE_DATE_EPOCH") or _git(source, "log", "-1", "--format=%ct")
    if said and not said.isdecimal():
        raise PackagingError("SOURCE_DATE_EPOCH must be a whole number of seconds.", code=WRONG_CALL)
    return int(said) if said else int((source / "pyproject.toml").stat().st_mtime)


def _git(source: Path, *words: str) -> str:
    """What git says; empty where there is no git or no repository of this very folder."""
    if not (source / ".git").exists():
        return ""
    try:
        done = subprocess.run(["git", "-C", source, *words], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

"""What the page about 200 devices says of laptops, line by line: profile, packages, installed, updated, back, removed.

In order: each test finds what those before it left. The build is the page's own, so that it takes minutes.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from sync_server.contract.rules.profile_reading import read_profile
from tests.architecture.source_tree import ROOT
from tests.packages.bare_root import BareRoot, may_make_one
from tests.packages.built import Built, given
from tests.packages.screen import Screen
from tests.support.admin_pages import LAPTOPS, commands

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(bool(may_make_one()), reason=may_make_one() or "a root can be made"),
]
BAKED: Final = "usr/lib/cmms-field/cmms-field.profile"
IN_FORCE: Final = "srv/anna/.local/share/cmms-field/profile.json"
BUILD_S: Final = 1200
LOADED_S: Final = 6.0
LINES: Final = commands("rollout.md", LAPTOPS)
BUILDING: Final = [line for line in LINES if not line.startswith("sudo ")]
ON_A_LAPTOP: Final = [line for line in LINES if line.startswith("sudo ")]


class Office:
    """The machine that builds. What the page writes beside the source goes into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def built(self) -> Built:
        return given(self.folder / "north-packages")

    def type(self, line: str) -> str:
        """Type a line in the check-out; give what it said."""
        is_file = ("north.", "north-")
        words = [f"{self.folder}/{word}" if word.startswith(is_file) else word for word in shlex.split(line)]
        words = [word.replace("_NEW_", f"_{self.built.version}_") if "_NEW_" in word else word for word in words]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_S, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr[-3000:]}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def office(proving: Path) -> Office:
    folder = proving / "office"
    folder.mkdir()
    return Office(folder)


@pytest.fixture(scope="module")
def laptop(bare: BareRoot, proving: Path) -> Iterator[BareRoot]:
    made = bare.copied(proving / "laptop")
    made.run("useradd", "--create-home", "--home-dir", "/srv/anna", "--shell", "/bin/sh", "anna")
    yield made
    made.remove()


def type_on(laptop: BareRoot, line: str, *, new: Path | None = None, old: Path | None = None) -> None:
    """Type a line of the page as root, who needs no sudo, where the files lie that NEW and OLD stand for."""
    for name, file in (("NEW", new), ("OLD", old)):
        if file is not None:
            shutil.copy(file, laptop.folder / f"srv/cmms-field_{name}_amd64.deb")
    laptop.run("sh", "-ec", f"cd /srv; env {line.removeprefix('sudo ')}")


@contextmanager
def started_by_anna(laptop: BareRoot, screen: Screen, log: Path) -> Iterator[None]:
    """Her client, with the sign-in page in its window."""
    env = {"DISPLAY": screen.name}
    words = ["runuser", "-u", "anna", "--", "env", "HOME=/srv/anna", "cmms-field"]
    running = laptop.start(*words, env=env, log=log)
    try:
        screen.window()
        time.sleep(LOADED_S)
        yield
        assert running.poll() is None, log.read_text()
    finally:
        running.kill()
        running.wait()


def version_on(laptop: BareRoot) -> str:
    return laptop.run("dpkg-query", "-W", "-f=${Version}", "cmms-field", may_fail=True).stdout


def test_the_pages_lines_sign_build_and_check(office: Office) -> None:
    assert len(BUILDING) == 5
    for line in BUILDING:
        said = office.type(line)
    assert said.rstrip().endswith("profile:north")
    assert office.built.deb.exists()


def test_a_package_without_a_profile_starts_as_a_demonstration_and_says_so(
    built: Built, laptop: BareRoot, screen: Screen, proving: Path, pictures: Path
) -> None:
    type_on(laptop, ON_A_LAPTOP[0], new=built.deb)
    with started_by_anna(laptop, screen, proving / "demonstration.log"):
        screen.picture(pictures / "demonstration.png")
    assert read_profile((laptop.folder / IN_FORCE).read_bytes()).profile.is_demonstration


def test_the_same_line_with_the_organizations_package_takes_over_from_the_demonstration(
    office: Office, laptop: BareRoot, screen: Screen, proving: Path, pictures: Path
) -> None:
    install, _, _ = ON_A_LAPTOP
    type_on(laptop, install, new=office.built.deb)
    assert read_profile((laptop.folder / BAKED).read_bytes()).profile.organization == "north"
    with started_by_anna(laptop, screen, proving / "laptop.log"):
        screen.picture(pictures / "laptop.png")
    kept = read_profile((laptop.folder / IN_FORCE).read_bytes()).profile
    assert (kept.organization, kept.server_url) == ("north", "https://sync.north.example")


def test_back_and_forth_and_removed_it_keeps_what_people_have(
    office: Office, older: tuple[Built, Path], laptop: BareRoot
) -> None:
    install, back, remove = ON_A_LAPTOP
    before = (laptop.folder / IN_FORCE).read_bytes()
    type_on(laptop, back, old=older[0].deb)
    assert version_on(laptop) == older[0].version
    type_on(laptop, install, new=office.built.deb)
    assert version_on(laptop) == office.built.version
    type_on(laptop, remove)
    assert not (laptop.folder / "usr/lib/cmms-field").exists()
    assert (laptop.folder / IN_FORCE).read_bytes() == before

"""The .rpm in a root that has the libraries which it asks for: installed, started, removed. No Fedora was here.

The root is Debian's, whose libraries RPM does not know: what the package requires is looked for as files instead.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.packages.bare_root import BareRoot, may_make_one
from tests.packages.built import Built
from tests.packages.screen import Screen

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(bool(may_make_one()), reason=may_make_one() or "a root can be made"),
    pytest.mark.skipif(shutil.which("rpm") is None, reason="rpm is not installed here; apt-get install rpm"),
]
OF_FEDORA: Final = {
    "fontconfig": "/etc/fonts/fonts.conf",
    "hicolor-icon-theme": "/usr/share/icons/hicolor/index.theme",
    "shared-mime-info": "/usr/bin/update-mime-database",
    "xkeyboard-config": "/usr/share/X11/xkb/rules/evdev",
}
"""Packages that are required by their Fedora names, and a file of each that the client needs."""
LOADED_S: Final = 6.0
FROM_DEBIAN: Final = ("hicolor-icon-theme", "shared-mime-info", "fontconfig-config", "xkb-data")
WORK: Final = "srv/.local/share/cmms-field"


class Rpm:
    """RPM on a root, with a database of its own in there."""

    def __init__(self, root: BareRoot) -> None:
        self.root = root

    def __call__(self, *words: object, may_fail: bool = False) -> str:
        command = ["rpm", "--root", self.root.folder, "--dbpath", "/var/lib/rpm", *words]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        assert may_fail or done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def rpm(bare: BareRoot, proving: Path, built: Built) -> Iterator[Rpm]:
    root = bare.copied(proving / "rpm-root")
    # The libraries come with the other package, which then goes.
    root.run("apt-get", "install", "-y", "--no-install-recommends", root.take_in(built.deb), *FROM_DEBIAN)
    root.run("apt-get", "purge", "-y", "cmms-field")
    assert not (root.folder / "usr/lib/cmms-field").exists()
    yield Rpm(root)
    root.remove()


def test_what_it_requires_is_there_under_the_names_that_it_asks_for(rpm: Rpm, built: Built) -> None:
    required = rpm("-qp", "--requires", built.one(".rpm")).split("\n")
    libraries = {found.group(1) for each in required if (found := re.match(r"(lib[^(]+\.so\.\d+)\(", each))}
    there = rpm.root.run("ldconfig", "-p").stdout
    assert len(libraries) >= 5
    assert [name for name in sorted(libraries) if f"\t{name} (" not in there] == []
    named = {each.split()[0] for each in required if each and "(" not in each and not each.startswith("/")}
    assert named == set(OF_FEDORA)
    for path in OF_FEDORA.values():
        assert (rpm.root.folder / path.lstrip("/")).exists(), path


def test_it_installs_whole(rpm: Rpm, built: Built) -> None:
    rpm("--initdb")
    rpm("--force-debian", "--nodeps", "-i", built.one(".rpm"))
    assert rpm("-q", "cmms-field").strip() == built.one(".rpm").name.removesuffix(".rpm")
    assert rpm("-V", "--nodeps", "cmms-field", may_fail=True) == "", "every file is as the package says"
    version = rpm.root.run("cmms-field", "--version").stdout
    assert version == f"cmms-field {built.version.split('-')[0]}\n"


def test_its_window_opens(rpm: Rpm, screen: Screen, proving: Path, pictures: Path) -> None:
    log = proving / "rpm.log"
    running = rpm.root.start("cmms-field", env={"DISPLAY": screen.name, "HOME": "/srv"}, log=log)
    try:
        screen.window()
        time.sleep(LOADED_S)
        screen.picture(pictures / "rpm.png")
        assert running.poll() is None, log.read_text()
    finally:
        running.kill()
        running.wait()
    assert "Traceback" not in log.read_text()
    assert (rpm.root.folder / WORK / "profile.json").exists()


def test_removed_it_leaves_nothing_but_the_work_of_people(rpm: Rpm) -> None:
    (rpm.root.folder / WORK / "own").write_text("hers")
    rpm("--force-debian", "-e", "cmms-field")
    assert not (rpm.root.folder / "usr/lib/cmms-field").exists()
    assert not (rpm.root.folder / "usr/bin/cmms-field").is_symlink()
    assert (rpm.root.folder / WORK / "own").read_text() == "hers"

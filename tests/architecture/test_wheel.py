"""An installed wheel is whole: fonts, icons and styles lie inside it, and the desktop finds them there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cmms_desktop.config import resources_folder
from tests.architecture.source_tree import ROOT, files

ASK = "from cmms_desktop.config import resources_folder; print(resources_folder())"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_an_installed_desktop_finds_its_resources_inside_itself(installed: Path) -> None:
    # -c puts the current folder first on the path, before the checkout.
    answer = subprocess.run(
        [sys.executable, "-c", ASK], cwd=installed, capture_output=True, text=True, timeout=60, check=True
    )
    assert Path(answer.stdout.strip()) == installed / "cmms_desktop" / "resources"


def test_every_resource_is_in_the_wheel(installed: Path) -> None:
    inside = installed / "cmms_desktop" / "resources"
    here = {path.relative_to(ROOT / "resources") for path in files(ROOT / "resources")}
    there = {path.relative_to(inside) for path in files(inside)}
    assert here
    assert there == here


def test_in_a_checkout_they_lie_beside_the_package() -> None:
    assert resources_folder() == ROOT / "resources"


def test_a_wheel_brings_nothing_else_to_the_top(installed: Path) -> None:
    assert {path.name.partition("-")[0] for path in installed.iterdir()} == {
        "cmms_desktop",
        "cmms_field",
        "sync_server",
    }

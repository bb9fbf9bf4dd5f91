"""Packages that are built, or given, once for all tests of this folder, which run only when they are asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.packages.bare_root import BareRoot
from tests.packages.built import Built, build, build_older, given
from tests.packages.screen import Screen, a_screen


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these out of every run that does not name their mark: each builds or installs for minutes."""
    here = Path(__file__).parent
    wanted = "package" in (config.option.markexpr or "")
    left_out = [item for item in items if here in item.path.parents and not wanted]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def proving() -> Iterator[Path]:
    """A folder on a disk that may hold devices, gone at the end."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="proving-", dir=ROOT / "build") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def bare(proving: Path) -> Iterator[BareRoot]:
    """A bare Debian that stays as it was made; whoever wants to change one copies it."""
    made = BareRoot.make(proving / "bare")
    yield made
    made.remove()


@pytest.fixture(scope="session")
def pictures(proving: Path) -> Path:
    """Where pictures go: `CMMS_PICTURES`, when somebody wants to look at them."""
    folder = Path(os.environ.get("CMMS_PICTURES") or proving / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    with a_screen() as made:
        yield made


@pytest.fixture(scope="session")
def built(proving: Path) -> Built:
    """Today's packages; `CMMS_PACKAGES` names a folder of packages to try instead of building them."""
    folder = os.environ.get("CMMS_PACKAGES")
    return given(Path(folder)) if folder else build(proving / "first", kept=proving / "compiled")


@pytest.fixture(scope="session")
def built_again(proving: Path) -> Built:
    """The same once more, in another place, where Python has kept what it compiled for the first one."""
    return build(proving / "elsewhere" / "second", kept=proving / "compiled")


@pytest.fixture(scope="session")
def older(proving: Path) -> Iterator[tuple[Built, Path]]:
    """A package of the last commit whose replica had one revision less, and its source."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("This is no repository, so that there is no older source here to build.")
    source = proving / "older-source"
    try:
        yield build_older(source, proving / "older", os.environ.get("CMMS_OLDER_PACKAGES")), source
    finally:
        subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", source], capture_output=True, check=False)

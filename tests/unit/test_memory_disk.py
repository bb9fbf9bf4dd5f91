"""The folder in memory is ours alone to fill and PostgreSQL's to walk through, or it is not used."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.memory_disk import MEMORY, PASSABLE, cluster_place, is_ours


@pytest.fixture(params=[0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_it_can_be_walked_through_whatever_this_person_usually_allows(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    for _ in range(2):
        assert is_ours(folder)
        assert folder.stat().st_mode & 0o777 == PASSABLE


def test_one_that_an_earlier_run_closed_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir(mode=0o700)
    assert is_ours(folder)
    assert folder.stat().st_mode & 0o777 == PASSABLE


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_not_followed(tmp_path: Path, *, is_there: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    if is_there:
        elsewhere.mkdir(mode=0o700)
    (tmp_path / "tests").symlink_to(elsewhere)
    assert not is_ours(tmp_path / "tests")
    assert elsewhere.exists() == is_there
    assert not is_there or elsewhere.stat().st_mode & 0o777 == 0o700


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("somebody's")
    assert not is_ours(tmp_path / "tests")


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [(MEMORY / "cmms-tests-7", str(MEMORY / "cmms-tests-7")), (Path("/var/elsewhere"), "/tmp"), (Path("/dev"), "/tmp")],
)
def test_a_postgresql_lies_in_memory_only_where_that_was_chosen(
    chosen: Path, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere its user might not be let through: a folder that somebody has set may be shut to others."""
    monkeypatch.setattr(tempfile, "tempdir", str(chosen))
    assert cluster_place() == expected

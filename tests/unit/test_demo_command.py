"""The arguments of the demonstration, before anything is played."""

from pathlib import Path

import pytest

from cmms_desktop.demo import command


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_imported_is_told_before_the_day_is_played(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_play", lambda _: pytest.fail("the day was played"))
    assert command.main(["--import", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"There is no file {tmp_path / name} to import.\n"

"""Preferences: whatever lies in the file, the program starts; whatever is changed is found again."""

import json
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.application.preferences import (
    BYTES_MAX,
    UNREADABLE,
    KeptPreferences,
    Loaded,
    Preferences,
    PreferencesFile,
)

CHANGED = Preferences(theme="sunlight", font_setting="largest", positioning="serial", serial_line="COM3")


def a_file(folder: Path, content: bytes | None = None) -> PreferencesFile:
    path = folder / "preferences.json"
    if content is not None:
        path.write_bytes(content)
    return PreferencesFile(path)


def test_no_file_means_the_usual_preferences_and_nothing_to_say(tmp_path: Path) -> None:
    assert a_file(tmp_path / "missing").load() == Loaded(Preferences())


def test_what_was_stored_is_loaded_again(tmp_path: Path) -> None:
    file = a_file(tmp_path / "made on the way")
    file.store(CHANGED)
    assert file.load() == Loaded(CHANGED)
    assert [path.name for path in (tmp_path / "made on the way").iterdir()] == ["preferences.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"theme": NaN}', b"[" * 50_000, b" " * (BYTES_MAX + 1), b'"text"'],
)
def test_rubbish_costs_the_preferences_never_the_start(tmp_path: Path, content: bytes) -> None:
    assert a_file(tmp_path, content).load() == Loaded(Preferences(), UNREADABLE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "neon"),
        ("theme", None),
        ("receiver_port", 0),
        ("receiver_port", "2947"),
        ("receiver_port", 70_000),
        ("serial_speed_baud", -1),
        ("window_geometry", ["x"]),
        ("positioning", "magic"),
    ],
)
def test_one_bad_value_costs_that_value_alone(tmp_path: Path, name: str, value: Any) -> None:
    content = json.dumps({"font_setting": "large", name: value}).encode()
    assert a_file(tmp_path, content).load() == Loaded(Preferences(font_setting="large"), UNREADABLE)


def test_a_name_of_a_newer_program_is_passed_over_in_silence(tmp_path: Path) -> None:
    assert a_file(tmp_path, b'{"theme": "dark", "hologram": true}').load() == Loaded(Preferences(theme="dark"))


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    kept = KeptPreferences(file=PreferencesFile(tmp_path / "in the way" / "preferences.json"))
    kept.change(theme="dark")
    assert kept.get().theme == "dark"


def test_a_change_tells_at_once_and_is_written_later(tmp_path: Path) -> None:
    file, later, told = a_file(tmp_path), list[Any](), list[Preferences]()
    kept = KeptPreferences(file.load().preferences, file=file, later=later.append, problem=UNREADABLE)
    stop = kept.on_changed(told.append)
    kept.change(theme="dark")
    kept.change(theme="dark")
    assert [each.theme for each in told] == ["dark"]
    assert kept.problem is None
    assert file.load().preferences.theme == "light"
    kept.change(font_setting="small")
    for write in reversed(later):
        write()
    assert file.load().preferences == Preferences(theme="dark", font_setting="small")
    stop()
    stop()
    kept.change(theme="light")
    assert len(told) == 2


def test_a_name_that_there_is_not_is_a_bug() -> None:
    with pytest.raises(TypeError):
        KeptPreferences().change(colour="dark")

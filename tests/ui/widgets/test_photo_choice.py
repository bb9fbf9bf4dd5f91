"""The chooser for photos: one of a window, for one place at a time, empty each time."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.widgets.photo_choice import PhotoChoice, chooser_of
from tests.ui.widgets.showing import show


class Places(QWidget):
    """Two places of one window that want photos."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = QWidget(), QWidget()
        row = QHBoxLayout(self)
        row.addWidget(self.one)
        row.addWidget(self.other)


@pytest.fixture
def places(qtbot: QtBot) -> Places:
    made = Places()
    show(qtbot, made, width=300)
    return made


def listened(choice: PhotoChoice) -> list[tuple[str, tuple[Path, ...]]]:
    told: list[tuple[str, tuple[Path, ...]]] = []
    choice.chosen.connect(lambda subject, paths: told.append((subject, paths)))
    return told


def name_field(chooser: QFileDialog) -> QLineEdit:
    field = chooser.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(field, QLineEdit)
    return field


def write_and_accept(qtbot: QtBot, choice: PhotoChoice, words: str) -> None:
    assert choice.dialog is not None
    name_field(choice.dialog).setText(words)
    buttons = choice.dialog.findChildren(QPushButton)
    (opening,) = [button for button in buttons if button.text() == "&Open"]
    qtbot.mouseClick(opening, Qt.MouseButton.LeftButton)


def test_one_chooser_serves_all_places_of_a_window_each_with_its_own_choice(
    qtbot: QtBot, places: Places, tmp_path: Path
) -> None:
    files = [tmp_path / "pump.png", tmp_path / "label.png"]
    for file in files:
        file.touch()
    one, other = PhotoChoice(places.one), PhotoChoice(places.other, several=True)
    told, told_other = listened(one), listened(other)

    one.open("item 1")
    write_and_accept(qtbot, one, str(files[0]))
    other.open("", "Add photo")
    chooser_of(places.window()).setDirectory(str(tmp_path))
    write_and_accept(qtbot, other, " ".join(f'"{file.name}"' for file in files))

    one.open("item 2")
    assert one.dialog is not None
    assert files[0] not in map(Path, one.dialog.selectedFiles())
    one.close()

    assert told == [("item 1", (files[0],))]
    assert told_other == [("", tuple(files))]
    assert len(places.window().findChildren(QFileDialog)) == 1
    assert one.dialog is other.dialog is None


def test_it_opens_for_one_place_at_a_time(qtbot: QtBot, places: Places, tmp_path: Path) -> None:
    file = tmp_path / "pump.png"
    file.touch()
    one, other = PhotoChoice(places.one), PhotoChoice(places.other)
    told, told_other = listened(one), listened(other)
    one.open("item 1")
    other.open("item 2")
    assert one.dialog is None
    assert other.dialog is chooser_of(places.window())
    assert other.dialog.isVisible()
    write_and_accept(qtbot, other, str(file))
    assert (told, told_other) == ([], [("item 2", (file,))])


def test_what_was_written_before_is_gone_when_it_opens_again(qtbot: QtBot, places: Places) -> None:
    choice = PhotoChoice(places.one)
    choice.open("item 1")
    chooser = choice.dialog
    assert chooser is not None
    qtbot.keyClicks(name_field(chooser), "half a na")
    choice.close()
    assert not chooser.isVisible()
    choice.open("item 2")
    assert choice.dialog is chooser
    assert name_field(chooser).text() == ""
    choice.close()

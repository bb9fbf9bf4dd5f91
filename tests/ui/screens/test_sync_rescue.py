"""The rescue file on the sync page: everything unsent in one file, and a sentence for whatever refuses it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.errors import EnvironmentFailure
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.sync.rescue import RescuePresenter, RescueState
from cmms_desktop.ui.screens.sync.rescue_card import RescueCard
from cmms_desktop.ui.screens.sync.view import SyncPage
from sync_server.application.rescue import read_rescue
from sync_server.cli.rescuing import _sentence
from sync_server.contract.rules.profile import TRAINING
from tests.ui.stage import RECOVERY, Stage


def unreal(stage: Stage) -> None:
    """Let the session be of an installation for training."""
    stage.session.signed_in = replace(stage.session.signed_in, is_training=True)


def test_the_file_of_an_exercise_says_so_in_its_name_in_words_and_to_whoever_opens_it(
    qtbot: QtBot, stage: Stage, tmp_path: Path
) -> None:
    unreal(stage)
    card = opened_card(qtbot, stage)
    assert Path(card.field.text()).name == "training-technician-2026-03-12.cmms-rescue"
    path = tmp_path / "mine.cmms-rescue"
    assert TRAINING in save_as(qtbot, card, path)
    contents = read_rescue(path, RECOVERY)
    assert contents.manifest is not None
    assert contents.manifest.training
    assert _sentence(contents.manifest, "held").endswith(f". {TRAINING}")


@pytest.fixture
def card(qtbot: QtBot, stage: Stage) -> RescueCard:
    return opened_card(qtbot, stage)


def opened_card(qtbot: QtBot, stage: Stage) -> RescueCard:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "Typed in the basement.")
    page = SyncPage(stage.context, Place.of("sync"))
    qtbot.addWidget(page)
    page.resize(1280, 720)
    page.show()
    page.follow_size()
    page.start()
    qtbot.mouseClick(page.rescue.begin, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    return page.rescue


def save_as(qtbot: QtBot, card: RescueCard, path: Path) -> str:
    """Type a place, press Enter; give everything that the card says then."""
    card.field.line.setFocus()
    card.field.line.selectAll()
    qtbot.keyClicks(card.field.line, str(path))
    qtbot.keyClick(card.field.line, Qt.Key.Key_Return)
    QApplication.processEvents()
    return f"{card._message.text()} {card.field.error}"


def test_everything_unsent_is_in_the_file_that_it_names(
    qtbot: QtBot, stage: Stage, card: RescueCard, tmp_path: Path
) -> None:
    assert card.field.text().endswith("technician-2026-03-12.cmms-rescue")
    path = tmp_path / "mine.cmms-rescue"
    said = save_as(qtbot, card, path)
    assert f"1 change and 0 photos saved as {path}" in said
    contents = read_rescue(path, RECOVERY)
    assert contents.manifest is not None
    assert (contents.manifest.changes, contents.manifest.person_id) == (1, stage.session.signed_in.person_id)
    assert not contents.manifest.training
    assert TRAINING not in said + _sentence(contents.manifest, "held")
    assert b"Typed in the basement." in bytes(contents.pushes[0].mutations[0])
    assert card.begin.isVisible()
    assert len(stage.session.outbox.waiting()) == 1, "it stays here too"


def test_a_place_that_cannot_be_used_is_told_below_the_field(qtbot: QtBot, card: RescueCard, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"mine")
    assert "already" in save_as(qtbot, card, tmp_path / "there")
    assert "does not exist" in save_as(qtbot, card, tmp_path / "nowhere" / "file")
    assert "saved as" in save_as(qtbot, card, tmp_path / "file")


def test_not_now_waits_until_the_file_is_written(stage: Stage, tmp_path: Path) -> None:
    """Nobody gives a device away for a file that is not there: what became of it is told."""
    said: list[RescueState] = []
    waiting: list[Callable[[], None]] = []

    class Card:
        def show_state(self, state: RescueState) -> None:
            said.append(state)

    class Later:
        def run(self, work: Any, then: Any = None, *, refused: Any = None) -> None:
            waiting.append(partial(refused, EnvironmentFailure("The file could not be written.")))

    presenter = RescuePresenter(replace(stage.context, background=Later()), Card())  # type: ignore[arg-type]
    presenter.type_path(str(tmp_path / "mine"))
    presenter.write()
    presenter.leave()
    waiting.pop()()
    assert said[-1] == RescueState(path=str(tmp_path / "mine"), problem="The file could not be written.")


def test_not_now_leaves_everything_as_it_was(qtbot: QtBot, card: RescueCard) -> None:
    qtbot.mouseClick(card.leave, Qt.MouseButton.LeftButton)
    assert card.begin.isVisible()
    assert not card.field.isVisible()

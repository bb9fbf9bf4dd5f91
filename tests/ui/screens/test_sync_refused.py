"""What needs attention on the sync page: what was refused and why, and what a person decides about it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.application.queries import sync_page as queries
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.sync.attention_parts import ExportPart, FixPart
from cmms_desktop.ui.screens.sync.view import SyncPage
from cmms_desktop.ui.widgets.buttons import ActionButton
from sync_server.contract.rules.profile import TRAINING
from tests.ui.screens.office_news import bring, conflict, send_all
from tests.ui.screens.sync_page import (
    REASON,
    button,
    card,
    open_page,
    press,
    refuse_an_answer,
)
from tests.ui.stage import Stage


def test_a_refusal_says_what_why_and_what_is_kept(qtbot: QtBot, stage: Stage) -> None:
    refuse_an_answer(stage)
    shown = card(open_page(qtbot, stage))
    assert "was refused" in shown._title.text()
    assert shown._text.text().startswith(REASON)
    assert "Note: Door was open" in shown._kept.text()


@pytest.mark.smoke
def test_a_refused_value_is_corrected_and_sent_again_as_a_new_change(qtbot: QtBot, stage: Stage) -> None:
    item = refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    press(qtbot, button(card(page), "Fix"))
    part = card(page)._part
    assert isinstance(part, FixPart)
    field = part._boxes["note"]._field
    assert field is not None
    editor = field.editor
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, "Door was locked")
    press(qtbot, button(part, "Send again"))
    assert not stage.session.outbox.parked()
    (entry,) = stage.session.outbox.waiting()
    assert entry.set["note"][1] == "Door was locked"
    row = stage.replica.get("checklist_item", item)
    assert row is not None
    assert (row["note"], row["result"]) == ("Door was locked", "fail")
    assert not page.attention.widgets()


def test_a_half_typed_correction_is_found_again_after_the_program_died(qtbot: QtBot, stage: Stage) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    press(qtbot, button(card(page), "Fix"))
    mutation_id = page._presenter._page.refused[0].cause.mutation_id  # type: ignore[union-attr]
    page._presenter.enter(mutation_id, "note", "Door was lo")
    page.stop()
    again = open_page(qtbot, stage)
    press(qtbot, button(card(again), "Fix"))
    part = card(again)._part
    assert isinstance(part, FixPart)
    assert part._boxes["note"]._field is not None
    assert part._boxes["note"]._field.text() == "Door was lo"


def test_withdrawing_asks_in_place_and_takes_it_back(qtbot: QtBot, stage: Stage) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    press(qtbot, button(card(page), "Withdraw"))
    assert stage.session.outbox.parked(), "nothing happens before the answer"
    press(qtbot, button(card(page), "Keep it"))
    assert button(card(page), "Withdraw").isVisible()
    press(qtbot, button(card(page), "Withdraw"))
    press(qtbot, button(card(page), "Withdraw change"))
    assert not stage.session.outbox.parked()
    assert stage.navigator.toasts == ["Change withdrawn"]


def test_a_refused_step_is_exported_whole(qtbot: QtBot, stage: Stage, tmp_path: Path) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    press(qtbot, button(card(page), "Export"))
    part = card(page)._part
    assert isinstance(part, ExportPart)
    assert part.field.text().endswith("WO-0035-refused-2026-03-12.json")
    target = tmp_path / "kept.json"
    qtbot.keyClick(part.field.line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(part.field.line, str(target))
    press(qtbot, button(part, "Save file"))
    content = json.loads(target.read_text("utf-8"))
    assert content["changes"][0]["set"]["note"] == [None, "Door was open"]
    assert content["changes"][0]["reason"] == REASON
    assert "note" not in content
    assert str(target) in card(page)._message.text()
    assert target.stat().st_mode & 0o777 == 0o600, "what is encrypted here is nobody else's to read there"
    assert stage.session.outbox.parked(), "it stays here too"


def test_an_exported_step_of_an_exercise_says_so_in_the_file_and_in_its_name(
    qtbot: QtBot, stage: Stage, tmp_path: Path
) -> None:
    stage.session.signed_in = replace(stage.session.signed_in, is_training=True)
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    press(qtbot, button(card(page), "Export"))
    part = card(page)._part
    assert isinstance(part, ExportPart)
    assert Path(part.field.text()).name == "training-WO-0035-refused-2026-03-12.json"
    target = tmp_path / "kept.json"
    mutation_id = page._presenter._page.refused[0].cause.mutation_id  # type: ignore[union-attr]
    page._presenter.type_path(mutation_id, str(target))
    page._presenter.export(mutation_id)
    assert json.loads(target.read_text("utf-8"))["note"] == TRAINING


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("there.json", "A file of this name is there already."), ("no/such/folder.json", "This folder does not exist.")],
)
def test_an_export_that_cannot_be_written_says_so_at_its_field(
    qtbot: QtBot, stage: Stage, tmp_path: Path, name: str, sentence: str
) -> None:
    (tmp_path / "there.json").write_text("mine")
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    press(qtbot, button(card(page), "Export"))
    mutation_id = page._presenter._page.refused[0].cause.mutation_id  # type: ignore[union-attr]
    page._presenter.type_path(mutation_id, str(tmp_path / name))
    page._presenter.export(mutation_id)
    part = card(page)._part
    assert isinstance(part, ExportPart)
    assert part.field.error.startswith(sentence)
    assert (tmp_path / "there.json").read_text() == "mine"


def test_only_drafts_without_a_word_about_what_left_are_dropped(qtbot: QtBot, stage: Stage) -> None:
    presses, words = (f"answer:00000000-0000-7000-8000-00000000aa{n:02x}" for n in range(2))
    drafts = stage.context.drafts
    drafts.keep(presses, '{"result": "fail"}')
    drafts.keep(words, '{"result": "fail", "note": "Drips"}')
    stage.session.keep_notes({words: '{"result": "fail"}'})  # the words of the note are not written yet
    page = open_page(qtbot, stage)
    assert not page._attention_title.isVisible()
    assert (drafts.get(presses), drafts.get(words)) == (None, '{"result": "fail", "note": "Drips"}')
    assert presses not in stage.session.notes()


def test_all_that_was_refused_is_counted_however_little_of_it_is_listed(
    qtbot: QtBot, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_LINES", 3)
    for number in range(5):
        with stage.session.writing() as write:
            add_comment(write, stage.order_ids[0], f"Refused {number}")
    send_all(stage, comment__create=("record_locked", REASON))
    for number in range(4):
        with stage.session.writing() as write:
            add_comment(write, stage.order_ids[1], f"Held {number}")
    send_all(stage, comment__create=("held", "access_lost"))
    page = open_page(qtbot, stage)
    assert len(page.attention.widgets()) == 6
    assert page._attention_title._title.text() == "Needs attention, 9"
    assert page._attention_more.text() == "And 3 more, shown once some of these are settled"
    assert page._attention_more.isVisible()
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE))
    assert page.changes._badge is not None
    assert page.changes._badge.spec.text == "5 refused"


def test_conflicts_and_held_changes_lead_to_the_inbox(qtbot: QtBot, stage: Stage) -> None:
    order = stage.order_ids[0]
    with stage.session.writing() as write:
        add_comment(write, order, "Late")
    send_all(stage, comment__create=("held", "access_lost"))
    bring(stage, conflict(stage, 1, order, "priority", ("medium", "high", "critical")))
    page = open_page(qtbot, stage)
    kinds = [each._item.kind for each in page.attention.widgets()]
    assert kinds == ["conflict", "held"]
    press(qtbot, button(page.attention.widgets()[0], "Compare"))
    press(qtbot, button(page.attention.widgets()[1], "Read"))
    opened = [place.get("conflict_id") for place in stage.navigator.places]
    assert opened[0] == order
    assert opened[1].startswith("held:")


def test_no_correction_is_lost_when_the_page_goes_right_after_the_press(qtbot: QtBot, stage: Stage) -> None:
    refuse_an_answer(stage)
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    page = SyncPage(replace(stage.context, background=background), Place.of("sync"))
    qtbot.addWidget(page)
    page.show()
    page.start()
    qtbot.waitUntil(lambda: bool(page.attention.widgets()))
    mutation_id = page._presenter._page.refused[0].cause.mutation_id  # type: ignore[union-attr]
    page._presenter.begin_fix(mutation_id)
    page._presenter.enter(mutation_id, "note", "Right")
    page._presenter.send_again(mutation_id)
    page.stop()
    background.close()
    assert stage.session.outbox.waiting()[0].set["note"][1] == "Right"


def test_status_changes_do_not_build_the_cards_anew(qtbot: QtBot, stage: Stage) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    before = card(page)
    for waiting in range(5):
        stage.conversation.say(SyncStatus(connection=Connection.SENDING, sending=5, waiting=waiting))
    assert card(page) is before


def test_on_a_small_window_everything_stays_inside_its_width(qtbot: QtBot, stage: Stage) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage, width=800)
    assert page.size_class == "compact"
    shown = card(page)
    assert shown.mapTo(page, shown.rect().topRight()).x() <= 800
    assert all(each.height() >= 44 for each in shown.findChildren(ActionButton) if each.isVisible())

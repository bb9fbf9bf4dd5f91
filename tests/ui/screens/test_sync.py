"""The sync page: says where everything is, and takes what a person decides about refused changes. Nothing is lost."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.checklists import complete_checklist_item
from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.application.queries import sync_page as queries
from cmms_desktop.application.queries.sync_page import NoticeLine, sync_page
from cmms_desktop.replica.sync_state import Notice
from cmms_desktop.sync.status import Connection, SyncStatus, Trouble
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.sync.attention_card import AttentionCard
from cmms_desktop.ui.screens.sync.attention_parts import ExportPart, FixPart
from cmms_desktop.ui.screens.sync.list_words import trouble_lines
from cmms_desktop.ui.screens.sync.view import SyncPage
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.widgets.buttons import ActionButton
from tests.ui.screens.office_news import bring, conflict, edited, send_all
from tests.ui.stage import Stage, a_stage, rows

AT = "2026-03-12T06:58:00.000000Z"
REASON = "The office closed this checklist at 09:12."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "store") as made:
        yield made


def open_page(qtbot: QtBot, stage: Stage, *, width: int = 1280) -> SyncPage:
    page = SyncPage(stage.context, Place.of("sync"))
    qtbot.addWidget(page)
    page.resize(width, 720)
    page.show()
    page.follow_size()
    page.start()
    QApplication.processEvents()
    return page


def an_item(stage: Stage, number: int = 0) -> str:
    order = stage.order_ids[0]
    items = [
        id_
        for (entity, id_), row in rows().items()
        if entity == "checklist_item" and row["aggregate_id"] == order and row["kind"] == "pass_fail"
    ]
    return items[number]


def refuse_an_answer(stage: Stage, note: str = "Door was open") -> str:
    """An answer that the server refused; gives its item."""
    item = an_item(stage)
    with stage.session.writing() as write:
        complete_checklist_item(write, item, result="fail", note=note)
    send_all(stage, checklist_item__set=("record_locked", REASON))
    return item


def card(page: SyncPage) -> AttentionCard:
    QApplication.processEvents()
    found = page.attention.widgets()[0]
    assert isinstance(found, AttentionCard)
    return found


def button(widget: AttentionCard | FixPart | ExportPart, text: str) -> QPushButton:
    return next(each for each in widget.findChildren(ActionButton) if each.text() == text and each.isVisible())


def press(qtbot: QtBot, widget: QPushButton) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def a_cycle_ends(stage: Stage) -> None:
    """The server accepted everything, and the sync thread tells."""
    send_all(stage)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, last_sync_at=AT, received_rows=1))
    QApplication.processEvents()


def figures(page: SyncPage) -> list[str]:
    return [cell._number.text() for cell in page.figures._cells]


# ---- how far everything has come


def test_every_change_counts_in_the_lane_it_has_reached(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "First")
    page = open_page(qtbot, stage)
    assert figures(page) == ["1", "0", "0", "0"]
    a_cycle_ends(stage)
    assert figures(page) == ["0", "1", "0", "0"]
    bring(stage, edited(stage, "work_order", stage.order_ids[1], title="Anything"))
    assert figures(page) == ["0", "0", "1", "0"]
    stage.replica.remember(durable_seq=stage.session.state().pulled_seq)
    page._presenter.refresh()
    assert figures(page) == ["0", "0", "1", "1"]


@pytest.mark.parametrize(
    ("status", "words", "badge"),
    [
        (SyncStatus(connection=Connection.SENDING, sending=14, waiting=4), "10 of 14 sent", "Sending"),
        (SyncStatus(connection=Connection.SENDING, sending=14, waiting=0), "14 of 14 sent", "Text safe"),
        (SyncStatus(connection=Connection.OFFLINE, waiting=3), "3 changes wait for coverage", "Waiting"),
        (SyncStatus(connection=Connection.SIGN_IN, waiting=1), "1 change waits for a sign-in", "Waiting"),
        (SyncStatus(connection=Connection.ONLINE, waiting=0), "Everything sent", "Text safe"),
    ],
)
def test_the_lane_of_changes_says_how_things_stand(
    qtbot: QtBot, stage: Stage, status: SyncStatus, words: str, badge: str
) -> None:
    page = open_page(qtbot, stage)
    stage.conversation.say(status)
    assert page.changes._words.text() == words
    assert page.changes._badge is not None
    assert page.changes._badge is not None
    assert page.changes._badge.spec.text == badge


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (SyncStatus(connection=Connection.ONLINE, waiting=0, attention=1), "Everything else sent"),
        (SyncStatus(connection=Connection.SENDING, sending=14, waiting=0, attention=1), "14 of 14 answered"),
    ],
)
def test_nothing_is_called_safe_or_all_sent_while_a_change_is_refused(
    qtbot: QtBot, stage: Stage, status: SyncStatus, words: str
) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    stage.conversation.say(status)
    assert page.changes._words.text() == words
    assert page.changes._badge is not None
    assert page.changes._badge is not None
    assert page.changes._badge.spec.text == "Refused"
    assert page.figures._cells[0]._detail.text() == "1 refused, see below"


def test_a_local_save_is_never_called_sent(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "First")
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(connection=Connection.OFFLINE, waiting=1, last_sync_at=AT))
    assert page.figures._cells[0]._detail.text() == "saved, not sent yet"
    assert "sent" not in page.changes._words.text().casefold()


def test_waiting_changes_are_listed_in_words(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "First")
    page = open_page(qtbot, stage)
    assert [row._text.text() for row in page.waiting.widgets()] == ["Comment on WO-0035"]
    a_cycle_ends(stage)
    assert not page._waiting.isVisible()


def test_the_last_troubles_are_told_in_words_with_their_times(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(troubles=(Trouble(AT, "The server is busy."),)))
    (row,) = page.troubles.widgets()
    assert (row._text.text(), row._time.text()) == ("The server is busy.", "06:58")


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (38, "The server was restored. 38 changes were sent again."),
        (1, "The server was restored. 1 change was sent again."),
        (0, "The server was restored. It had everything from this device."),
    ],
)
def test_a_restored_server_is_told_for_long(qtbot: QtBot, stage: Stage, count: int, sentence: str) -> None:
    stage.replica.remember(notices=(Notice(AT, "restored", count),))
    page = open_page(qtbot, stage)
    (row,) = page.troubles.widgets()
    assert (row._text.text(), row._time.text()) == (sentence, "06:58")
    stage.conversation.say(SyncStatus(troubles=(Trouble("2026-03-02T05:00:00.000000Z", "The server is busy."),)))
    assert len(page.troubles.widgets()) == 2


def told(stage: Stage, *notices: Notice, again: int = 0) -> list[str]:
    """Sentences of the notices, as the page lists them."""
    with stage.session.reading() as reading:
        page = replace(
            sync_page(reading), notices=tuple(NoticeLine(n.at, n.kind, n.count) for n in notices), again=again
        )
    return [line.text for line in trouble_lines(SyncStatus(), page, Moments(), stage.context.clock())]


def test_changes_of_a_restore_are_not_called_sent_while_something_newer_is_told(stage: Stage) -> None:
    older, restored, newer = (f"2026-03-0{day}T08:00:00.000000Z" for day in (3, 4, 5))
    notices = (Notice(newer, "healing", 3), Notice(restored, "restored", 38), Notice(older, "restored", 2))
    assert told(stage, *notices, again=38)[1:] == [
        "The server was restored. Sending 38 changes again.",
        "The server was restored. 2 changes were sent again.",
    ]
    assert told(stage, *notices)[1] == "The server was restored. 38 changes were sent again."
    again_restored = Notice(newer, "restored", 0)  # it lacks still what the one before had lost
    assert told(stage, again_restored, again=38) == ["The server was restored. Sending 38 changes again."]


@pytest.mark.parametrize(
    ("kind", "count", "sentence"),
    [
        (
            "healing",
            3,
            "This device had to fetch records again for the 3rd time within a day. Tell your administrator.",
        ),
        (
            "healing",
            12,
            "This device had to fetch records again for the 12th time within a day. Tell your administrator.",
        ),
        (
            "guarded",
            1,
            "The server would have removed 1 record at once. It is kept here; tell your administrator.",
        ),
        (
            "guarded",
            900,
            "The server would have removed 900 records at once. They are kept here; tell your administrator.",
        ),
    ],
)
def test_a_notice_says_how_often_and_how_many(stage: Stage, kind: str, count: int, sentence: str) -> None:
    assert told(stage, Notice(AT, kind, count)) == [sentence]


def test_a_notice_of_another_version_takes_no_line(qtbot: QtBot, stage: Stage) -> None:
    stage.replica.remember(notices=(Notice(AT, "of_a_newer_version", 7),))
    page = open_page(qtbot, stage)
    assert not page.troubles.widgets()
    assert not page._troubles.isVisible()


def test_what_is_not_there_is_not_shown(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    assert not page._attention_title.isVisible()
    assert not page._troubles.isVisible()
    assert not page.footer.secondary.isVisible(), "no photos, nothing to pause"


def test_the_buttons_reach_the_conversation(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, photos=2))
    press(qtbot, page.footer.secondary)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, photos=2, are_photos_paused=True))
    assert page.footer.secondary.text() == "Send photos"
    press(qtbot, page.footer.secondary)
    primary = page.primary()
    assert primary is not None
    press(qtbot, primary)
    assert stage.conversation.asked == ["pause True", "pause False", "sync"]


def test_photos_that_wait_for_an_unmetered_network_say_so_and_are_sent_by_one_press(qtbot: QtBot, stage: Stage) -> None:
    with stage.replica.write() as write:
        write.add_blob("ab" * 32, media_type="image/png", size_bytes=2_000_000)
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, photos=1, are_photos_waiting_for_unmetered=True))
    assert "waiting for an unmetered network" in page.photos.bar.accessibleDescription()
    assert page.footer.secondary.text() == "Send now"
    press(qtbot, page.footer.secondary)
    assert stage.conversation.asked == ["photos now"]


# ---- needs attention


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
    assert str(target) in card(page)._message.text()
    assert target.stat().st_mode & 0o777 == 0o600, "what is encrypted here is nobody else's to read there"
    assert stage.session.outbox.parked(), "it stays here too"


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

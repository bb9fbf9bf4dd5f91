"""The inbox: both sides side by side, settled in one write, nothing chosen lost, the losing value readable for ever."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.conflicts import settle
from cmms_desktop.application.queries.inbox import ConflictLine, inbox
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.inbox.field_block import FieldBlockView
from cmms_desktop.ui.screens.inbox.view import InboxPage
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited, held, held_id
from tests.ui.stage import Stage, a_stage, rows

BEFORE = "Runs normally. Remote works."
MINE = "Runs normally. Safety edge is torn."
THEIRS = "Runs normally. Remote fails too."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        order, other = made.order_ids[:2]
        bring(
            made,
            conflict(made, 1, order, "description", (BEFORE, MINE, THEIRS)),
            conflict(made, 2, order, "priority", ("medium", "high", "critical")),
            conflict(made, 3, other, "title", ("Old", "Mine", "Theirs")),
            edited(made, "work_order", order, description=THEIRS, priority="critical"),
            edited(made, "work_order", other, title="Theirs"),
        )
        yield made


def open_page(qtbot: QtBot, stage: Stage, *, width: int = 1280, **values: str) -> InboxPage:
    page = InboxPage(stage.context, Place.of("inbox", **values))
    qtbot.addWidget(page)
    page.resize(width, 720 if width > 1000 else 372)
    page.show()
    page.follow_size()
    page.start()
    return page


def block(page: InboxPage, number: int) -> FieldBlockView:
    QApplication.processEvents()
    found = page.detail.conflict._blocks.widget(conflict_id(number))
    assert isinstance(found, FieldBlockView)
    return found


def lines(stage: Stage) -> dict[str, ConflictLine]:
    with stage.session.reading() as reading:
        page = inbox(reading)
    return {line.id: line for group in (*page.open, *page.settled) for line in group.conflicts}


def click(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[arg-type]


# ---- what is shown


def test_the_three_columns_show_every_value_with_the_changed_words_marked(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    cards = block(page, 1)
    texts = [card._text for card in (cards.before, cards.mine, cards.theirs)]
    assert [text.accessibleName() for text in texts] == [BEFORE, MINE, THEIRS]
    assert [text.accessibleDescription() for text in texts] == [
        "Removed: Remote works.",
        "Changed: Safety edge is torn.",
        "Changed: fails too.",
    ]


def test_conflicts_of_one_order_stand_together_and_the_newest_comes_first(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    QAbstractItemModelTester(page.list.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert len(page.list.model.rows()) == 2
    assert page.list.tabs.button("open").text() == "Open 2"


def test_text_of_the_server_is_never_read_as_markup(qtbot: QtBot, stage: Stage) -> None:
    nasty = "<b>bold</b> <img src='file:///etc/passwd'>"
    order = stage.order_ids[2]
    bring(
        stage, conflict(stage, 9, order, "title", ("x", nasty, nasty)), edited(stage, "work_order", order, title=nasty)
    )
    page = open_page(qtbot, stage, conflict_id=conflict_id(9))
    assert block(page, 9).mine._text.accessibleName() == nasty
    assert page.detail.header._title.textFormat() is Qt.TextFormat.PlainText


def test_nothing_in_conflict_says_so_with_its_age(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path) as empty:
        page = open_page(qtbot, empty)
        assert page.list.empty.isVisible()
        assert page.list.empty._title.text() == "Nothing in conflict"
        assert page.primary() is None


# ---- settling


@pytest.mark.smoke
def test_two_fields_are_settled_in_one_write_and_the_next_conflict_follows(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    click(qtbot, block(page, 1).mine.keep)
    click(qtbot, block(page, 2).theirs.keep)
    assert block(page, 1).mine.keep.text() == "Kept: mine"
    qtbot.keyClicks(page.detail.conflict.reason.line, "Seen on site")
    click(qtbot, page.detail.footer.primary)
    settled = lines(stage)
    assert [settled[conflict_id(n)].resolution for n in (1, 2, 3)] == ["mine", "theirs", None]
    assert settled[conflict_id(1)].reason == "Seen on site"
    order = stage.replica.get("work_order", stage.order_ids[0])
    assert order is not None
    assert (order["description"], order["priority"]) == (MINE, "critical")
    assert len({entry.group_id for entry in stage.session.outbox.waiting()}) == 1
    assert stage.navigator.toasts == ["2 fields settled"]
    assert page.detail._detail is not None
    assert page.detail._detail.id == stage.order_ids[1]


def test_the_losing_value_stays_readable_under_settled(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).theirs.keep)
    click(qtbot, page.detail.footer.primary)
    click(qtbot, page.list.tabs.button("settled"))
    cards = block(page, 3)
    assert cards.mine._text.accessibleName() == "Mine"
    assert cards.theirs._kept is not None
    assert cards.theirs._kept.isVisible()
    assert cards.theirs._kept.spec.text == "Kept: office"
    assert not cards.theirs.keep.isVisible()


def test_a_third_value_is_entered_in_place(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).edit)
    entry = block(page, 3)._entry
    assert entry is not None
    assert entry._field is not None
    editor = entry._field.editor
    assert page.focusWidget() is editor
    qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, "Both of us")
    click(qtbot, page.detail.footer.primary)
    assert lines(stage)[conflict_id(3)].resolution == "edited"
    order = stage.replica.get("work_order", stage.order_ids[1])
    assert order is not None
    assert order["title"] == "Both of us"


def test_an_empty_third_value_is_refused_below_its_field(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    page._presenter.enter(conflict_id(3), "  ")
    click(qtbot, page.detail.footer.primary)
    entry = block(page, 3)._entry
    assert entry is not None
    assert entry._field is not None
    assert entry._field.error == "Enter the text to keep."
    assert lines(stage)[conflict_id(3)].resolution is None


def test_settling_without_a_choice_says_what_is_missing(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    click(qtbot, page.detail.footer.primary)
    assert page.detail.conflict.problem.isVisible()
    assert not stage.session.outbox.waiting()


def test_a_conflict_that_was_settled_elsewhere_leaves_by_itself(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).mine.keep)
    with stage.session.writing() as write:
        settle(write, conflict_id(3), "theirs")
    assert page.detail._detail is not None
    assert page.detail._detail.id == stage.order_ids[0], "it went to Settled by itself"


# ---- keyboard


def test_everything_is_settled_by_keyboard(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    first = [view._block.id for view in page.detail.conflict._blocks.widgets()]
    assert page.take_key("T")
    assert page.take_key("o")
    assert not page.take_key("X")
    primary = page.primary()
    assert primary is not None
    qtbot.keyClick(primary, Qt.Key.Key_Space)
    assert [lines(stage)[each].resolution for each in first] == ["mine", "theirs"]


def test_arrow_keys_walk_through_the_list(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    page.list.view.setFocus()
    before = page.detail._detail
    qtbot.keyClick(page.list.view, Qt.Key.Key_Down)
    assert page.detail._detail is not None
    assert page.detail._detail != before


# ---- nothing is lost


def test_choices_and_the_reason_are_found_again_after_the_program_died(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(1))
    click(qtbot, block(page, 2).mine.keep)
    qtbot.keyClicks(page.detail.conflict.reason.line, "half a rea")
    page.stop()
    again = open_page(qtbot, stage, conflict_id=conflict_id(1))
    assert block(again, 2).mine.keep.isChecked()
    assert again.detail.conflict.reason.text() == "half a rea"
    assert stage.session.notes()


def test_a_draft_is_dropped_once_it_became_a_mutation(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, conflict_id=conflict_id(3))
    click(qtbot, block(page, 3).mine.keep)
    click(qtbot, page.detail.footer.primary)
    assert not [name for name in stage.session.notes() if name.startswith("inbox:")]


def test_no_mutation_is_lost_when_the_page_goes_right_after_the_tap(qtbot: QtBot, stage: Stage) -> None:
    background = QtBackground(stage.session, complain=lambda problem: pytest.fail(problem.sentence))
    context = replace(stage.context, background=background)
    page = InboxPage(context, Place.of("inbox", conflict_id=conflict_id(3)))
    qtbot.addWidget(page)
    page.resize(1280, 720)
    page.show()
    page.start()
    qtbot.waitUntil(page.detail.isVisible)
    click(qtbot, block(page, 3).mine.keep)
    click(qtbot, page.detail.footer.primary)
    page.stop()
    background.close()
    assert lines(stage)[conflict_id(3)].resolution == "mine"


# ---- kinds


def test_a_technicians_wish_waits_for_a_planner_and_can_only_be_withdrawn(qtbot: QtBot, stage: Stage) -> None:
    order = stage.order_ids[2]
    day = "2026-03-13T12:00:00.000000Z"
    bring(stage, conflict(stage, 4, order, "due_at", (None, day, None), kind="request"))
    page = open_page(qtbot, stage, conflict_id=conflict_id(4))
    cards = block(page, 4)
    assert not cards.mine.keep.isVisible()
    assert cards.theirs.keep.isVisible()
    assert "planner" in cards._sentence.text()
    assert not page.take_key("T") or not stage.context.drafts.get(f"inbox:{order}")
    assert cards.theirs.keep.text() == "Take it back"
    click(qtbot, cards.theirs.keep)
    click(qtbot, page.detail.footer.primary)
    settled = lines(stage)[conflict_id(4)]
    assert (settled.resolution, settled.is_settled_by_author) == ("theirs", True)


def test_a_wish_of_another_can_only_be_read_and_stands_in_nothings_way(qtbot: QtBot, stage: Stage) -> None:
    order, day = stage.order_ids[2], "2026-03-13T12:00:00.000000Z"
    bring(stage, conflict(stage, 4, order, "due_at", (None, day, None), kind="request", author="supervisor"))
    page = open_page(qtbot, stage, conflict_id=conflict_id(4))
    cards = block(page, 4)
    assert not cards.mine.keep.isVisible()
    assert not cards.theirs.keep.isVisible()
    assert "planner" in cards._sentence.text()
    page.take_key("O")
    page.take_key("T")
    assert not stage.context.drafts.get(f"inbox:{order}")
    assert lines(stage)[conflict_id(4)].resolution is None


def test_a_supervisor_grants_a_wish(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path, "supervisor") as stage:
        order = next(
            str(row["id"]) for row in _orders(stage) if row["site_id"] and row["status"] in {"assigned", "in_progress"}
        )
        old = stage.replica.get("work_order", order)
        assert old is not None
        day = "2026-04-01T12:00:00.000000Z"
        bring(stage, conflict(stage, 4, order, "due_at", (old["due_at"], day, old["due_at"]), kind="request"))
        page = open_page(qtbot, stage, conflict_id=conflict_id(4))
        assert block(page, 4).mine.keep.text() == "Grant it"
        click(qtbot, block(page, 4).mine.keep)
        click(qtbot, page.detail.footer.primary)
        now = stage.replica.get("work_order", order)
        assert now is not None
        assert now["due_at"] == day


def _orders(stage: Stage) -> list[dict[str, object]]:
    with stage.session.reading() as reading:
        found = reading.cursor.execute("SELECT id, site_id, status FROM work_order ORDER BY id").fetchall()
    return [dict(zip(("id", "site_id", "status"), line, strict=True)) for line in found]


def test_a_state_that_cannot_follow_is_said_in_a_sentence(qtbot: QtBot, stage: Stage) -> None:
    order = stage.order_ids[2]
    bring(
        stage,
        conflict(stage, 4, order, "status", ("in_progress", "on_hold", "cancelled"), kind="status"),
        edited(stage, "work_order", order, status="cancelled"),
    )
    page = open_page(qtbot, stage, conflict_id=conflict_id(4))
    cards = block(page, 4)
    assert not cards.mine.keep.isVisible()
    assert cards._sentence.text().startswith("You set the state to On hold. Meanwhile it became Cancelled.")


def a_note_on_a_deleted_item(stage: Stage) -> str:
    """A conflict about it, the fourth; gives the item."""
    order = stage.order_ids[2]
    item = next(
        id_ for (entity, id_), row in rows().items() if entity == "checklist_item" and row["aggregate_id"] == order
    )
    deleted = edited(stage, "checklist_item", item, deleted_at="2026-03-12T06:00:00.000000Z")
    sides = (None, "Rust at the hinge", None)
    bring(stage, deleted, conflict(stage, 4, order, "note", sides, kind="deleted", target=("checklist_item", item)))
    return item


def test_a_change_of_something_deleted_can_be_restored_by_the_office(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as office:
        item = a_note_on_a_deleted_item(office)
        page = open_page(qtbot, office, conflict_id=conflict_id(4))
        assert block(page, 4).theirs._text.accessibleName() == "Deleted"
        click(qtbot, block(page, 4).mine.keep)
        click(qtbot, page.detail.footer.primary)
        restored = office.replica.get("checklist_item", item)
        assert restored is not None
        assert restored["note"] == "Rust at the hinge"


def test_a_technician_reads_what_was_deleted_and_may_leave_it_at_that(qtbot: QtBot, stage: Stage) -> None:
    a_note_on_a_deleted_item(stage)
    page = open_page(qtbot, stage, conflict_id=conflict_id(4))
    cards = block(page, 4)
    assert (cards.mine.keep.isVisible(), cards.theirs.keep.isVisible()) == (False, True)
    assert cards.mine._text.accessibleName() == "Rust at the hinge"
    assert "Only the office brings back what it deleted." in cards._sentence.text()


def test_a_whole_order_that_was_deleted_is_asked_about_in_words(qtbot: QtBot, tmp_path: Path) -> None:
    gone = "2026-03-12T05:12:00.000000Z"
    with a_stage(tmp_path / "supervisor", "supervisor") as office:
        order = office.order_ids[2]
        sides = (None, None, gone)
        asked = conflict(office, 4, order, "deleted_at", sides, kind="deleted", cause="deleted", theirs_at=gone)
        bring(office, edited(office, "work_order", order, deleted_at=gone), asked)
        page = open_page(qtbot, office, conflict_id=conflict_id(4))
        cards = block(page, 4)
        assert cards._label.text() == "The whole order"
        assert cards._sentence.text() == "Work was done on this order that the deletion did not know of."
        assert cards._note.text().startswith("The order stays deleted until somebody restores it; it was deleted at ")
        click(qtbot, cards.mine.keep)
        click(qtbot, page.detail.footer.primary)
        back = office.replica.get("work_order", order)
        assert back is not None
        assert back["deleted_at"] is None


# ---- why


def test_every_field_says_why_its_value_stands(qtbot: QtBot, stage: Stage) -> None:
    order = stage.order_ids[2]
    saved = "2026-03-12T05:12:00.000000Z"
    bring(
        stage,
        conflict(stage, 5, order, "title", ("a", "b", "c"), cause="saved_first", theirs_at=saved),
        conflict(stage, 6, order, "due_at", (None, saved, None), kind="request", cause="planning"),
    )
    page = open_page(qtbot, stage, conflict_id=conflict_id(5))
    assert block(page, 5)._note.text().startswith("The office's value stays: it was saved first, at ")
    assert block(page, 6)._note.text() == (
        "The office's value stays: planning is decided there, and this is now a request."
    )


def test_a_merge_of_texts_asks_nobody(qtbot: QtBot, stage: Stage) -> None:
    order = stage.order_ids[2]
    bring(stage, conflict(stage, 5, order, "description", ("a", "b", "c"), kind="merged", resolution="edited"))
    page = open_page(qtbot, stage)
    assert page.list.tabs.button("open").text() == "Open 2"
    assert page.list.tabs.button("settled").text() == "Settled 0"


def test_a_comment_on_a_deleted_order_is_one_thing_to_settle(qtbot: QtBot, stage: Stage) -> None:
    order, target = stage.order_ids[2], ("comment", "00000000-0000-7000-8000-0000000b0001")
    made = {"text": "Gate is locked", "work_order_id": order, "author_id": stage.person_id}
    bring(
        stage,
        *(
            conflict(stage, 10 + number, order, field, (None, value, None), kind="deleted", target=target)
            for number, (field, value) in enumerate(made.items())
        ),
    )
    page = open_page(qtbot, stage, conflict_id=conflict_id(10))
    assert len(page.detail.conflict._blocks.widgets()) == 1
    assert not block(page, 10).mine.keep.isVisible(), "a comment is append-only: it can be read, not brought back"
    click(qtbot, block(page, 10).theirs.keep)
    click(qtbot, page.detail.footer.primary)
    assert {lines(stage)[conflict_id(10 + number)].resolution for number in range(3)} == {"theirs"}


# ---- held changes


def a_held_note(stage: Stage, order: str, author: str) -> tuple[str, dict[str, object]]:
    body = {"type": "work_order.set", "entity": "work_order", "id": order, "set": {"completion_note": [None, "Done"]}}
    return held(stage, 7, order, body, author=author)  # type: ignore[return-value]


def test_the_author_of_a_held_change_reads_it_and_has_nothing_to_do(qtbot: QtBot, stage: Stage) -> None:
    bring(stage, a_held_note(stage, stage.order_ids[3], "technician"))  # type: ignore[arg-type]
    page = open_page(qtbot, stage, conflict_id=f"held:{held_id(7)}")
    assert page.primary() is None
    assert dict(page.detail.held._pairs._pairs)["Completion note"] == "Done"
    assert "the supervisor decides" in page.detail.held._why._title.text()


@pytest.mark.parametrize(("button", "decision"), [("primary", "approved"), ("secondary", "refused")])
def test_a_supervisor_decides_about_a_held_change(qtbot: QtBot, tmp_path: Path, button: str, decision: str) -> None:
    with a_stage(tmp_path, "supervisor") as stage:
        order = str(_orders(stage)[0]["id"])
        bring(stage, a_held_note(stage, order, "technician"))  # type: ignore[arg-type]
        page = open_page(qtbot, stage, conflict_id=f"held:{held_id(7)}")
        qtbot.keyClicks(page.detail.held.reason.line, "Talked to him")
        click(qtbot, getattr(page.detail.footer, button))
        row = stage.replica.get("held_mutation", held_id(7))
        assert row is not None
        assert (row["decision"], row["reason"]) == (decision, "Talked to him")


# ---- small windows


def test_on_a_small_window_list_and_detail_follow_one_another(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, width=800)
    assert page.size_class == "compact"
    assert page.list.isVisible()
    assert not page.detail.isVisible()
    index = page.list.model.index(1)
    qtbot.mouseClick(
        page.list.view.viewport(),
        Qt.MouseButton.LeftButton,
        pos=page.list.view.visualRect(index).center(),
    )
    assert page.detail.isVisible()
    assert page.covers_navigation
    assert stage.navigator.places[-1].page == "inbox"
    assert page.step_back()
    assert page.list.isVisible()
    assert not page.step_back()


def test_on_a_small_window_the_one_choice_about_a_wish_is_in_sight(qtbot: QtBot, stage: Stage) -> None:
    bring(
        stage,
        conflict(stage, 4, stage.order_ids[2], "due_at", (None, "2026-03-13T12:00:00.000000Z", None), kind="request"),
    )
    page = open_page(qtbot, stage, width=800, conflict_id=conflict_id(4))
    page.resize(800, 432)  # a window of 800 × 480 without its strip; the page covers the bottom bar
    button = block(page, 4).theirs.keep
    assert button.text() == "Take it back"
    qtbot.waitUntil(lambda: button.visibleRegion().boundingRect().height() == button.height())
    page.resize(480, 720)
    mine, theirs = block(page, 4).mine, block(page, 4).theirs
    qtbot.waitUntil(lambda: theirs.y() > mine.y())


def test_targets_are_large_enough(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, width=800, conflict_id=conflict_id(1))
    QApplication.processEvents()
    cards = block(page, 1)
    for button in (cards.mine.keep, cards.theirs.keep, cards.edit, page.detail.footer.primary):
        assert button.height() >= 44, button.text()
        assert button.width() >= 44, button.text()

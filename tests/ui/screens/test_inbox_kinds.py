"""What the inbox holds beside two values of a field: requests, states, deletions, why a value stands, held changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.screens.inbox_page import a_stage_in_conflict, block, click, lines, open_page
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited, held, held_id
from tests.ui.stage import Stage, a_stage, rows


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage_in_conflict(tmp_path) as made:
        yield made


# ---- kinds


def test_a_technicians_request_waits_for_a_planner_and_can_only_be_withdrawn(qtbot: QtBot, stage: Stage) -> None:
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


def test_a_request_of_another_can_only_be_read_and_stands_in_nothings_way(qtbot: QtBot, stage: Stage) -> None:
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


def test_a_supervisor_grants_a_request(qtbot: QtBot, tmp_path: Path) -> None:
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

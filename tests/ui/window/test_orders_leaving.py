"""An order is given to somebody else while it is on the screen: the page says so, and nothing that was typed is lost.

Whatever was half typed about it is to be read, copied and discarded on the Sync page.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.counts import place_counts
from cmms_desktop.ui.screens.order.view import OrderPage
from tests.ui.at_window import COMPACT, REGULAR, a_window, frame_of, go, settle
from tests.ui.person import Person
from tests.ui.screens.office_news import bring, take_away
from tests.ui.screens.signing_work import arrive, do_work, items_of
from tests.ui.stage import PASSWORD, Stage, a_stage

LEFT = "This order left this device"
NOT_HERE = "This order is not on this device"
KEPT = "What you half wrote is kept on the Sync page."
ORDER_TABS = ("summary", "checklist", "parts", "time", "photos", "comments", "history")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "technician") as made:
        yield made


def name_of(stage: Stage, order_id: str) -> str:
    order = stage.replica.get("work_order", order_id)
    assert order is not None
    return f"{order['number']} {order['title']}"


def half_type_a_comment(at: Person, order_id: str, text: str) -> None:
    go(at, "order", order_id=order_id, tab="comments")
    at.fill("Comment", text)


@pytest.mark.parametrize("size", [REGULAR, COMPACT], ids=["regular", "compact"])
def test_invariant_7_every_page_of_an_order_says_that_it_left(
    qtbot: QtBot, stage: Stage, size: tuple[int, int]
) -> None:
    with a_window(stage, qtbot, size) as at:
        for order_id, tab in zip(stage.order_ids, ORDER_TABS, strict=False):
            go(at, "order", order_id=order_id, tab=tab)
            take_away(stage, order_id)
            at.until_sees(LEFT)
            assert not frame_of(at).complaint.isVisible()
            at.key(Qt.Key.Key_Escape)
            settle(at)
            assert frame_of(at).place.page == "my_day"


def test_a_comment_that_was_half_typed_is_found_on_the_sync_page(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    name = name_of(stage, order_id)
    with a_window(stage, qtbot) as at:
        half_type_a_comment(at, order_id, "The seal is on its way, b")
        take_away(stage, order_id)
        at.until_sees(LEFT, KEPT)
        at.press("Sync*")
        at.until_sees(f"{name}: comment not added", "The seal is on its way, b", "Needs attention, 1")
        at.press("Copy: *")
        assert QApplication.clipboard().text() == "The seal is on its way, b"
    with a_window(stage, qtbot, COMPACT) as at:
        at.until_sees(f"{name}: comment not added", "The seal is on its way, b")
        at.press("Discard: *")
        at.press("Discard text")
        at.until_gone("The seal is on its way, b")
        settle(at)
        assert not [each for each in stage.session.notes() if "comment" in each]


def test_a_text_goes_back_to_its_order_when_that_returns(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    order = stage.replica.get("work_order", order_id)
    assert order is not None
    with a_window(stage, qtbot) as at:
        half_type_a_comment(at, order_id, "Half a")
        take_away(stage, order_id)
        go(at, "sync")
        at.until_sees("Half a")
        bring(stage, ("work_order", order))
        at.until_gone("Half a")
        go(at, "order", order_id=order_id, tab="comments")
        at.until_sees("Half a")


def test_what_was_half_typed_anywhere_in_an_order_is_told(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    arrive(stage, order_id)
    item = next(each for each in items_of(stage, order_id) if each["kind"] == "pass_fail")
    with a_window(stage, qtbot) as at:
        go(at, "order", order_id=order_id, tab="checklist")
        at.press(f"Fail, {item['prompt']}")
        at.until("the note is open", lambda: at.has_cursor(f"Note, {item['prompt']}"))
        at.write("Drips onc")
        take_away(stage, order_id)
        at.until_sees(LEFT)
        go(at, "sync")
        at.until_sees("answer not saved", "Drips onc")


def test_an_answer_without_a_word_is_neither_counted_nor_kept_when_its_order_left(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    arrive(stage, order_id)
    item = next(each for each in items_of(stage, order_id) if each["kind"] == "pass_fail")
    with a_window(stage, qtbot) as at:
        go(at, "order", order_id=order_id, tab="checklist")
        at.press(f"Fail, {item['prompt']}")
        at.until("the note is open", lambda: at.has_cursor(f"Note, {item['prompt']}"))
        settle(at)
        at.until("the press is kept", lambda: kept(stage, item))
        take_away(stage, order_id)
        at.until_sees(LEFT)
        assert not at.sees(KEPT)
        with stage.session.reading() as reading:
            assert place_counts(reading, stage.person_id).left == 0
        go(at, "sync")
        settle(at)
        assert not at.sees("Needs attention, 1")
        at.until("nothing of it is kept", lambda: not kept(stage, item))


def kept(stage: Stage, item: Mapping[str, object]) -> list[str]:
    """Names of what is kept about an item that was half answered."""
    return [name for name in stage.session.notes() if str(item["id"]) in name]


def test_what_is_open_over_an_order_closes_when_it_leaves(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    with a_window(stage, qtbot, COMPACT) as at:
        go(at, "order", order_id=order_id)
        page = frame_of(at).page
        assert isinstance(page, OrderPage)
        page.pane._presenter.open_form("follow_up")
        at.fill("What has to be done", "Replace the guard")
        take_away(stage, order_id)
        at.until_sees(LEFT)
        assert not page.pane.sheet.is_open
        go(at, "sync")
        at.until_sees("follow-up order not made", "Replace the guard")


def test_who_is_signing_reads_that_the_order_is_somebody_elses(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    do_work(stage, order_id)
    with a_window(stage, qtbot) as at:
        go(at, "sign", order_id=order_id, step="technician")
        at.fill("Your password or PIN", PASSWORD)
        take_away(stage, order_id)
        at.until_sees(NOT_HERE)
        assert not at.sees(KEPT)
        at.key(Qt.Key.Key_Return)
        at.rest()
        assert not frame_of(at).complaint.isVisible()
    with stage.session.reading() as reading:
        assert reading.cursor.execute("SELECT count(*) FROM signature").fetchone() == (0,)


@pytest.mark.parametrize("size", [REGULAR, COMPACT], ids=["regular", "compact"])
def test_who_is_signing_reads_where_his_texts_are(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    order_id = stage.order_ids[0]
    do_work(stage, order_id)
    with a_window(stage, qtbot, size) as at:
        half_type_a_comment(at, order_id, "The seal is on its way, b")
        go(at, "sign", order_id=order_id, step="technician")
        take_away(stage, order_id)
        at.until_sees(NOT_HERE, KEPT)

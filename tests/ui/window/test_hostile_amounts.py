"""More of everything than anybody expects: it opens, scrolls to its end, and every answer is saved."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from tests.support.replicas import ids
from tests.ui.at_window import a_window, go
from tests.ui.screens.issued import issue
from tests.ui.screens.office_news import bring
from tests.ui.screens.signing_work import arrive, items_of
from tests.ui.stage import a_stage

ITEMS, ORDERS, COMMENTS = 500, 2_000, 300


def test_five_hundred_items_are_set_ok_saved_and_finished(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        items = [
            {"key": f"k{n}", "kind": "pass_fail", "prompt": f"Bolt {n} is tight", "section": f"Row {n // 25 + 1}"}
            for n in range(ITEMS)
        ]
        issue(stage, order_id, items)
        arrive(stage, order_id)
        with a_window(stage, qtbot) as at:
            go(at, "order", order_id=order_id, tab="checklist")
            at.press(f"Set all {ITEMS} items OK")
            at.until_sees(f"{ITEMS} of {ITEMS} answered")
            at.press("Finish")
            at.until_sees("You sign exactly this", f"{ITEMS} of {ITEMS} answered")
        assert {item["result"] for item in items_of(stage, order_id)} == {"pass"}


def test_a_day_of_two_thousand_orders_is_gone_through_by_keyboard(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order = stage.replica.get("work_order", stage.order_ids[0])
        assert order is not None
        new_id = ids(50_000)
        rows = []
        for number in range(ORDERS):
            order_id = new_id()
            values = {"id": order_id, "aggregate_id": order_id, "number": f"WO-9{number:04}", "route_position": None}
            rows.append(("work_order", {**order, **values}))
        bring(stage, *rows)
        with a_window(stage, qtbot) as at:
            at.until("all of them are listed", lambda: len(at.rows_saying("WO-9")) == ORDERS)
            at.key(Qt.Key.Key_End)
            at.key(Qt.Key.Key_Return)
            at.until_sees("Due")


def test_three_hundred_comments_are_all_there(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        for number in range(COMMENTS):
            with stage.session.writing() as write:
                add_comment(write, order_id, f"Remark {number}.")
        with a_window(stage, qtbot) as at:
            go(at, "order", order_id=order_id, tab="comments")
            at.until_sees(f"Remark {COMMENTS - 1}.")
            while at.soon(lambda: at.can_press("Show earlier comments*"), within_s=0.2):
                at.press("Show earlier comments*")
            at.until_sees("Remark 0.", f"Remark {COMMENTS - 1}.")
            at.fill("Comment", "One more.")
            at.press("Add comment")
            at.until_sees("One more.")

"""Marks, letters that are not seen and ten thousand letters without a blank, in every text that a server sends.

They are shown as they are, no page becomes wider than the window, and everything stays within reach.
"""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.checklists import complete_checklist_item
from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.errors import Refused
from tests.ui.at_window import SIZES, a_window, frame_of, go, settle
from tests.ui.hostile import HOSTILE, SEEN, fill_with, stumbling_blocks
from tests.ui.person import Person
from tests.ui.screens.office_news import bring, conflict, conflict_id, held, send_all
from tests.ui.screens.signing_work import arrive, do_work, finished_orders, items_of
from tests.ui.stage import Stage, a_stage

ORDER_TABS = ("summary", "checklist", "parts", "time", "photos", "comments", "history")
EMPTY_AT_FIRST = frozenset({"order/photos"})
"""Pages that show no text of the office."""


def spoil(stage: Stage) -> str:
    """A technician's day in which every text is hostile, with refused and held changes; gives its worst order."""
    order_id = stage.order_ids[0]
    do_work(stage, order_id, failing=True)
    send_all(stage, stock_movement__create=("not_allowed", HOSTILE), comment__create=("held", "access_lost"))
    with stage.session.writing() as write:
        add_comment(write, order_id, HOSTILE[:4000])
    fill_with(stage, HOSTILE, of_order=order_id)
    bring(stage, conflict(stage, 1, order_id, "title", (HOSTILE[:50], HOSTILE, HOSTILE[::-1])))
    body = {"type": "comment.create", "entity": "comment", "id": conflict_id(9), "set": {"text": [None, HOSTILE]}}
    bring(stage, held(stage, 1, order_id, body))
    return order_id


def stumbling_blocks_at_rest(at: Person, size: tuple[int, int]) -> list[str]:
    """What stays once everything has come: a bar that has just appeared leaves its page wider for one moment."""
    at.soon(lambda: not stumbling_blocks(at.window, size))
    return stumbling_blocks(at.window, size)


@pytest.mark.parametrize("name", SIZES)
def test_a_technician_reads_them_as_they_are(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    size = SIZES[name]
    with a_stage(tmp_path / "technician") as stage:
        order_id = spoil(stage)
        with a_window(stage, qtbot, size) as at:
            pages = ("my_day", "orders", "assets", "parts", "inbox", "sync", *(f"order/{tab}" for tab in ORDER_TABS))
            found = []
            for place in (*pages, "sign"):
                page, _, tab = place.partition("/")
                values = {"order_id": order_id} if page in {"order", "sign"} else {}
                go(at, page, **values, **({"tab": tab} if tab else {}))
                if place not in EMPTY_AT_FIRST and not at.soon(lambda: at.sees(SEEN)):
                    found.append(f"{place} shows it otherwise")
                found += [f"{place}: {each}" for each in stumbling_blocks_at_rest(at, size)]
            go(at, "inbox", conflict_id=conflict_id(1))
            found += [f"conflict: {each}" for each in stumbling_blocks_at_rest(at, size)]
            assert not found, "\n".join(found)
            assert not frame_of(at).complaint.isVisible()


@pytest.mark.parametrize("name", SIZES)
def test_a_supervisor_reads_them_as_they_are(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    size = SIZES[name]
    store, (first, *_), now = finished_orders()
    shutil.copytree(store, tmp_path / "supervisor")
    with a_stage(tmp_path / "supervisor", "supervisor", fresh=False) as stage:
        stage.clock.now = now
        fill_with(stage, HOSTILE, of_order=first)
        with a_window(stage, qtbot, size) as at:
            go(at, "review")
            found = stumbling_blocks_at_rest(at, size)
            go(at, "review", order_id=first)
            at.until_sees(SEEN)
            at.write("e")
            settle(at)
            found += stumbling_blocks_at_rest(at, size)
            at.write("r")
            settle(at)
            found += stumbling_blocks_at_rest(at, size)
            assert not found, "\n".join(found)


def test_search_toast_complaint_and_questions_hold_them(qtbot: QtBot, tmp_path: Path) -> None:
    size = SIZES["compact"]
    with a_stage(tmp_path / "technician") as stage:
        order_id = spoil(stage)
        with a_window(stage, qtbot, size) as at:
            frame_of(at).toast(HOSTILE, undo=lambda: None)
            frame_of(at).complain(Refused("not_allowed", HOSTILE))
            settle(at)
            found = [f"toast and complaint: {each}" for each in stumbling_blocks_at_rest(at, size)]
            at.press("Got it")
            frame_of(at).undo()
            at.key(Qt.Key.Key_K, ctrl=True)
            at.write(SEEN)
            at.until_sees(SEEN)
            found += [f"search: {each}" for each in stumbling_blocks_at_rest(at, size)]
            at.key(Qt.Key.Key_Escape)
            go(at, "sync")
            at.press("Withdraw: *")
            settle(at)
            found += [f"question: {each}" for each in stumbling_blocks_at_rest(at, size)]
            go(at, "order", order_id=order_id, tab="summary")
            frame_of(at).take_scan(HOSTILE[:200])
            settle(at)
            found += [f"scan: {each}" for each in stumbling_blocks_at_rest(at, size)]
            assert not found, "\n".join(found)


def test_what_a_person_writes_himself_is_kept_as_he_wrote_it(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[1]
        arrive(stage, order_id)
        item = next(each for each in items_of(stage, order_id) if each["kind"] == "pass_fail")
        note = HOSTILE[:1000]
        with stage.session.writing() as write:
            complete_checklist_item(write, str(item["id"]), result="fail", note=note)
        with a_window(stage, qtbot) as at:
            go(at, "order", order_id=order_id, tab="checklist")
            at.until_sees(SEEN)
            assert not stumbling_blocks(at.window, SIZES["regular"])
        row = stage.replica.get("checklist_item", str(item["id"]))
        assert row is not None
        assert str(row["note"]).startswith(SEEN)

"""Words that a newer server knows and this program does not: shown as text, and nothing is offered that rests on it."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from sync_server.contract.fields import Row
from tests.ui import eyes
from tests.ui.at_window import SIZES, a_window, frame_of, go, settle
from tests.ui.hostile import stumbling_blocks
from tests.ui.person import Person
from tests.ui.screens.office_news import bring, conflict, conflict_id, edited, held, held_id
from tests.ui.screens.signing_work import arrive, do_work, finished_orders, items_of, rows_of
from tests.ui.stage import Stage, a_stage, person

ORDER_TABS = ("summary", "checklist", "parts", "time", "photos", "comments", "history")
STEPS = ("Travel", "Arrive", "Start", "Finish", "Resume", "Review and sign")


def offered(at: Person, *words: str) -> list[str]:
    """Which of these buttons can be pressed now."""
    buttons = [each for each in at.window.findChildren(QAbstractButton) if each.isVisible() and each.isEnabled()]
    return [name for each in buttons for name in eyes.names(each) if name in words]


def all_of(stage: Stage, entity: str, order_id: str, **values: str) -> list[tuple[str, Row]]:
    return [edited(stage, entity, str(row["id"]), **values) for row in rows_of(stage, entity, order_id)]


@pytest.mark.parametrize("name", SIZES)
def test_an_order_in_a_state_that_nobody_knows_is_read_and_left_alone(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        bring(stage, edited(stage, "work_order", order_id, status="in_orbit", priority="purple", type="levitation"))
        with a_window(stage, qtbot, SIZES[name]) as at:
            for page in ("my_day", "orders"):
                go(at, page)
                at.until("the word is shown", lambda: at.sees("In orbit"))
                assert not stumbling_blocks(at.window, SIZES[name])
            for tab in ORDER_TABS:
                go(at, "order", order_id=order_id, tab=tab)
                assert not stumbling_blocks(at.window, SIZES[name]), tab
                assert offered(at, *STEPS) == [], tab
            go(at, "order", order_id=order_id)
            if name == "regular":  # a small window has no room for badges beside the title
                at.until_sees("In orbit", "Purple")
            go(at, "sign", order_id=order_id)
            assert offered(at, "Sign", "Sign and lock") == []
            assert not frame_of(at).complaint.isVisible()


def test_an_item_of_a_kind_that_nobody_knows_is_read_and_not_answered(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[1]
        arrive(stage, order_id)
        first, second, *_ = (item for item in items_of(stage, order_id) if item["kind"] == "pass_fail")
        bring(
            stage,
            edited(stage, "checklist_item", str(first["id"]), kind="hologram", result="perhaps"),
            edited(stage, "checklist_item", str(second["id"]), result="perhaps"),
        )
        with a_window(stage, qtbot) as at:
            go(at, "order", order_id=order_id, tab="checklist")
            at.until_sees(str(first["prompt"]), "Perhaps")
            assert offered(at, *(f"{word}, {first['prompt']}" for word in ("Pass", "Flag", "Fail"))) == []
            assert offered(at, f"Pass, {second['prompt']}"), "a known kind is answered again"
            assert not stumbling_blocks(at.window, SIZES["regular"])
            at.press("Finish")
            settle(at)
            assert not frame_of(at).complaint.isVisible()


def test_events_movements_and_requests_of_other_words_are_told_as_text(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        do_work(stage, order_id, failing=True)
        bring(
            stage,
            *all_of(stage, "work_log_event", order_id, kind="teleport", fence="beside", source="crystal_ball"),
            *all_of(stage, "stock_movement", order_id, kind="evaporation"),
            *all_of(stage, "part_request", order_id, status="dreamt_of"),
            edited(stage, "person", person("technician").person_id, role="wizard"),
        )
        with a_window(stage, qtbot) as at:
            for tab in ORDER_TABS:
                go(at, "order", order_id=order_id, tab=tab)
                assert not stumbling_blocks(at.window, SIZES["regular"]), tab
            go(at, "order", order_id=order_id, tab="history")
            at.until_sees("Teleport")
            for page in ("parts", "assets", "sync", "settings", "about"):
                go(at, page)
                assert not stumbling_blocks(at.window, SIZES["regular"]), page
            assert not frame_of(at).complaint.isVisible()


@pytest.mark.parametrize("name", SIZES)
def test_a_conflict_of_a_kind_that_nobody_knows_is_read_and_not_settled(
    qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        body = {"type": "dream.interpret", "entity": "dream", "id": conflict_id(9), "set": {"text": [None, "Water"]}}
        bring(
            stage,
            conflict(stage, 1, order_id, "title", ("before", "mine", "theirs"), kind="duel"),
            held(stage, 1, order_id, body, why="the_moon"),
        )
        with a_window(stage, qtbot, SIZES[name]) as at:
            go(at, "inbox", conflict_id=conflict_id(1))
            at.until_sees("mine", "theirs", "Only a newer version of this program can settle this.")
            assert offered(at, "Keep mine", "Keep office", "Settle 1 field") == []
            at.key(Qt.Key.Key_T)
            at.rest()
            assert not stumbling_blocks(at.window, SIZES[name])
            go(at, "sync")
            assert not stumbling_blocks(at.window, SIZES[name])
            go(at, "inbox", conflict_id=f"held:{held_id(1)}")
            at.until_sees("Change", "The moon")
            assert offered(at, "Approve change", "Refuse") == []
            assert not frame_of(at).complaint.isVisible()


def test_a_signature_that_means_something_new_is_read_in_review(qtbot: QtBot, tmp_path: Path) -> None:
    store, (first, second, _), now = finished_orders()
    shutil.copytree(store, tmp_path / "supervisor")
    with a_stage(tmp_path / "supervisor", "supervisor", fresh=False) as stage:
        stage.clock.now = now
        bring(stage, *all_of(stage, "signature", first, meaning="beheld"))
        bring(stage, edited(stage, "work_order", second, status="in_orbit"))
        with a_window(stage, qtbot) as at:
            go(at, "review", order_id=first)
            at.until_sees("Beheld")
            assert not stumbling_blocks(at.window, SIZES["regular"])
            go(at, "review", order_id=second)
            at.rest()
            assert offered(at, "Approve", "Return") == []
            assert not frame_of(at).complaint.isVisible()

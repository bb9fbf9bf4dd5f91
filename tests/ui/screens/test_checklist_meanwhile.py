"""The checklist while the office changes things, in real threads, with five hundred items, in every look."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.screens.checklist.controls import PassFailControl
from cmms_desktop.ui.theme import theme
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.screens.checklist_hand import (
    LEFT,
    Ids,
    answer,
    focus,
    lines,
    number,
    opened,
    press,
    row,
    saved,
    settle,
    type_number,
)
from tests.ui.screens.issued import BOOSTER, issue
from tests.ui.screens.office_news import bring, conflict, edited
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def ids(stage: Stage) -> Ids:
    return issue(stage, stage.order_ids[0], BOOSTER)


# ---- what the office does meanwhile


def test_a_signed_record_is_read_and_not_changed(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        signature = "00000000-0000-7000-8000-0000000000aa"
        order = edited(stage, "work_order", stage.order_ids[0], status="completed", performed_signature_id=signature)
        bring(stage, order)
        settle(qtbot, pane)
        assert pane.rows.notice.isVisible()
        assert pane.rows.everything.isHidden() or not pane.rows.everything.isVisible()
        row(qtbot, pane, ids["lockout"]).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        qtbot.keyClick(focus(), Qt.Key.Key_N)
        assert saved(stage, ids["lockout"])[0] is None
        found = pane.rows.row(ids["lockout"])
        assert isinstance(found.control, PassFailControl)
        qtbot.mouseClick(found.control.answers.button("pass"), LEFT)
        assert saved(stage, ids["lockout"])[0] is None


def test_who_does_not_do_the_work_reads_it(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "second", "supervisor") as stage, opened(qtbot, stage) as pane:
        assert pane.rows.notice.isVisible()
        assert pane.rows.notice._title.text() == "You can read these answers"
        first = next(line for line in lines(stage).values() if line.kind == "pass_fail")
        row(qtbot, pane, first.id).setFocus()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        assert not list(stage.session.outbox.waiting())


def test_a_photo_that_is_on_another_device_has_a_place_and_a_word(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    bring(stage, edited(stage, "checklist_item", ids["casing_photo"], result="pass", photo_sha256="ab" * 32))
    with opened(qtbot, stage) as pane:
        (tile,) = row(qtbot, pane, ids["casing_photo"]).control.strip.tiles  # type: ignore[attr-defined]
        assert tile._thumb is None
        assert tile.toolTip() == "This photo is not on this device yet."
        press(qtbot, pane, tile)
        assert stage.navigator.places[-1].get("tab") == "photos"


def test_a_conflict_stands_on_its_item_and_leads_to_the_inbox(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    bring(
        stage,
        conflict(
            stage, 1, stage.order_ids[0], "result", (None, "pass", "fail"), target=("checklist_item", ids["base"])
        ),
    )
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["base"])
        assert found._conflict.isVisible()
        press(qtbot, pane, found._compare)
        assert stage.navigator.places[-1].page == "inbox"


def test_items_that_the_office_adds_appear(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    with opened(qtbot, stage) as pane:
        more = [{"key": "a", "kind": "pass_fail", "prompt": "Came later", "section": "Other"}]
        other = issue(stage, stage.order_ids[0], more, number=2, replace=False)
        settle(qtbot, pane)
        answer(qtbot, pane, other["a"], "pass")
        assert saved(stage, other["a"])[0] == "pass"


def test_an_order_without_a_checklist_or_gone_says_so(qtbot: QtBot, stage: Stage) -> None:
    issue(stage, stage.order_ids[0], [{"key": "a", "kind": "pass_fail", "prompt": "x"}])
    for entity in ("checklist", "checklist_item"):
        with stage.session.reading() as reading:
            found = reading.cursor.execute(
                f"SELECT id FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL", (stage.order_ids[0],)
            ).fetchall()
        bring(stage, *(edited(stage, entity, each, deleted_at="2026-03-12T07:00:00.000000Z") for (each,) in found))
    with opened(qtbot, stage) as pane:
        assert pane._instead is not None
        assert pane._instead._title.text() == "No checklist on this order"
        bring(stage, edited(stage, "work_order", stage.order_ids[0], deleted_at="2026-03-12T07:00:00.000000Z"))
        settle(qtbot, pane)
        assert pane._instead._title.text() == "This order left this device"
        assert pane._instead.isVisible()


def test_an_item_of_a_newer_server_can_be_left_out(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    bring(stage, edited(stage, "checklist_item", ids["lockout"], kind="hologram"))
    with opened(qtbot, stage) as pane:
        found = row(qtbot, pane, ids["lockout"])
        assert "does not know this kind" in found.words._under.text()
        press(qtbot, pane, found.words._prompt)
        press(qtbot, pane, found.trouble.cannot)
        qtbot.keyClicks(focus(), "Newer than this app.")
        row(qtbot, pane, ids["valves"]).setFocus()
        assert saved(stage, ids["lockout"])[0] == "na"


def test_hostile_texts_are_plain_and_elided(qtbot: QtBot, stage: Stage) -> None:
    evil = "<b>bold</b><img src=x onerror=alert(1)> & " + "long " * 150
    made = issue(
        stage,
        stage.order_ids[0],
        [
            {"key": "a", "kind": "pass_fail", "prompt": evil, "section": evil[:199]},
            {
                "key": "b",
                "kind": "choice",
                "prompt": evil,
                "section": evil[:199],
                "choices": [evil[:190].strip(), "no"],
            },
            {"key": "c", "kind": "number", "prompt": "n", "section": evil[:199], "unit": "<i>bar</i>"},
        ],
        name=evil[:199],
    )
    with opened(qtbot, stage, size=(800, 308)) as pane:
        assert "<b>bold</b>" in row(qtbot, pane, made["a"]).words._prompt.text()
        answer(qtbot, pane, made["a"], "pass")
        assert saved(stage, made["a"])[0] == "pass"


# ---- threads, the end of the page, many items


def test_nothing_is_lost_when_the_page_goes_right_after_a_tap(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    context = replace(stage.context, background=background)
    with opened(qtbot, stage, context=context) as pane:
        qtbot.waitUntil(lambda: bool(pane.rows.places))
        settle(qtbot, pane)
        found = pane.rows.row(ids["lockout"])
        assert isinstance(found.control, PassFailControl)
        qtbot.mouseClick(found.control.answers.button("pass"), LEFT)
        type_number(qtbot, pane, ids["suction"], "1.2")
        pane.stop()
    background.close()
    assert saved(stage, ids["lockout"])[0] == "pass"
    assert saved(stage, ids["suction"])[1] == "1.2"


def test_quick_taps_in_real_threads_end_with_the_last_one(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    context = replace(stage.context, background=background)
    with opened(qtbot, stage, context=context) as pane:
        qtbot.waitUntil(lambda: bool(pane.rows.places))
        settle(qtbot, pane)
        control = number(qtbot, pane, ids["suction"])
        for _ in range(12):
            qtbot.mouseClick(control.field.plus, LEFT)
        shown = control.field.text()
        qtbot.waitUntil(lambda: saved(stage, ids["suction"])[1] == shown)
        qtbot.waitUntil(lambda: not pane.rows.row(ids["suction"]).state.is_unsaved)
        assert control.field.text() == shown
        answers = pane.rows.row(ids["lockout"]).control
        assert isinstance(answers, PassFailControl)
        pane.rows.area.verticalScrollBar().setValue(0)
        for result in ("pass", "fail", "pass"):
            qtbot.mouseClick(answers.answers.button(result), LEFT)
        qtbot.waitUntil(lambda: saved(stage, ids["lockout"])[0] == "pass")
        settle(qtbot, pane)
        assert answers.answers.answer == "pass"
    background.close()


def test_five_hundred_items_open_without_building_them_all(qtbot: QtBot, stage: Stage) -> None:
    kinds = ("pass_fail", "number", "text", "pass_fail")
    items = [
        {"key": f"k{n}", "kind": kinds[n % 4], "prompt": f"Item {n}", "section": f"Section {n // 50}"}
        for n in range(500)
    ]
    made = issue(stage, stage.order_ids[0], items, last={})
    with opened(qtbot, stage) as pane:
        built = sum(place.row is not None for place in pane.rows.places)
        assert built < 40
        pane.go_to(made["k480"])
        settle(qtbot, pane)
        assert focus() is pane.rows.row(made["k480"])
        assert not focus().visibleRegion().isEmpty()
        qtbot.keyClick(focus(), Qt.Key.Key_1)
        assert saved(stage, made["k480"])[0] == "pass"
        for _ in range(20):
            qtbot.keyClick(focus(), Qt.Key.Key_Up)
            settle(qtbot, pane)
            assert not focus().visibleRegion().isEmpty()
        assert focus() is pane.rows.row(made["k460"])
        bar = pane.rows.area.verticalScrollBar()
        for at in range(0, bar.maximum(), 900):
            bar.setValue(at)
            settle(qtbot, pane)
        built = [place for place in pane.rows.places if place.row is not None]
        assert len(built) < 120  # those far away are dropped again
        assert pane.rows.row(made["k480"]).state.answer == "pass"


@pytest.mark.parametrize(
    ("look", "size", "font"),
    [
        ("light", (1192, 560), "normal"),
        ("dark", (790, 560), "normal"),
        ("sunlight", (1192, 560), "normal"),
        ("light", (800, 308), "largest"),
    ],
)
def test_it_can_be_hit_read_and_named(
    qtbot: QtBot, stage: Stage, ids: Ids, look: str, size: tuple[int, int], font: str
) -> None:
    theme().use(name=look, font_setting=font)
    with opened(qtbot, stage, size=size) as pane:
        answer(qtbot, pane, ids["lockout"], "pass")
        control = type_number(qtbot, pane, ids["discharge"], "6.8")
        qtbot.keyClick(control.field.edit, Qt.Key.Key_Return)
        settle(qtbot, pane)
        for key in ("lockout", "discharge", "clean"):
            row(qtbot, pane, ids[key])
            found = [*small_targets(pane), *nameless(pane), *out_of_window(pane)]
            found += unreadable(pane, least=7.0 if look == "sunlight" else 4.5)
            assert not found, found


def test_right_to_left_mirrors_the_pane(qtbot: QtBot, stage: Stage, ids: Ids) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        with opened(qtbot, stage) as pane:
            assert pane.sections.x() > pane.rows.x()
            answer(qtbot, pane, ids["lockout"], "pass")
            assert saved(stage, ids["lockout"])[0] == "pass"
    finally:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

"""An organization's own fields where people fill them in: kept when left, said to be wrong at once, never mixed up."""

from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.custom_fields import fields_of
from cmms_desktop.ui.screens.extensions.values_section import ValueField, ValuesSection
from sync_server.contract import codec
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from tests.support.server_side import NOW
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, press, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.test_asset_comments import HIS, NOT_HIS, bring_up, id_of
from tests.ui.screens.test_asset_details import open_asset
from tests.ui.stage import Stage

FLOW = "00000000-0000-7000-8000-0000000f0001"


def ask(
    stage: Stage, kind: str, name: str = "Flow", *, number: int = 1, subject: str = "work_order", **v: Scalar
) -> str:
    """Let the office add a field."""
    row_id = f"{FLOW[:-1]}{number}"
    audit: dict[str, Scalar] = {
        "id": row_id,
        "aggregate_id": row_id,
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
    }
    named: dict[str, Scalar] = {"subject": subject, "kind": kind, "name": name, "position": number, **v}
    bring(stage, ("custom_field", codec.completed(REGISTRY["custom_field"], {**audit, **named})))
    return row_id


def values(stage: Stage, about: Any, about_id: str) -> dict[str, str]:
    with stage.session.reading() as reading:
        return {line.name: line.value for line in fields_of(reading, about, about_id).lines}


def section(page: Any) -> ValuesSection:
    found: ValuesSection = page.pane.tabs.summary.values
    return found


def type_into(field: ValueField, text: str) -> None:
    assert field.typed is not None
    field.typed.line.setFocus()
    field.typed.line.selectAll()
    QTest.keyClicks(field.typed.line, text)
    field.typed.line.editingFinished.emit()


@pytest.mark.smoke
def test_a_number_is_kept_when_it_is_left_and_one_that_is_not_taken_is_said_to_be_so(
    qtbot: QtBot, stage: Stage
) -> None:
    order_id = stage.order_ids[0]
    flow = ask(stage, "number", minimum="0.0000", maximum="10.0000", unit="m³/h")
    page = open_order(qtbot, stage, order_id)
    field = section(page).field(flow)
    assert (field.hint, field.typed is not None) == ("Between 0 and 10 m³/h", True)
    type_into(field, "7,5")
    assert values(stage, "work_order", order_id) == {"Flow": "7.5"}
    type_into(field, "70")
    assert field.typed is not None
    assert field.typed.error == "Flow must be between 0 and 10 m³/h."
    assert field.typed.text() == "70", "what was typed stays to be put right"
    type_into(field, "much")
    assert field.typed.error == "Enter a number."
    assert values(stage, "work_order", order_id) == {"Flow": "7.5"}
    page.stop()


def test_a_choice_and_an_answer_are_pressed_and_taken_away_by_a_second_press(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    color = ask(stage, "choice", "Color", number=2, choices='["Red", "Blue"]')
    safe = ask(stage, "yes_no", "Safe", number=3)
    page = open_order(qtbot, stage, order_id)
    for field_id, key in ((color, "Blue"), (safe, "no")):
        chips = section(page).field(field_id).chips
        assert chips is not None
        press(chips.button(key))
    assert values(stage, "work_order", order_id) == {"Color": "Blue", "Safe": "no"}
    chips = section(page).field(color).chips
    assert chips is not None
    press(chips.button("Blue"))
    assert values(stage, "work_order", order_id) == {"Color": "", "Safe": "no"}
    page.stop()


def test_what_is_half_typed_is_kept_for_its_own_order_when_another_one_is_opened(qtbot: QtBot, stage: Stage) -> None:
    first, second = stage.order_ids[:2]
    note = ask(stage, "text", "Gate code")
    page = open_order(qtbot, stage, first)
    field = section(page).field(note)
    assert field.typed is not None
    QTest.keyClicks(field.typed.line, "4711")
    page.pane.show_order(second)
    assert values(stage, "work_order", first) == {"Gate code": "4711"}
    assert values(stage, "work_order", second) == {"Gate code": ""}
    page.stop()


def test_a_value_that_its_field_does_not_take_any_more_says_so_and_stays(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    flow = ask(stage, "number", minimum="0.0000", maximum="10.0000")
    page = open_order(qtbot, stage, order_id)
    type_into(section(page).field(flow), "7.5")
    bring(stage, edited(stage, "custom_field", flow, maximum="4.0000"))
    page.stop()
    page = open_order(qtbot, stage, order_id)
    assert section(page).field(flow).hint == "Flow must be between 0 and 4 now."
    assert values(stage, "work_order", order_id) == {"Flow": "7.5"}
    page.stop()


def test_fields_of_assets_stand_on_assets_and_who_may_not_fill_them_in_reads(qtbot: QtBot, stage: Stage) -> None:
    ask(stage, "text", "Roof access", subject="asset")
    page = open_asset(qtbot, stage, HIS)
    type_into(page.card.values.field(FLOW), "Ladder")
    assert values(stage, "asset", id_of(stage, HIS)) == {"Roof access": "Ladder"}
    page.stop()
    page = open_asset(qtbot, stage, NOT_HIS)
    assert not page.card.values.isVisible(), "nothing is entered, and he may enter nothing"
    page.stop()
    page = open_order(qtbot, stage, stage.order_ids[0])
    assert not section(page).isVisible()
    page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_the_fields_fit_their_page_and_can_be_used(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    for number, kind in enumerate(("text", "number", "date", "choice", "yes_no"), start=1):
        more: dict[str, Scalar] = {"unit": "kWh", "help": "As the plate says", "choices": '["Red", "Blue"]'}
        ask(stage, kind, f"Field {number}", number=number, subject="asset", is_required=True, **more)
    page = open_asset(qtbot, stage, HIS, size)
    bring_up(page, page.card.values)
    assert stumbling_blocks(page) == []
    page.stop()

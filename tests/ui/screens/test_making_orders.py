"""Making an order of a template on the card of an asset, without network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.order_templates import make_order
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.assets.view import AssetsPage
from sync_server.contract.rules.template import read_items
from tests.ui.screens.day_pages import SMALL, WIDE, facts, press, rows, shown, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage, a_stage

PUMP_CHECK = "SELECT id, checklist_template_id FROM work_order_template WHERE name = 'Monthly pump check'"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


@pytest.fixture
def asset_id(stage: Stage) -> str:
    """An asset whose card is here, at a site where this person makes orders."""
    ((found,),) = rows(
        stage, "SELECT asset_id FROM work_order WHERE id = ? AND asset_id IS NOT NULL", stage.order_ids[0]
    )
    return str(found)


def open_card(qtbot: QtBot, stage: Stage, asset_id: str, size: tuple[int, int] = WIDE) -> AssetsPage:
    return shown(qtbot, AssetsPage(stage.context, Place.of("assets", asset_id=asset_id)), size)


@pytest.mark.smoke
def test_a_press_makes_an_order_with_its_whole_checklist(qtbot: QtBot, stage: Stage, asset_id: str) -> None:
    page = open_card(qtbot, stage, asset_id)
    assert [line.name.text() for line in page.card.making.lines] == ["Daily round", "Monthly pump check"]
    press(page.card.making.lines[1].button)
    order_id = stage.navigator.places[-1].get("order_id")
    order = facts(stage, order_id)
    assert (order.title, order.type, order.planned_minutes) == ("Monthly pump check", "inspection", 45)
    assert (order.asset_id, order.status) == (asset_id, "new")
    ((_, checklist_id),) = rows(stage, PUMP_CHECK)
    ((items,),) = rows(stage, "SELECT items FROM checklist_template WHERE id = ?", checklist_id)
    assert order.counts.checklist <= len(read_items(items))
    ((count,),) = rows(stage, "SELECT count(*) FROM checklist_item WHERE aggregate_id = ?", order_id)
    assert count == len(read_items(items))
    page.stop()


def test_what_a_technician_may_not_plan_is_told_in_words(stage: Stage, asset_id: str) -> None:
    ((template_id, _),) = rows(stage, PUMP_CHECK)
    with stage.session.writing() as write:
        order_id = make_order(write, str(template_id), asset_id=asset_id)
    ((name,),) = rows(
        stage,
        "SELECT p.name FROM work_order_template_part x JOIN part p ON p.id = x.part_id WHERE x.aggregate_id = ?",
        template_id,
    )
    assert facts(stage, order_id).description == f"Needs 2 × {name}"
    assert rows(stage, "SELECT 1 FROM work_order_part WHERE aggregate_id = ?", order_id) == []


def test_the_office_plans_the_parts_in_the_same_step(tmp_path: Path) -> None:
    with a_stage(tmp_path / "second", "supervisor") as stage:
        ((template_id, _),) = rows(stage, PUMP_CHECK)
        ((asset_id,),) = rows(stage, "SELECT id FROM asset WHERE deleted_at IS NULL ORDER BY code LIMIT 1")
        with stage.session.writing() as write:
            order_id = make_order(write, str(template_id), asset_id=str(asset_id))
        assert rows(stage, "SELECT quantity FROM work_order_part WHERE aggregate_id = ?", order_id) == [("2.0000",)]
        assert facts(stage, order_id).description is None


def test_a_list_of_more_items_than_one_group_takes_goes_into_several(stage: Stage, asset_id: str) -> None:
    ((template_id, checklist_id),) = rows(stage, PUMP_CHECK)
    many = ",".join(f'{{"key":"k{n}","kind":"pass_fail","prompt":"Bolt {n} is tight"}}' for n in range(120))
    bring(stage, edited(stage, "checklist_template", str(checklist_id), items=f"[{many}]"))
    with stage.session.writing() as write:
        order_id = make_order(write, str(template_id), asset_id=asset_id)
    assert rows(stage, "SELECT count(*) FROM checklist_item WHERE aggregate_id = ?", order_id) == [(120,)]
    sizes = rows(stage, "SELECT count(*) FROM outbox WHERE aggregate_id = ? GROUP BY group_id", order_id)
    assert sum(size for (size,) in sizes) == 122
    assert max(size for (size,) in sizes) <= 50


def test_a_template_that_is_out_of_use_is_neither_offered_nor_taken(qtbot: QtBot, stage: Stage, asset_id: str) -> None:
    ((template_id, _),) = rows(stage, PUMP_CHECK)
    bring(stage, edited(stage, "work_order_template", str(template_id), is_active=False))
    page = open_card(qtbot, stage, asset_id)
    assert [line.name.text() for line in page.card.making.lines] == ["Daily round"]
    page.stop()
    before = rows(stage, "SELECT count(*) FROM outbox")
    with pytest.raises(Refused), stage.session.writing() as write:
        make_order(write, str(template_id), asset_id=asset_id)
    assert rows(stage, "SELECT count(*) FROM outbox") == before


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_the_templates_fit_the_card(qtbot: QtBot, stage: Stage, asset_id: str, size: tuple[int, int]) -> None:
    page = open_card(qtbot, stage, asset_id, size)
    assert page.card.making.isVisible()
    qtbot.waitUntil(lambda: stumbling_blocks(page) == [], timeout=60_000)  # the field under it takes its height late
    page.stop()

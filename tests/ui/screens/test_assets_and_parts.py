"""Assets and parts of a device: found by code, name or label; the card says what is known and how old it is."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.assets.view import AssetsPage
from cmms_desktop.ui.screens.parts.view import PartsPage
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.text import Text
from tests.support.row_builder import built
from tests.ui.screens.day_pages import SMALL, WIDE, press, press_row, rows, shown, stumbling_blocks
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.signing_work import arrive, use_a_part
from tests.ui.stage import Stage, a_stage


def open_assets(qtbot: QtBot, stage: Stage, size: tuple[int, int] = WIDE, **values: str) -> AssetsPage:
    return shown(qtbot, AssetsPage(stage.context, Place.of("assets", **values)), size)


def open_parts(qtbot: QtBot, stage: Stage, size: tuple[int, int] = WIDE, **values: str) -> PartsPage:
    return shown(qtbot, PartsPage(stage.context, Place.of("parts", **values)), size)


def asset_id(stage: Stage, code: str) -> str:
    return str(rows(stage, "SELECT asset_id FROM asset_stub WHERE code = ?", code)[0][0])


def part_id(stage: Stage, code: str) -> str:
    return str(rows(stage, "SELECT id FROM part WHERE code = ?", code)[0][0])


# ---- assets


@pytest.mark.smoke
def test_an_asset_is_found_by_its_serial_and_its_open_orders_are_one_press_away(qtbot: QtBot, stage: Stage) -> None:
    page = open_assets(qtbot, stage)
    QTest.keyClicks(page.list_pane.search.line, "sensor n44")
    qtbot.waitUntil(lambda: page.list_pane.rows.model.rowCount() == 1)
    press_row(page.list_pane.rows.view, 0)
    assert page.card.title == "N-SENSOR-044 Sensor N44"
    press(page.card.orders.widgets()[0].button)
    assert stage.navigator.places == [Place.of("order", order_id=stage.order_ids[0])]
    page.stop()


def test_a_place_names_the_asset_that_a_scan_found(qtbot: QtBot, stage: Stage) -> None:
    page = open_assets(qtbot, stage, SMALL, asset_id=asset_id(stage, "N-PANEL-009"))
    assert page.card.isVisible()
    assert page.card.title.startswith("N-PANEL-009")
    press(page.card.header.back_button)
    assert page.list_pane.isVisible()
    assert not page.step_back()
    page.stop()


def test_an_asset_of_which_only_the_label_is_here_says_so(qtbot: QtBot, stage: Stage) -> None:
    found = asset_id(stage, "N-PANEL-009")
    bring(stage, edited(stage, "asset", found, deleted_at="2026-03-12T06:00:00.000000Z"))
    page = open_assets(qtbot, stage, asset_id=found)
    assert page.card.notice == "Only its label is on this device"
    page.stop()


def two_with_one_code(stage: Stage) -> tuple[str, str]:
    """A sensor, and a panel that has its code too; the panel was later."""
    first, second = asset_id(stage, "N-SENSOR-044"), asset_id(stage, "N-PANEL-009")
    bring(stage, edited(stage, "asset", second, code="N-SENSOR-044", code_conflict=True))
    return first, second


def test_a_technician_reads_that_a_code_is_used_twice_and_who_renames_it(qtbot: QtBot, stage: Stage) -> None:
    _, second = two_with_one_code(stage)
    page = open_assets(qtbot, stage, asset_id=second)
    shared = page.card.shared
    assert shared._text.text() == ("Another asset has the code N-SENSOR-044 too. The office renames one of them.")
    assert (shared.rename.isVisible(), shared.twins.isVisible()) == (False, False)
    page.stop()


def test_the_office_gives_an_asset_another_code(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as stage:
        _, second = two_with_one_code(stage)
        page = open_assets(qtbot, stage, asset_id=second)
        assert page.card._card is not None
        assert "Code used twice" in {badge.text for badge in page.card._card.badges}
        assert not page.card.shared.rename.isEnabled(), "there is no code yet"
        QTest.keyClicks(page.card.shared.code.line, "N-PANEL-010")
        press(page.card.shared.rename)
        qtbot.waitUntil(lambda: page.card.title.startswith("N-PANEL-010"))
        renamed = stage.replica.get("asset", second)
        assert renamed is not None
        assert renamed["code"] == "N-PANEL-010"
        assert page.card.shared.code.line.text() == ""
        page.stop()


def test_a_second_card_becomes_the_first_one_after_a_question(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as stage:
        first, second = two_with_one_code(stage)
        page = open_assets(qtbot, stage, asset_id=second)
        (line,) = page.card.shared.twins.widgets()
        press(line.link)
        assert stage.replica.get("asset", second) is not None, "a question, and nothing more"
        press(line.asking.act_button)
        qtbot.waitUntil(lambda: page.card.title == "N-SENSOR-044 Sensor N44")
        gone = stage.replica.get("asset", second)
        assert gone is None or gone["deleted_at"] is not None
        left = rows(stage, "SELECT DISTINCT status FROM work_order WHERE asset_id = ? AND deleted_at IS NULL", second)
        assert {status for (status,) in left} <= {"completed", "closed"}, "what is signed keeps its card"
        assert rows(stage, "SELECT id FROM asset WHERE id = ? AND deleted_at IS NULL", first) != []
        page.stop()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_the_question_whether_two_are_one_fits_its_page(qtbot: QtBot, tmp_path: Path, size: tuple[int, int]) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as stage:
        _, second = two_with_one_code(stage)
        page = open_assets(qtbot, stage, size, asset_id=second)
        (line,) = page.card.shared.twins.widgets()
        press(line.link)
        qtbot.waitUntil(line.asking.act_button.isVisible)
        for button in (line.asking.act_button, page.card.shared.rename):
            right = button.mapTo(page, button.rect().topRight()).x()
            assert right < page.width() - 16, button.text()
        page.stop()


def test_search_and_choice_survive_a_restart(qtbot: QtBot, stage: Stage) -> None:
    first = open_assets(qtbot, stage)
    QTest.keyClicks(first.list_pane.search.line, "panel")
    qtbot.waitUntil(lambda: first.list_pane.rows.model.rowCount() < 150)
    QTest.keyClick(first.list_pane.rows.view, Qt.Key.Key_End)
    title = first.card.title
    first.stop()
    page = open_assets(qtbot, stage)
    assert (page.list_pane.search.line.text(), page.card.title) == ("panel", title)
    page.stop()


def test_words_that_no_asset_says_leave_a_way_on(qtbot: QtBot, stage: Stage) -> None:
    page = open_assets(qtbot, stage)
    QTest.keyClicks(page.list_pane.search.line, "no such thing")
    qtbot.waitUntil(lambda: page.list_pane.rows.currentWidget() is page.list_pane.rows.empty)
    page.stop()


# ---- parts


def test_the_van_comes_first_and_its_level_falls_with_each_use(qtbot: QtBot, stage: Stage) -> None:
    page = open_parts(qtbot, stage)
    before = {row.id: row.face.time for row in page.list_pane.rows.model.rows()}
    assert len(before) == 20
    arrive(stage, stage.order_ids[0])
    use_a_part(stage, stage.order_ids[0])
    after = {row.id: row.face.time for row in page.list_pane.rows.model.rows()}
    (changed,) = (each for each in before if before[each] != after.get(each))
    assert changed in before
    page.stop()


@pytest.mark.smoke
def test_all_parts_are_searched_by_code(qtbot: QtBot, stage: Stage) -> None:
    page = open_parts(qtbot, stage)
    press(page.scopes.button("all"))
    assert page.list_pane.rows.model.rowCount() == 60
    QTest.keyClicks(page.list_pane.search.line, "p-0055")
    qtbot.waitUntil(lambda: page.list_pane.rows.model.rowCount() == 1)
    press_row(page.list_pane.rows.view, 0)
    assert page.card.title == "Cable, size 5"
    assert [line.accessibleName() for line in page.card.places.widgets()] == [
        "Van of Technician 1, Your van, 3 m",
        "Store East, Store, 40 m",
        "Store North, Store, 15 m",
    ]
    page.stop()


def test_a_part_leads_to_the_order_that_it_is_planned_for(qtbot: QtBot, stage: Stage) -> None:
    page = open_parts(qtbot, stage, part_id=part_id(stage, "P-0055"))
    press(page.card.orders.widgets()[0].button)
    assert stage.navigator.places == [Place.of("order", order_id=stage.order_ids[1], tab="parts")]
    page.stop()


BUYING = ("Bought from", "<b>Cables</b> Ltd", "Reordered at", "5 m", "Ordered at once", "20 m")


def said_of_places(page: PartsPage) -> list[str]:
    return [line.accessibleName() for line in page.card.places.widgets()]


def test_the_card_of_a_part_says_from_whom_it_is_bought_and_how_much_there_is_room_for(
    qtbot: QtBot, stage: Stage
) -> None:
    page = open_parts(qtbot, stage, part_id=part_id(stage, "P-0055"))
    (place,) = rows(stage, "SELECT id FROM stock_location WHERE name = 'Store North'")[0]
    vendor = built("vendor", stage.person_id, {}, id="00000000-0000-7000-8000-00000000f001", name="<b>Cables</b>")
    bring(
        stage,
        ("vendor", {**vendor, "name": "<b>Cables</b> Ltd"}),
        edited(
            stage, "part", part_id(stage, "P-0055"), vendor_id=vendor["id"], reorder_point="5", reorder_quantity="20"
        ),
        edited(stage, "stock_location", str(place), capacity="40"),
    )
    qtbot.waitUntil(lambda: "Store North, Store · room for 40, 15 m" in said_of_places(page))
    assert [each.text() for each in page.card.findChildren(Text) if each.text() in BUYING] == list(BUYING)
    assert stumbling_blocks(page) == []
    page.stop()


def test_who_has_no_van_sees_all_parts(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "supervisor", "supervisor") as stage:
        page = open_parts(qtbot, stage)
        assert not page.scopes.isVisible()
        assert page.list_pane.rows.model.rowCount() == 60
        page.stop()


# ---- hands, eyes and ears


@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("look", [("light", "normal"), ("sunlight", "largest"), ("dark", "large")])
def test_everything_can_be_hit_read_and_heard(
    qtbot: QtBot, stage: Stage, size: tuple[int, int], look: tuple[str, str]
) -> None:
    theme().use(name=look[0], font_setting=look[1])
    two_with_one_code(stage)
    for page in (
        open_assets(qtbot, stage, size),
        open_assets(qtbot, stage, size, asset_id=asset_id(stage, "N-SENSOR-044")),
        open_parts(qtbot, stage, size),
        open_parts(qtbot, stage, size, part_id=part_id(stage, "P-0055")),
    ):
        assert stumbling_blocks(page) == []
        page.stop()

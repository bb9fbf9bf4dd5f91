"""Tags where people press them: on an order and an asset, and in the list by which orders are found."""

from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.tags import put_tag_on
from cmms_desktop.application.queries.assets_page import assets
from cmms_desktop.application.queries.changes import changes
from cmms_desktop.application.queries.order_list import OrderFilter, all_orders, order_counts
from cmms_desktop.application.queries.tags import tags_of
from cmms_desktop.ui.screens.extensions.tags_section import TagsSection
from cmms_desktop.ui.screens.orders.rows import OrdersFilter, chips_of
from cmms_desktop.ui.text.change_words import change_words
from tests.ui.screens.day_pages import SMALL, WIDE, open_order, press, rows, stumbling_blocks
from tests.ui.screens.test_asset_comments import HIS, NOT_HIS, bring_up, id_of
from tests.ui.screens.test_asset_details import open_asset
from tests.ui.stage import Stage


def on(stage: Stage, about_id: str) -> tuple[str, ...]:
    with stage.session.reading() as reading:
        return tags_of(reading, (about_id,)).get(about_id, ())


def summary_tags(page: Any) -> TagsSection:
    section: TagsSection = page.pane.tabs.summary.tags
    return section


def tag(stage: Stage, about_id: str, *words: str, about: Any = "work_order") -> None:
    with stage.session.writing() as writing:
        for word in words:
            put_tag_on(writing, about_id, word, about=about)


@pytest.mark.smoke
def test_a_typed_word_becomes_a_tag_and_a_press_takes_it_off_and_puts_it_on_again(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[0]
    page = open_order(qtbot, stage, order_id)
    section = summary_tags(page)
    QTest.keyClicks(section.field.line, "Oil leak")
    press(section.add_button)
    assert on(stage, order_id) == ("Oil leak",)
    assert section.field.text() == ""
    for expected in ((), ("Oil leak",)):
        press(section.chips.button("Oil leak"))
        assert on(stage, order_id) == section.chips.keys() == expected
    page.stop()


def test_a_word_that_is_too_long_is_said_to_be_so_and_stays_in_the_field(qtbot: QtBot, stage: Stage) -> None:
    page = open_order(qtbot, stage, stage.order_ids[0])
    section = summary_tags(page)
    QTest.keyClicks(section.field.line, "W" * 61)
    press(section.add_button)
    assert "60 characters" in section.field.error
    assert section.field.text() == "W" * 61
    assert on(stage, stage.order_ids[0]) == ()
    page.stop()


def test_another_order_shows_its_own_tags_and_offers_those_of_others(qtbot: QtBot, stage: Stage) -> None:
    first, second = stage.order_ids[:2]
    tag(stage, first, "Oil leak")
    page = open_order(qtbot, stage, first)
    page.pane.show_order(second)
    section = summary_tags(page)
    assert (section.chips.keys(), section.chips.button("Oil leak").isVisible()) == ((), True)
    press(section.chips.button("Oil leak"))
    assert on(stage, first) == on(stage, second) == ("Oil leak",)
    page.stop()


def test_who_may_not_tag_reads_what_is_there(qtbot: QtBot, stage: Stage) -> None:
    page = open_asset(qtbot, stage, NOT_HIS)
    assert not page.card.tags.isVisible(), "nothing is on it, and he may put nothing on"
    page.stop()
    page = open_asset(qtbot, stage, HIS)
    assert page.card.tags.isVisible()
    page.stop()


def test_orders_and_assets_are_found_by_their_tags(stage: Stage) -> None:
    first, second = stage.order_ids[:2]
    tag(stage, first, "Oil leak", "Night")
    tag(stage, second, "Night")
    tag(stage, id_of(stage, HIS), "Roof", about="asset")
    with stage.session.reading() as reading:
        found = {row.id: row.tags for row in all_orders(reading, OrderFilter(tags=("Oil leak",)))}
        both = {
            row.id for row in all_orders(reading, OrderFilter(tags=("Oil leak", "Night"), but_statuses=("closed",)))
        }
        said = {row.id for row in all_orders(reading, OrderFilter(text="oil night"))}
        counts = order_counts(reading)
        by_roof = [line.code for line in assets(reading, "roof")]
    assert found == {first: ("Night", "Oil leak")}
    assert both == {first, second}
    assert said == {first}
    assert {key: word for key, word in chips_of(counts) if key.startswith("tag:")} == {
        "tag:Night": "Night 2",
        "tag:Oil leak": "Oil leak 1",
    }
    assert OrdersFilter("all", "", ("tag:Oil leak",)).for_query().tags == ("Oil leak",)
    assert by_roof == [HIS]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_tags_fit_the_card_and_can_be_pressed(qtbot: QtBot, stage: Stage, size: tuple[int, int]) -> None:
    tag(stage, id_of(stage, HIS), *(f"Word {number} of several" for number in range(9)), about="asset")
    page = open_asset(qtbot, stage, HIS, size)
    bring_up(page, page.card.tags)
    assert stumbling_blocks(page) == []
    page.stop()


def test_what_waits_to_be_sent_says_what_was_tagged_and_filled_in(stage: Stage) -> None:
    tag(stage, stage.order_ids[0], "Oil leak")
    with stage.session.reading() as reading:
        waiting = {change.entity: change_words(change) for change in changes(reading, ("pending",))}
    ((number,),) = rows(stage, "SELECT number FROM work_order WHERE id = ?", stage.order_ids[0])
    assert waiting == {"tag": "New tag Oil leak", "entity_tag": f"Tag on {number}"}

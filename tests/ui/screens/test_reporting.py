"""Reporting a problem from an asset's card without network, seeing what became of it, and taking it back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.service_requests import report_problem
from cmms_desktop.application.queries.changes import changes
from cmms_desktop.errors import Refused
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.assets.view import AssetsPage
from cmms_desktop.ui.text.change_words import change_words
from tests.ui.screens.day_pages import SMALL, WIDE, press, rows, shown, stumbling_blocks
from tests.ui.screens.office_news import bring, edited, send_all
from tests.ui.stage import Stage, a_stage

REQUESTS = "SELECT title, description, urgency, status FROM service_request ORDER BY created_at"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


@pytest.fixture
def asset_id(stage: Stage) -> str:
    ((found,),) = rows(
        stage, "SELECT asset_id FROM work_order WHERE id = ? AND asset_id IS NOT NULL", stage.order_ids[0]
    )
    return str(found)


def open_card(qtbot: QtBot, stage: Stage, asset_id: str, size: tuple[int, int] = WIDE) -> AssetsPage:
    return shown(qtbot, AssetsPage(stage.context, Place.of("assets", asset_id=asset_id)), size)


def report(page: AssetsPage, title: str, *, text: str = "") -> None:
    press(page.card.requests.report_button)
    assert page.report is not None
    QTest.keyClicks(page.report.title.line, title)
    QTest.keyClicks(page.report.description.area, text)
    press(page.primary() or page)


@pytest.mark.smoke
def test_a_problem_is_reported_shown_and_taken_back(qtbot: QtBot, stage: Stage, asset_id: str) -> None:
    page = open_card(qtbot, stage, asset_id)
    report(page, "Oil under the pump", text="A puddle.")
    assert page.report is None
    assert rows(stage, REQUESTS) == [("Oil under the pump", "A puddle.", "medium", "new")]
    ((site, asset),) = rows(stage, "SELECT site_id, asset_id FROM service_request")
    assert (site, asset) == rows(stage, "SELECT site_id, id FROM asset WHERE id = ?", asset_id)[0]
    (line,) = page.card.requests.lines
    assert line.text.text() == "Oil under the pump"
    assert [each.text for each in line.row.badges] == ["1 waiting", "Medium"]
    press(line.back_button)
    assert rows(stage, REQUESTS) == [("Oil under the pump", "A puddle.", "medium", "withdrawn")]
    (line,) = page.card.requests.lines
    assert not line.back_button.isVisible()
    page.stop()


def test_what_becomes_of_it_is_told_where_it_was_reported(qtbot: QtBot, stage: Stage, asset_id: str) -> None:
    page = open_card(qtbot, stage, asset_id)
    report(page, "Oil under the pump")
    send_all(stage)
    ((request_id,),) = rows(stage, "SELECT id FROM service_request")
    bring(stage, edited(stage, "service_request", str(request_id)))
    qtbot.waitUntil(lambda: page.card.requests.lines[0].row.badges[0].text == "With the office", timeout=60_000)
    outcome = {"status": "declined", "reason": "It is exchanged tomorrow."}
    bring(stage, edited(stage, "service_request", str(request_id), **outcome))
    qtbot.waitUntil(lambda: "tomorrow" in page.card.requests.lines[0].detail.text(), timeout=60_000)
    (line,) = page.card.requests.lines
    assert [each.text for each in line.row.badges] == ["Declined", "Medium"]
    assert not line.back_button.isVisible()
    page.stop()


def test_an_accepted_one_leads_to_its_order_where_that_is_here(qtbot: QtBot, stage: Stage, asset_id: str) -> None:
    page = open_card(qtbot, stage, asset_id)
    report(page, "Oil under the pump")
    send_all(stage)
    ((request_id,),) = rows(stage, "SELECT id FROM service_request")
    outcome = {"status": "accepted", "work_order_id": stage.order_ids[0]}
    bring(stage, edited(stage, "service_request", str(request_id), **outcome))
    qtbot.waitUntil(page.card.requests.lines[0].open_button.isVisible, timeout=60_000)
    press(page.card.requests.lines[0].open_button)
    assert stage.navigator.places[-1].get("order_id") == stage.order_ids[0]
    page.stop()


def test_what_is_half_entered_is_found_again_and_nothing_is_reported_twice(
    qtbot: QtBot, stage: Stage, asset_id: str
) -> None:
    page = open_card(qtbot, stage, asset_id)
    press(page.card.requests.report_button)
    assert page.report is not None
    press(page.report.save_button)
    assert page.report.title.error == "Say in a few words what is wrong."
    QTest.keyClicks(page.report.title.line, "Oil")
    QTest.keyClick(page.sheet, Qt.Key.Key_Escape)
    assert page.report is None
    press(page.card.requests.report_button)
    assert page.report.title.text() == "Oil"
    form = page.report
    form.save_button.click()
    form.save_button.click()
    qtbot.waitUntil(lambda: page.report is None, timeout=60_000)
    assert rows(stage, "SELECT count(*) FROM service_request") == [(1,)]
    page.stop()


def test_the_label_of_an_asset_is_enough(stage: Stage) -> None:
    ((stub_id, site_id),) = rows(stage, "SELECT id, site_id FROM asset_stub ORDER BY code LIMIT 1")
    asset_id, own = "00000000-0000-7000-8000-00000000a55e", "00000000-0000-7000-8000-0000000057ab"
    entity, label = edited(stage, "asset_stub", str(stub_id), asset_id=asset_id)
    bring(stage, (entity, {**label, "id": own, "aggregate_id": own}))
    with stage.session.writing() as write:
        report_problem(write, str(asset_id), title="Noise")
    assert rows(stage, "SELECT site_id, asset_id FROM service_request") == [(site_id, asset_id)]
    with pytest.raises(Refused), stage.session.writing() as write:
        report_problem(write, "00000000-0000-7000-8000-00000000dead", title="Noise")


def test_a_request_that_waits_to_be_sent_is_called_by_what_was_reported(stage: Stage, asset_id: str) -> None:
    with stage.session.writing() as write:
        report_problem(write, asset_id, title="Oil under the pump")
    with stage.session.reading() as reading:
        said = [change_words(each) for each in changes(reading, ("pending",))]
    assert said == ["Problem reported: Oil under the pump"]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_what_was_reported_and_the_form_fit_the_card(
    qtbot: QtBot, stage: Stage, asset_id: str, size: tuple[int, int]
) -> None:
    with stage.session.writing() as write:
        report_problem(write, asset_id, title="Oil under the pump, and a smell of burnt rubber in the whole room")
    page = open_card(qtbot, stage, asset_id, size)
    qtbot.waitUntil(lambda: len(page.card.requests.lines) == 1, timeout=60_000)
    qtbot.waitUntil(lambda: stumbling_blocks(page) == [], timeout=60_000)
    press(page.card.requests.report_button)
    qtbot.waitUntil(lambda: stumbling_blocks(page) == [], timeout=60_000)
    page.stop()

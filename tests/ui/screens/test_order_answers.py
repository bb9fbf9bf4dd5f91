"""What the office did about an order, as its page tells the technician: answers to requests, a number used twice."""

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.order import order_page
from cmms_desktop.ui.screens.order.facts import header_state
from tests.ui.screens.day_pages import open_order
from tests.ui.screens.office_news import bring, conflict, edited
from tests.ui.stage import Stage, person


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


@pytest.mark.parametrize(("resolution", "said"), [("mine", "granted"), ("theirs", "declined")])
def test_the_answer_to_a_request_is_a_notice_while_the_order_is_open(
    qtbot: QtBot, stage: Stage, order_id: str, resolution: str, said: str
) -> None:
    request = (None, "2026-03-14T08:00:00.000000Z", None)
    answer = {"resolution": resolution, "resolved_by": person("supervisor").person_id, "reason": "The lift is free."}
    at = "2026-03-12T05:12:00.000000Z"
    bring(stage, conflict(stage, 1, order_id, "due_at", request, kind="request", **answer, resolved_at=at))
    page = open_order(qtbot, stage, order_id)
    text = page.pane.tabs.summary.notices[0].accessibleName()
    assert text.startswith("The office answered your request")
    assert f"{said} your request, at " in text
    assert "“The lift is free.”" in text
    page.stop()


def test_a_number_that_is_used_twice_has_a_badge(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    bring(stage, edited(stage, "work_order", order_id, code_conflict=True))
    with stage.session.reading() as reading:
        found = order_page(reading, order_id)
    assert found is not None
    assert "Number used twice" in {badge.text for badge in header_state(found, now=stage.clock(), lacking=()).badges}

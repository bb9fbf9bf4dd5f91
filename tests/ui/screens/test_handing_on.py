"""A technician cannot take an order: he asks on its page, sees it wait, takes it back; the supervisor answers it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.assignment_requests import AssignmentRequest, assignment_requests
from cmms_desktop.application.queries.counts import place_counts
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.hand_on.presenter import CHOOSE, MOST_TAKERS
from cmms_desktop.ui.screens.hand_on.view import HandOnForm
from cmms_desktop.ui.screens.inbox.view import InboxPage
from cmms_desktop.ui.screens.order.summary import NoticeBanner
from cmms_desktop.ui.screens.order.view import OrderPage
from sync_server.contract import codec
from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.assigning import reason_id
from tests.ui.screens.day_pages import SMALL, choose_more, more_of, open_order, press, rows, shown, stumbling_blocks
from tests.ui.screens.inbox_page import block
from tests.ui.screens.office_news import bring, conflict, edited
from tests.ui.stage import Stage, a_stage, person

NOW = "2026-03-12T06:00:00.000000Z"
CANNOT = "I cannot take this order"
WHY = "I have no licence for the lift."


@pytest.fixture
def order_id(stage: Stage) -> str:
    return stage.order_ids[1]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path, login="supervisor") as made:
        yield made


def form_of(page: OrderPage) -> HandOnForm:
    choose_more(page, CANNOT)
    content = page.pane.sheet_content
    assert isinstance(content, HandOnForm)
    return content


def told(page: OrderPage, said: str) -> NoticeBanner | None:
    found = [each for each in page.pane.tabs.summary.notices if said in each.accessibleName()]
    return found[0] if found else None


def waiting(stage: Stage, order_id: str) -> tuple[AssignmentRequest, ...]:
    with stage.session.reading() as reading:
        return assignment_requests(reading, order_id)


def assignment(stage: Stage, order_id: str) -> str:
    sql = "SELECT id FROM work_order_assignment WHERE aggregate_id = ? AND deleted_at IS NULL"
    return str(rows(stage, sql, order_id)[0][0])


def ask_as(stage: Stage, order_id: str, author: str, wanted: str | None) -> None:
    """Let a pull bring somebody's request, with its reason."""
    target = ("work_order_assignment", assignment(stage, order_id))
    holder = person("technician").person_id
    name, made = conflict(
        stage, 7, order_id, "person_id", (holder, wanted, holder), kind="request", author=author, target=target
    )
    who, remark = person(author).person_id, reason_id(str(made["mutation_id"]))
    stamps = {name: made[name] for name in ("created_at", "created_by", "updated_at", "updated_by", "aggregate_id")}
    said = {"id": remark, "work_order_id": order_id, "author_id": who, "text": WHY, "written_at": made["created_at"]}
    bring(stage, (name, made), ("comment", codec.completed(REGISTRY["comment"], {**stamps, **said, "version": 1})))


def test_he_gives_it_back_with_a_reason_and_sees_it_wait(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    form = form_of(page)
    press(form.send_button)
    assert form.reason.error == "Say why you cannot take this order."
    assert waiting(stage, order_id) == ()
    qtbot.keyClicks(form.reason.line, WHY)
    press(form.send_button)
    (request,) = waiting(stage, order_id)
    assert (request.stage, request.to, request.reason) == ("here", "", WHY)
    notice = told(page, "You asked to give this order back")
    assert notice is not None
    assert f"“{WHY}” Saved on this device" in notice.accessibleName()
    assert CANNOT not in more_of(page), "he asks once"
    page.stop()


def many(stage: Stage, order_id: str) -> None:
    """Let more people work at the site than are offered at once."""
    order = stage.replica.get("work_order", order_id)
    assert order is not None
    for number in range(MOST_TAKERS + 2):
        person_id, name = f"00000000-0000-7000-8000-0000000b{number:04x}", f"Fitter {number:02}"
        stamps = {"aggregate_id": person_id, "version": 1, "created_at": NOW, "updated_at": NOW}
        who = {"id": person_id, "name": name, "role": "technician", **stamps}
        enters = {"id": f"{person_id[:-8]}0c0c{number:04x}", "person_id": person_id, "role": "technician", **stamps}
        bring(
            stage,
            ("person", codec.completed(REGISTRY["person"], who)),
            ("site_access", codec.completed(REGISTRY["site_access"], {**enters, "site_id": order["site_id"]})),
        )


def test_he_names_somebody_of_a_long_list_by_typing(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    many(stage, order_id)
    page = open_order(qtbot, stage, order_id)
    form = form_of(page)
    assert form.takers.isHidden()
    press(form.way.button("other"))
    assert form._note.text().endswith("others not shown. Type a name.")
    qtbot.keyClicks(form.reason.line, WHY)
    press(form.send_button)
    assert form.missing.text() == CHOOSE
    qtbot.keyClicks(form.search.line, "fitter 09")
    ((fitter, name),) = form._offered
    press(form.takers.button(fitter))
    assert name == "Fitter 09"
    assert form.missing.isHidden()
    press(form.send_button)
    (request,) = waiting(stage, order_id)
    assert request.to == name
    page.stop()


def test_on_a_small_window_who_takes_it_is_in_sight(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id, size=SMALL)
    form = form_of(page)
    press(form.way.button("other"))
    qtbot.waitUntil(lambda: stumbling_blocks(page) == [], timeout=60_000)
    assert form.search.isHidden(), "few names need no search"
    assert not form.takers.button(form._offered[0][0]).visibleRegion().isEmpty()
    page.stop()


def test_what_is_half_entered_is_there_again(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    form = form_of(page)
    press(form.way.button("other"))
    qtbot.keyClicks(form.reason.line, "No lic")
    page.stop()
    page = open_order(qtbot, stage, order_id)
    again = page.pane.sheet_content
    assert isinstance(again, HandOnForm)
    assert (again.way.current, again.reason.text()) == ("other", "No lic")
    page.stop()


def test_he_takes_it_back_before_it_is_sent_and_while_it_waits(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_order(qtbot, stage, order_id)
    form = form_of(page)
    qtbot.keyClicks(form.reason.line, WHY)
    press(form.send_button)
    notice = told(page, "You asked")
    assert notice is not None
    notice.acted.emit()
    assert waiting(stage, order_id) == ()
    page.stop()
    ask_as(stage, order_id, "technician", None)
    page = open_order(qtbot, stage, order_id)
    notice = told(page, "Waiting for the office.")
    assert notice is not None
    notice.acted.emit()
    assert waiting(stage, order_id) == ()
    assert told(page, "took the request back") is not None
    page.stop()


def test_a_request_that_came_too_late_says_so(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    ask_as(stage, order_id, "technician", None)
    with stage.session.reading() as reading:
        assert place_counts(reading, stage.person_id).conflicts == 1
    row_id = assignment(stage, order_id)
    bring(stage, edited(stage, "work_order_assignment", row_id, deleted_at=NOW))
    with stage.session.reading() as reading:
        assert place_counts(reading, stage.person_id).conflicts == 0, "the inbox asks nobody about it"
    page = open_order(qtbot, stage, order_id)
    assert told(page, "The order was given to somebody else meanwhile. Nothing is left to answer.") is not None
    assert told(page, "Waiting for the office.") is None
    page.stop()


@pytest.mark.parametrize(("choice", "is_his"), [("mine", False), ("theirs", True)])
def test_the_supervisor_reads_who_why_and_whom_and_answers(
    qtbot: QtBot, office: Stage, choice: str, is_his: bool
) -> None:
    technician, supervisor = person("technician").person_id, person("supervisor").person_id
    sql = "SELECT aggregate_id FROM work_order_assignment WHERE person_id = ? AND deleted_at IS NULL ORDER BY 1"
    order_id = str(rows(office, sql, technician)[0][0])
    ask_as(office, order_id, "technician", supervisor)
    page = open_order(qtbot, office, order_id)
    notice = told(page, "asked to give this order to")
    assert notice is not None
    notice.acted.emit()
    assert office.context.navigator.places[-1] == Place.of("inbox", conflict_id=waiting(office, order_id)[0].id)
    page.stop()
    inbox = shown(qtbot, InboxPage(office.context, Place.of("inbox", conflict_id=order_id)))
    card = block(inbox, 7)
    assert card._label.text() == "Assigned to"
    assert card._sentence.text().endswith(f"“{WHY}”")
    assert not card.edit.isVisible()
    assert stumbling_blocks(inbox) == []
    inbox._presenter.keep(waiting(office, order_id)[0].id, choice)  # type: ignore[arg-type]
    inbox._presenter.settle_chosen()
    live = "SELECT person_id FROM work_order_assignment WHERE aggregate_id = ? AND deleted_at IS NULL"
    has = {line[0] for line in rows(office, live, order_id)}
    assert has == {technician if is_his else supervisor}

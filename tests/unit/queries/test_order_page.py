"""One order: header, context, the next step of a visit, and how far its signatures are."""

from decimal import Decimal
from functools import partial

import pytest

from cmms_desktop.application.commands import checklists, sign_off, visits
from cmms_desktop.application.queries.order import OrderPage, order_page
from cmms_desktop.application.queries.order_list import OrderFilter, all_orders
from cmms_desktop.application.queries.visits import visit_lines
from tests.support.replicas import SITE, Field, uid
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import PASSWORD, Stage
from tests.ui.stage import rows as seeded
from tests.unit.queries.working import (
    INK,
    act,
    answer,
    answer_all,
    ask,
    finish,
    item_of,
    order_with,
    page_of,
    sign,
    start,
    statements_of,
    supervise,
)


def page(stage: Stage, order_id: str) -> OrderPage:
    found = ask(stage.replica, lambda reading: order_page(reading, order_id))
    assert found is not None
    return found


def test_an_order_says_everything_of_its_header(technician: Stage) -> None:
    found = page(technician, technician.order_ids[0])
    assert (found.number, found.site, found.site_address) == ("WO-0035", "Site North", "1 Example Road, North District")
    assert found.location == "Main building, First floor, Workshop"
    assert (found.asset_code, found.asset_name) == ("N-SENSOR-044", "Sensor N44")
    assert (found.reported_by, found.people) == ("Planner", ("Technician 1",))
    assert found.hazards == ("Rotating parts. Wait for standstill.",)
    assert found.planned_minutes is not None
    assert found.stock_as_of == "2026-03-12T06:58:00.000000Z"
    assert found.counts.checklist == page_of(technician, found.id).total
    assert (found.is_locked, found.requires_signature, found.next_step) == (False, True, "travel")


def test_an_order_of_a_company_says_so_by_the_name_that_the_server_gave(supervisor: Stage) -> None:
    """Also in the list and its search; until the server has said a name, nobody is named."""
    (row,) = (
        row
        for (entity, _), row in seeded().items()
        if (entity, row.get("work_order_id")) == ("work_order_assignment", supervisor.order_ids[0])
    )
    company = {"person_id": None, "team_id": None, "contractor_id": row["id"]}
    for name, said in ((None, ()), ("<i>Lift repairs</i>", ("Contractor: <i>Lift repairs</i>",))):
        bring(supervisor, edited(supervisor, "work_order_assignment", str(row["id"]), **company, contractor_name=name))
        found = page(supervisor, supervisor.order_ids[0])
        assert found.people == said
        wanted = OrderFilter(text=" ".join((found.number, *said)))
        (line,) = ask(supervisor.replica, partial(all_orders, wanted=wanted))
        assert line.people == ", ".join(said)


def test_the_next_step_follows_the_visit(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    steps = [page(technician, order_id).next_step]
    log_id = act(technician, lambda write: visits.start_travel(write, order_id))
    steps.append(page(technician, order_id).next_step)
    act(technician, lambda write: visits.arrive(write, log_id, None, reason="No satellites."))
    steps.append(page(technician, order_id).next_step)
    act(technician, lambda write: visits.start_work(write, log_id))
    steps.append(page(technician, order_id).next_step)
    act(technician, lambda write: visits.pause_work(write, log_id, reason="A part is missing."))
    steps.append(page(technician, order_id).next_step)
    act(technician, lambda write: visits.resume_work(write, log_id))
    answer_all(technician, order_id)
    act(technician, lambda write: visits.leave(write, log_id))
    steps.append(page(technician, order_id).next_step)
    assert steps == ["travel", "arrive", "start", "finish", "resume", "sign"]
    visit = page(technician, order_id).visit
    assert visit is not None
    assert visit.id == log_id
    assert visit.ended_at is not None


def test_who_left_with_answers_missing_has_to_come_back(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    log_id = start(technician, order_id)
    act(technician, lambda write: visits.leave(write, log_id))
    found = page(technician, order_id)
    assert (found.status, found.visit, found.next_step) == ("in_progress", None, "travel")


def test_after_a_return_the_work_begins_anew(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    locked = page(technician, order_id)
    assert (locked.is_locked, locked.next_step, locked.signed.is_performed) == (True, "sign_off", True)
    technician.clock.advance(minutes=1)
    supervise(technician, order_id, reason="The gasket leaks.")
    returned = page(technician, order_id)
    assert (returned.visit, returned.next_step, returned.return_reason) == (None, "travel", "The gasket leaks.")
    technician.clock.advance(minutes=1)
    start(technician, order_id)
    assert page(technician, order_id).next_step == "finish"


def test_what_the_customer_said_counts_until_the_work_is_signed_anew(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    start(technician, order_id)
    answer_all(technician, order_id)
    assert page(technician, order_id).signed.customer is None
    sign(technician, order_id)
    hand = technician.session.prove(PASSWORD)
    act(
        technician,
        lambda write: sign_off.customer_refuses(write, hand, order_id, printed_name="Customer", reason="It leaks."),
    )
    said = page(technician, order_id).signed
    assert (said.is_performed, said.customer, said.customer_reason) == (True, "refused", "It leaks.")
    technician.clock.advance(minutes=1)
    act(technician, lambda write: sign_off.sign_performed(write, hand, order_id, strokes=INK))
    assert page(technician, order_id).signed.customer is None


def test_parent_and_follow_ups_name_each_other(technician: Stage) -> None:
    order_id = order_with(technician, "isolated")
    answer(technician, order_id, "isolated", result="fail", note="No tag.")
    item = item_of(technician, order_id, "isolated")
    made = act(technician, lambda write: checklists.follow_up(write, item.id))
    (follow_up,) = page(technician, order_id).follow_ups
    parent = page(technician, made).parent
    assert follow_up.id == made
    assert parent is not None
    assert parent.id == order_id


def test_planned_parts_say_where_they_lie(technician: Stage) -> None:
    planned = [(each, found) for each in technician.order_ids if (found := page(technician, each)).planned_parts]
    (part,) = planned[0][1].planned_parts
    assert (part.planned, part.used) == (Decimal(1), Decimal(0))
    assert part.part.stock[0].place.is_own_van
    assert {line.place.kind for line in part.part.stock} == {"van", "store"}
    assert part.is_in_van == (part.part.in_van >= 1)


def test_the_last_visit_is_that_of_another_order_at_the_same_asset(field: Field) -> None:
    order_id = field.add_order(1, asset_id=uid(50))
    for number, completed_at in ((2, "2026-01-05T10:00:00.000000Z"), (3, "2026-02-05T10:00:00.000000Z")):
        field.add_order(number, asset_id=uid(50), status="closed", completed_at=completed_at)
    field.add_order(4, asset_id=uid(51), status="closed", completed_at="2026-03-01T10:00:00.000000Z")
    field.pull()
    found = ask(field.replica, lambda reading: order_page(reading, order_id))
    assert found is not None
    assert found.last_visit is not None
    assert (found.last_visit.order.id, found.last_visit.ended_at) == (uid(3), "2026-02-05T10:00:00.000000Z")


def test_an_order_that_is_not_here_is_no_page(technician: Stage, field: Field) -> None:
    order_id = field.add_order(1)
    field.pull()
    field.server.change("work_order", order_id, deleted_at="2026-03-02T09:00:00.000000Z")
    field.pull()
    assert ask(field.replica, lambda reading: order_page(reading, order_id)) is None
    assert ask(technician.replica, lambda reading: order_page(reading, uid(1))) is None


def test_an_order_without_anything_known_is_a_page_all_the_same(field: Field) -> None:
    values = {"location_id": uid(60), "asset_id": uid(61), "parent_id": uid(62), "asset_text": "LABEL-7"}
    order_id = field.add_order(1, status="waiting_for_parts", priority="blocker", type="audit", **values)
    field.pull()
    found = ask(field.replica, lambda reading: order_page(reading, order_id))
    assert found is not None
    assert (found.status, found.priority, found.type) == ("waiting_for_parts", "blocker", "audit")
    assert (found.site, found.site_id, found.location, found.asset_name, found.parent) == ("", SITE, None, None, None)
    assert (found.asset_text, found.next_step, found.reported_by) == ("LABEL-7", "none", None)


def test_visits_say_when_and_where_and_how_long_they_paused(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    technician.stand_at(order_id, metres_east=400.0)
    position = technician.receiver.position
    log_id = act(technician, lambda write: visits.start_travel(write, order_id))
    technician.clock.advance(minutes=18)
    act(technician, lambda write: visits.arrive(write, log_id, position, reason="Parked down the road."))
    act(technician, lambda write: visits.start_work(write, log_id))
    act(technician, lambda write: visits.pause_work(write, log_id, reason="A part is missing."))
    technician.clock.advance(minutes=25)
    act(technician, lambda write: visits.resume_work(write, log_id))
    technician.clock.advance(minutes=10)
    act(technician, lambda write: visits.leave(write, log_id))
    (visit,) = ask(technician.replica, lambda reading: visit_lines(reading, order_id))
    assert (visit.person, visit.travel_minutes, visit.work_minutes, visit.pause_minutes) == ("Technician 1", 18, 35, 25)
    assert [event.kind for event in visit.events] == ["travel", "arrive", "start", "pause", "resume", "leave"]
    arrival = visit.arrival
    assert arrival is not None
    assert (arrival.fence, arrival.reason, arrival.source) == ("outside", "Parked down the road.", "nmea-file")
    assert arrival.distance_m == pytest.approx(400, rel=0.02)
    assert (arrival.received_at, arrival.is_mock) == (None, False)


def test_an_order_takes_few_statements(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    assert statements_of(technician.replica, lambda reading: order_page(reading, order_id)) <= 20

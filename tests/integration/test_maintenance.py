"""Planned maintenance makes each order once: by the calendar of its site or by a meter, however often one looks."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import errors

from sync_server.application.maintenance import making, schedules
from sync_server.application.maintenance.schedules import ByCalendar, ByMeter, Place
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import derived_id
from sync_server.errors import Refused
from sync_server.routines import nightly
from sync_server.storage.tenant_connection import TenantConnection
from tests.support.plant import AT, DAILY, Plant
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import Server

PATIENCE_S = 60.0


@pytest.fixture
def plant(server: Server) -> Plant:
    return Plant.of(server)


# ---- once


def test_a_run_makes_the_order_of_a_template_and_the_next_run_none(plant: Plant) -> None:
    schedule_id = plant.add(DAILY)
    before = plant.organization.seq()
    (made,) = plant.run()
    assert plant.run() == plant.run(AT + timedelta(hours=20)) == []
    (order,) = plant.orders()
    assert (made.numbers, made.held_back) == ((order["number"],), None)
    assert (order["title"], order["status"], order["due_at"]) == ("A round", "new", "2026-03-02T08:00:00.000000Z")
    assert (order["asset_id"], order["site_id"]) == (plant.asset["id"], plant.site["id"])
    assert plant.organization.seq() == before + 1
    assert plant.organization.ask(
        "select occurrence, work_order_id::text, passed_over from maintenance_occurrence"
        " where maintenance_schedule_id = %s",
        schedule_id,
    ) == [("2026-03-02T08:00", order["id"], 0)]
    assert_index_is_right(plant.organization)
    assert plant.run(AT + timedelta(days=1))[0].numbers != made.numbers
    assert plant.due() == ["2026-03-02T08:00", "2026-03-03T08:00"]


def test_of_several_servers_at_once_one_makes_it(plant: Plant) -> None:
    plant.add(DAILY)
    with ThreadPoolExecutor(6) as threads:
        told = [each.result(PATIENCE_S) for each in [threads.submit(plant.run) for _ in range(6)]]
    assert sorted(len(each) for each in told) == [0, 0, 0, 0, 0, 1]
    assert plant.due() == ["2026-03-02T08:00"]


class CutOff(Exception):  # noqa: N818 - what happened
    """The process died here."""


def test_whichever_statement_is_the_last_there_is_one_order_in_the_end(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule_id = plant.add(DAILY)
    execute = TenantConnection.execute
    left = 0

    def failing(connection: Any, *args: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise CutOff
        return execute(connection, *args, **more)

    for most in range(100):
        left = most
        with monkeypatch.context() as patch:
            patch.setattr(TenantConnection, "execute", failing)
            try:
                made = making.make(plant.organization.database, plant.organization.id, schedule_id, at=AT)
            except CutOff:
                made = None
        if made is not None:
            break
        assert plant.orders() == []
        assert plant.organization.ask(
            "select count(*) from maintenance_occurrence where organization_id = %s", plant.organization.id
        ) == [(0,)]
    assert most > 8, "statements were counted"
    assert made is not None
    assert plant.run() == []
    assert plant.due() == ["2026-03-02T08:00"]


def test_a_schedule_that_was_set_back_makes_nothing_twice_and_goes_on(plant: Plant) -> None:
    """Whatever somebody has done to its row: what was made is known by its name."""
    schedule_id = plant.add(DAILY)
    plant.run(AT)
    plant.run(AT + timedelta(days=1))
    back = "update maintenance_schedule set next_local = '2026-03-02T08:00', next_due_at = %s where id = %s"
    plant.organization.ask(back, AT - timedelta(hours=1), schedule_id)
    assert plant.run(AT + timedelta(days=1)) == []
    assert plant.stands().next_local == "2026-03-04T08:00"
    assert plant.due() == ["2026-03-02T08:00", "2026-03-03T08:00"]


def test_an_order_that_is_made_again_after_a_restore_is_the_one_that_devices_have(plant: Plant) -> None:
    """Its id follows from schedule and occurrence: what a device took meanwhile is about the same order."""
    schedule_id = plant.add(DAILY)
    plant.run()
    (order,) = plant.orders()
    assert order["id"] == derived_id(schedule_id, "occurrence 2026-03-02T08:00")


# ---- by the calendar


def test_a_server_that_was_off_for_three_months_makes_one_overdue_order(plant: Plant) -> None:
    schedule_id = plant.add(DAILY)
    (made,) = plant.run(AT + timedelta(days=91))
    assert len(made.numbers) == 1
    assert plant.due() == ["2026-03-02T08:00"], "due since the first that was missed"
    ask = "select passed_over from maintenance_occurrence where maintenance_schedule_id = %s"
    assert plant.organization.ask(ask, schedule_id) == [(91,)]
    assert plant.stands().next_local == "2026-06-02T08:00"


def test_orders_are_made_ahead_each_once_and_none_twice_when_many_are(plant: Plant) -> None:
    plant.add(ByCalendar("FREQ=DAILY", date(2026, 3, 3), lead_days=7))
    plant.run(AT)
    assert plant.due() == [f"2026-03-{day:02}T08:00" for day in range(3, 10)]
    plant.run(AT + timedelta(days=1))
    assert plant.due()[-1] == "2026-03-10T08:00"
    plant.add(ByCalendar("FREQ=DAILY;COUNT=40", date(2026, 3, 3), lead_days=60), "Much")
    assert [len(made.numbers) for made in plant.run(AT + timedelta(days=1))] == [31, 9], "in several commits"
    assert plant.stands("Much").next_due_at is None, "it is over"


def test_at_half_past_two_there_is_one_order_each_night_whatever_the_clock_does(server: Server) -> None:
    plant = Plant.of(server, time_zone="Europe/Berlin")
    for name, first in (("Spring", date(2026, 3, 28)), ("Autumn", date(2026, 10, 24))):
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
        plant.add(ByCalendar("FREQ=DAILY;COUNT=3", first, minute_of_day=150), name, at=begin - timedelta(days=1))
        for day, half_hour in itertools.product(range(3), range(7)):
            plant.run(begin + timedelta(days=day, minutes=30 * half_hour))
    assert plant.due() == [
        *("2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"),
        *("2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"),
    ]


def test_a_site_that_changes_its_time_zone_takes_its_schedules_along(plant: Plant) -> None:
    plant.add(DAILY)
    plant.run()
    plant.organization.change("site", plant.site["id"], time_zone="America/New_York")
    assert plant.run(AT + timedelta(days=1)) == [], "it is four o'clock in the morning there"
    (made,) = plant.run(AT + timedelta(days=1, hours=4))
    assert made.numbers
    assert plant.due()[-1] == "2026-03-03T13:00"


def test_what_came_before_a_schedule_was_added_or_while_it_was_paused_is_not_made(plant: Plant) -> None:
    plant.add(ByCalendar("FREQ=DAILY", date(2020, 1, 1), lead_days=2))
    plant.run()
    ahead = ["2026-03-02T08:00", "2026-03-03T08:00", "2026-03-04T08:00"]
    assert plant.due() == ahead
    database, organization_id = plant.organization.database, plant.organization.id
    schedules.pause(database, organization_id, "Lubricate")
    assert plant.run(AT + timedelta(days=30)) == []
    schedules.resume(database, organization_id, "Lubricate", at=AT + timedelta(hours=1))
    assert plant.run(AT + timedelta(hours=1)) == [], "made ahead already"
    schedules.pause(database, organization_id, "Lubricate")
    schedules.resume(database, organization_id, "Lubricate", at=AT + timedelta(days=30))
    plant.run(AT + timedelta(days=30))
    assert plant.due() == [*ahead, "2026-04-02T08:00", "2026-04-03T08:00"]
    schedules.resume(database, organization_id, "Lubricate", at=AT + timedelta(days=300))
    assert plant.stands().next_local < "2026-05", "resuming what goes on changes nothing"
    schedules.remove(database, organization_id, "Lubricate")
    assert plant.run(AT + timedelta(days=60)) == []
    plant.add(DAILY)  # its name is free again


# ---- what is in the way


def _obstacle(plant: Plant, kind: str) -> tuple[str, Row, dict[str, Any], dict[str, Any]]:
    """Entity, row, what puts it in the way, and what takes it out again."""
    gone = ({"deleted_at": "2026-03-01T00:00:00.000000Z"}, {"deleted_at": None})
    return {
        "its asset is deleted": ("asset", plant.asset, *gone),
        "its asset is retired": ("asset", plant.asset, {"status": "retired"}, {"status": "operational"}),
        "its site is deleted": ("site", plant.site, *gone),
        "its template is deleted": ("work_order_template", plant.template, *gone),
        "no orders are made of": ("work_order_template", plant.template, {"is_active": False}, {"is_active": True}),
        "time zone of its site": ("site", plant.site, {"time_zone": "Nowhere/City"}, {"time_zone": "UTC"}),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "its asset is deleted",
        "its asset is retired",
        "its site is deleted",
        "its template is deleted",
        "no orders are made of",
        "time zone of its site",
    ],
)
def test_what_is_in_the_way_is_said_and_once_it_is_gone_one_order_is_made(plant: Plant, kind: str) -> None:
    plant.add(DAILY)
    entity, row, put, taken = _obstacle(plant, kind)
    plant.organization.change(entity, row["id"], **put)
    for day in range(3):
        (made,) = plant.run(AT + timedelta(days=day))
        assert (made.numbers, kind in str(made.held_back).lower()) == ((), True)
    assert plant.orders() == []
    assert plant.stands().held_back == made.held_back
    plant.organization.change(entity, row["id"], **taken)
    plant.run(AT + timedelta(days=3))
    assert plant.due() == ["2026-03-02T08:00"]
    assert plant.stands().held_back is None


@pytest.mark.expects_warnings
def test_a_template_that_cannot_be_read_stands_in_no_other_schedules_way(plant: Plant) -> None:
    broken = plant.organization.add("checklist_template", code="C", name="Check", items='[{"key":"a"}]')
    plant.organization.add("work_order_template", name="Broken", title="Broken", checklist_template_id=broken["id"])
    other = Place("Broken", str(plant.site["code"]))
    schedules.add(plant.organization.database, plant.organization.id, "A broken one", other, DAILY, at=AT)
    plant.add(DAILY)
    told = plant.run()
    assert [(made.schedule, bool(made.numbers)) for made in told] == [("A broken one", False), ("Lubricate", True)]
    assert told[0].held_back
    assert len(plant.orders()) == 1


def test_an_asset_that_moves_takes_its_schedule_to_its_new_site(plant: Plant) -> None:
    plant.add(DAILY)
    elsewhere = plant.organization.site()
    plant.organization.change("asset", plant.asset["id"], site_id=elsewhere["id"])
    plant.run()
    (order,) = plant.orders()
    assert order["site_id"] == elsewhere["id"]
    ask = "select site_id::text from maintenance_schedule where organization_id = %s"
    assert plant.organization.ask(ask, plant.organization.id) == [(elsewhere["id"],)]


def test_the_office_of_the_site_to_which_an_asset_went_sees_its_schedule_long_before_it_is_due(plant: Plant) -> None:
    """And that of the site where it was does no more, from the next night on."""
    plant.add(ByCalendar("FREQ=YEARLY", date(2026, 11, 2)))
    elsewhere = plant.organization.site()
    plant.organization.change("asset", plant.asset["id"], site_id=elsewhere["id"])
    for _ in range(2):
        assert plant.run() == []
        assert making.ready(plant.organization.database, plant.organization.id, at=AT) == []
    ask = "select site_id::text from maintenance_schedule where organization_id = %s"
    assert plant.organization.ask(ask, plant.organization.id) == [(elsewhere["id"],)]


# ---- by a meter


def test_a_meter_makes_an_order_each_time_that_it_has_counted_up_so_much(plant: Plant) -> None:
    meter = plant.meter("1000.0000")
    plant.add(ByMeter("Hours", Decimal(250)))
    assert plant.stands().next_due_value == 1250
    shown = {}
    for value in ("1249.9999", "1250.0000", "1300.0000", "1499.0000", "4000.0000", "4249.0000"):
        plant.organization.change("meter", meter["id"], last_value=value)
        shown[value] = [len(plant.run()), len(plant.run())]
    assert {value for value, counts in shown.items() if counts == [1, 0]} == {"1250.0000", "4000.0000"}
    assert len(plant.orders()) == 2
    assert plant.stands().next_due_value == 4250, "since the last order, however far beyond it was"


def test_a_meter_that_was_never_read_is_waited_for_and_a_deleted_one_is_said(plant: Plant) -> None:
    meter = plant.meter()
    plant.add(ByMeter("Hours", Decimal("0.5"), last=Decimal(10)))
    assert plant.run() == []
    plant.organization.change("meter", meter["id"], last_value="10.5000", deleted_at="2026-03-01T00:00:00.000000Z")
    (made,) = plant.run()
    assert (made.numbers, made.held_back) == ((), "Its meter is deleted.")


# ---- what cannot be


WRONG: list[tuple[Any, str]] = [
    (ByCalendar("FREQ=HOURLY", date(2026, 3, 2)), "What FREQ says"),
    (ByCalendar("FREQ=DAILY;UNTIL=20260101", date(2025, 3, 2)), "over already"),
    (ByCalendar("FREQ=DAILY", date(2026, 3, 2), lead_days=-1), "ahead"),
    (ByCalendar("FREQ=DAILY", date(2026, 3, 2), lead_days=366), "ahead"),
    (ByCalendar("FREQ=DAILY", date(2026, 3, 2), minute_of_day=1440), "1440"),
    (ByMeter("Nothing", Decimal(1)), "no meter called"),
    (ByMeter("Hours", Decimal(0)), "above 0"),
    (ByMeter("Hours", Decimal("NaN")), "above 0"),
    (ByMeter("Hours", Decimal("1e99")), "above 0"),
    (ByMeter("Hours", Decimal("0.00001")), "four decimals"),
    (ByMeter("Hours", Decimal(1), last=Decimal("Infinity")), "showed last"),
]


@pytest.mark.parametrize(("when", "said"), WRONG)
def test_what_cannot_be_is_refused_and_nothing_is_added(plant: Plant, when: ByCalendar | ByMeter, said: str) -> None:
    plant.meter()
    with pytest.raises(Refused, match=said):
        plant.add(when)
    assert schedules.listed(plant.organization.database, plant.organization.id) == []


def test_names_are_one_schedule_each_and_unknown_ones_are_said(plant: Plant) -> None:
    plant.add(DAILY)
    with pytest.raises(Refused, match="already"):
        plant.add(DAILY)
    other = Plant.of(plant.organization.server)
    other.add(DAILY)  # of another organization: the same name is free
    database = plant.organization.database
    for act in (schedules.pause, schedules.remove):
        with pytest.raises(Refused, match="no schedule called Oil"):
            act(database, plant.organization.id, "Oil")
    with pytest.raises(Refused, match="no schedule called Oil"):
        schedules.resume(database, plant.organization.id, "Oil", at=AT)


def test_a_schedule_goes_by_the_calendar_or_by_a_meter_never_by_both_or_neither(plant: Plant) -> None:
    plant.add(DAILY)
    meter = plant.meter()
    change = "update maintenance_schedule set {} where organization_id = %s"
    for values in (
        f"meter_id = '{meter['id']}', every_units = 1, next_due_value = 1",
        "rule = null, starts_on = null, minute_of_day = null",
        "starts_on = null",
        "lead_days = 366",
        "minute_of_day = 1440",
    ):
        with pytest.raises(errors.CheckViolation):
            plant.organization.ask(change.format(values), plant.organization.id)


def test_what_was_made_is_never_changed_or_removed(plant: Plant) -> None:
    plant.add(DAILY)
    plant.run()
    for statement in ("update maintenance_occurrence set passed_over = 1", "delete from maintenance_occurrence"):
        with pytest.raises(errors.RaiseException):
            plant.organization.ask(f"{statement} where organization_id = %s", plant.organization.id)


# ---- who sees it, and every night


def test_the_office_reads_the_schedules_of_its_sites_and_nobody_else_does(server: Server) -> None:
    plant, stranger = Plant.of(server), Plant.of(server)
    plant.add(DAILY)
    stranger.add(DAILY, "Foreign")
    organization, elsewhere = plant.organization, plant.organization.site()
    seen = {}
    for name, role, site in (
        ("planner", "planner", plant.site),
        ("supervisor elsewhere", "supervisor", elsewhere),
        ("technician", "technician", plant.site),
    ):
        client = organization.device(organization.person(role, site))
        answer = client.request("GET", "/v1/office/maintenance-schedules")
        assert answer.status_code == 200
        seen[name] = [(each["name"], each["next_due_at"]) for each in answer.json()]
        assert client.request("GET", "/v1/office/maintenance-schedules?after=Lubricate&limit=1").json() == []
    assert seen == {
        "planner": [("Lubricate", "2026-03-02T08:00:00.000000Z")],
        "supervisor elsewhere": [],
        "technician": [],
    }


def test_every_night_makes_what_is_due(plant: Plant) -> None:
    plant.add(DAILY)
    result = nightly.ROUTINES["schedules"](plant.organization.database, plant.organization.id, AT, lambda _: None)
    assert result == {"made": 1, "held_back": 0}
    assert len(plant.orders()) == 1

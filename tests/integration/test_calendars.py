"""Calendars: planned at the office by the clock of the site, seen by whom they concern and by nobody else."""

import io
import json
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sync_server.application import calendars
from sync_server.application.calendars import Planned, Span
from sync_server.application.office_lists import whole_office_reading
from sync_server.cli import main
from sync_server.contract.fields import Row, Scalar
from sync_server.errors import Refused
from tests.support.device_side import Client
from tests.support.kept_logs import kept_logs
from tests.support.postgres import TEST_SECRET
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Organization, Scene, Server, new_id

ADDRESS = "/v1/office/calendar-events"
BEGINS, ENDS = "2999-03-02T08:00:00.000000Z", "2999-03-02T16:00:00.000000Z"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def said(scene: Scene, **values: Scalar) -> dict[str, Scalar]:
    times = {"begins_at": BEGINS, "ends_at": ENDS}
    return {"site_id": scene.site["id"], "kind": "training", "title": "First aid", **times, **values}


def planned(organization: Organization, *, now: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> list[Planned]:
    with whole_office_reading(organization.database, organization.id) as connection:
        return calendars.listed(connection, organization.id, now=now, limit=100)


def seen(client: Client) -> set[str]:
    client.sync()
    return {str(row["title"]) for row in client.mirror.of("calendar_event").values()}


def by_name(scene: Scene, begins: str, ends: str, site: Row) -> Row:
    """Plan leave of the technician by days or wall clocks; give the row."""
    there = scene.organization
    whose = {"login": str(scene.technician["id"]), "site_code": str(site["code"])}
    event_id = calendars.plan_by_name(
        there.database, there.id, Span(_wall(begins), _wall(ends)), kind="leave", title="Holiday", **whose
    )
    return there.stands("calendar_event", event_id)


def _wall(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


# ---- who has it on his device


def test_invariant_05_an_event_is_on_the_devices_of_whom_it_concerns_and_on_no_others(scene: Scene) -> None:
    """Whoever joins the team has it with his next sync, and whoever leaves it has it no more."""
    there = scene.organization
    team = there.add("team", name="Crew", site_id=scene.site["id"])
    there.add("calendar_event", **said(scene, person_id=scene.technician["id"], title="His"))
    event = there.add("calendar_event", **said(scene, team_id=team["id"], title="The crew's"))
    assert (seen(scene.field), seen(scene.office)) == ({"His"}, set())
    people = {"aggregate_id": team["id"], "team_id": team["id"]}
    members = [
        there.add("team_member", **people, person_id=each["id"]) for each in (scene.technician, scene.supervisor)
    ]
    assert (seen(scene.field), seen(scene.office)) == ({"His", "The crew's"}, {"The crew's"})
    there.change("team_member", members[0]["id"], deleted_at=NOW)
    assert (seen(scene.field), seen(scene.office)) == ({"His"}, {"The crew's"})
    there.change("team_member", members[0]["id"], deleted_at=None)
    assert seen(scene.field) == {"His", "The crew's"}
    there.change("calendar_event", event["id"], deleted_at=NOW)
    assert (seen(scene.field), seen(scene.office)) == ({"His"}, set())
    assert_index_is_right(there)


def test_whom_an_event_concerns_changes_nothing_of_it(scene: Scene) -> None:
    event = scene.organization.add("calendar_event", **said(scene, person_id=scene.technician["id"]))
    scene.field.sync()
    verdict = scene.field.push_one(scene.field.edit("calendar_event", event, title="Not me"))
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_allowed")
    assert verdict["reason"].endswith("of the site may change events on calendars.")
    assert scene.organization.stands("calendar_event", event["id"]) == event


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": BEGINS},
        {"ends_at": "2999-03-02T07:59:59.999999Z"},
        {"title": "  "},
        {"kind": "illness"},
        {"person_id": None},
        {"team_id": "team"},
    ],
)
def test_what_is_no_event_is_refused_in_words(scene: Scene, wrong: dict[str, Scalar]) -> None:
    """By the office's programs and by a planner's device alike; nothing of it comes to the database."""
    there = scene.organization
    if "team_id" in wrong:
        wrong = {"team_id": there.add("team", name="Crew", site_id=scene.site["id"])["id"]}
    values = said(scene, **{"person_id": scene.technician["id"], **wrong})
    response = scene.office.post(ADDRESS, values)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_value"), response.text
    made = {name: value for name, value in values.items() if value is not None}
    verdict = scene.office.push_one(scene.office.create("calendar_event", **made))
    assert (verdict["status"], verdict["code"]) == ("rejected", "invalid_value")
    assert there.rows("calendar_event") == []


def test_two_edits_that_only_together_end_before_they_begin_leave_an_event(scene: Scene) -> None:
    """One supervisor moves the beginning while another moves the end: the later one is told."""
    there = scene.organization
    event = there.add("calendar_event", **said(scene, person_id=scene.technician["id"]))
    other = there.device(there.person("supervisor", scene.site))
    for client in (scene.office, other):
        client.sync()
    late, early = "2999-03-02T15:00:00.000000Z", "2999-03-02T09:00:00.000000Z"
    assert scene.office.push_one(scene.office.edit("calendar_event", event, begins_at=late))["status"] == "applied"
    verdict = other.push_one(other.edit("calendar_event", event, ends_at=early))
    assert (verdict["status"], verdict["code"]) == ("rejected", "invalid_value")
    stands = there.stands("calendar_event", event["id"])
    assert (stands["begins_at"], stands["ends_at"]) == (late, ENDS)


def test_a_conflict_is_settled_with_no_end_before_the_beginning(scene: Scene) -> None:
    """The value that lost was good when it was said; the event has moved since."""
    there = scene.organization
    event = there.add("calendar_event", **said(scene, person_id=scene.technician["id"]))
    manager = there.device(there.person("manager"))
    manager.sync()
    lost = manager.edit("calendar_event", event, ends_at="2999-03-02T14:00:00.000000Z")
    there.change("calendar_event", event["id"], ends_at="2999-03-02T15:00:00.000000Z")
    assert manager.push_one(lost)["status"] == "conflict"
    there.change("calendar_event", event["id"], begins_at="2999-03-02T14:30:00.000000Z")
    (row,) = there.rows("conflict")
    mine = {"resolution": [None, "mine"], "resolved_value": [row["theirs_value"], row["mine_value"]]}
    verdict = manager.push_one(manager.mutation("conflict.resolve", row["id"], aggregate_id=event["id"], set=mine))
    assert (verdict["status"], verdict["code"]) == ("rejected", "invalid_value")
    assert verdict["reason"] == "an event ends after it begins."
    assert there.stands("calendar_event", event["id"])["ends_at"] == "2999-03-02T15:00:00.000000Z"
    theirs = {**mine, "resolution": [None, "theirs"], "resolved_value": [row["theirs_value"]] * 2}
    verdict = manager.push_one(manager.mutation("conflict.resolve", row["id"], aggregate_id=event["id"], set=theirs))
    assert verdict["status"] == "applied", verdict


# ---- by the clock of the site


@pytest.mark.parametrize(
    ("begins", "ends", "instants"),
    [
        ("2026-03-29", "2026-03-29", ("2026-03-28T23:00", "2026-03-29T22:00")),  # 23 hours
        ("2026-10-25", "2026-10-25", ("2026-10-24T22:00", "2026-10-25T23:00")),  # 25 hours
        ("2026-03-28", "2026-03-30", ("2026-03-27T23:00", "2026-03-30T22:00")),
        ("2026-03-29T01:30", "2026-03-29T03:30", ("2026-03-29T00:30", "2026-03-29T01:30")),
        ("2026-10-25T02:30", "2026-10-25T03:00", ("2026-10-25T00:30", "2026-10-25T02:00")),
        ("2026-03-29T02:30", "2026-03-29T08:00", ("2026-03-29T01:30", "2026-03-29T06:00")),  # skipped
    ],
)
def test_a_day_is_a_day_of_the_site_whatever_its_clock_does(
    scene: Scene, begins: str, ends: str, instants: tuple[str, str]
) -> None:
    berlin = scene.organization.site(time_zone="Europe/Berlin")
    row = by_name(scene, begins, ends, berlin)
    assert (str(row["begins_at"])[:16], str(row["ends_at"])[:16]) == instants


@pytest.mark.parametrize(
    ("begins", "ends", "zone"),
    [
        ("2026-03-02", "2026-03-01", "UTC"),
        ("2026-03-29T02:30", "2026-03-29T03:00", "Europe/Berlin"),  # the hour is not there
        ("9999-12-31", "9999-12-31", "UTC"),
        ("0001-01-01", "0001-01-02", "Asia/Tokyo"),
        ("2026-03-02", "2026-03-02", "Europe/Nowhere"),
    ],
)
def test_a_time_that_cannot_be_is_refused(scene: Scene, begins: str, ends: str, zone: str) -> None:
    site = scene.organization.site(time_zone=zone)
    with pytest.raises(Refused) as refused:
        by_name(scene, begins, ends, site)
    assert refused.value.code == "invalid_value"
    assert refused.value.sentence.endswith(".")
    assert scene.organization.rows("calendar_event") == []


# ---- what the office is told


def test_orders_planned_into_an_absence_are_counted_and_stay(scene: Scene) -> None:
    """His own, his team's when the team is away; not what is done, planned at another time, or somebody else's."""
    there, his = scene.organization, scene.technician["id"]
    team = there.add("team", name="Crew", site_id=scene.site["id"])
    there.add("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=his)
    there.add("calendar_event", **said(scene, person_id=his, title="Person"))
    there.add("calendar_event", **said(scene, team_id=team["id"], title="Team", kind="leave"))
    there.add("calendar_event", **said(scene, person_id=his, title="On call", kind="on_call"))
    inside = {"scheduled_at": BEGINS}
    order = there.order(scene.site, scene.technician, **inside)
    there.order(scene.site, scene.technician, scheduled_at=ENDS)  # when it is over he is there again
    there.order(scene.site, scene.technician, status="completed", **inside)
    there.order(scene.site, scene.supervisor, **inside)
    of_team = there.order(scene.site, **inside)
    given = {"aggregate_id": of_team["id"], "work_order_id": of_team["id"], "team_id": team["id"]}
    there.add("work_order_assignment", **given)
    told = lambda: {each.title: each.orders for each in planned(there)}  # noqa: E731
    assert told() == {"Person": 1, "Team": 2, "On call": 0}
    for row in there.rows("work_order_assignment"):
        if row["work_order_id"] == order["id"]:
            there.change("work_order_assignment", row["id"], deleted_at=NOW)
    assert told() == {"Person": 0, "Team": 1, "On call": 0}
    assert there.stands("work_order", order["id"])["scheduled_at"] == BEGINS


def test_what_is_over_is_not_listed(scene: Scene) -> None:
    there = scene.organization
    there.add("calendar_event", **said(scene, person_id=scene.technician["id"]))
    assert [each.title for each in planned(there, now=datetime(2999, 3, 2, 15, 59, tzinfo=UTC))] == ["First aid"]
    assert planned(there, now=datetime(2999, 3, 2, 16, tzinfo=UTC)) == []


def test_the_office_plans_sees_and_cancels_at_its_sites_and_nobody_else_does(scene: Scene) -> None:
    there, far = scene.organization, scene.organization.site()
    for site in (scene.site, far):
        there.add("calendar_event", **said(scene, person_id=scene.technician["id"], site_id=site["id"]))
    own = {}
    for role in ("technician", "supervisor", "planner", "manager", "admin", "customer"):
        client = there.device(there.person(role, scene.site))
        listed = client.request("GET", ADDRESS)
        assert listed.status_code == 200, listed.text
        answers = [client.post(ADDRESS, said(scene, person_id=client.person_id, site_id=site["id"])).status_code
                   for site in (scene.site, far)]  # fmt: skip
        own[role] = (len(listed.json()), *answers)
    office = {role: own[role] for role in ("supervisor", "planner")}
    assert office == {"supervisor": (1, 200, 404), "planner": (2, 200, 404)}
    assert (own["manager"], own["admin"]) == ((4, 200, 200), (6, 200, 200))
    assert (own["technician"], own["customer"]) == ((0, 403, 404), (0, 403, 404))
    (event, *_) = [each for each in planned(there) if each.site_code == far["code"]]
    assert scene.office.request("DELETE", f"{ADDRESS}/{event.id}").status_code == 404
    assert scene.office.request("DELETE", f"{ADDRESS}/{new_id()}").status_code == 404
    (here, *_) = [each for each in planned(there) if each.site_code == scene.site["code"]]
    assert scene.office.request("DELETE", f"{ADDRESS}/{here.id}").status_code == 200
    assert here.id not in {each.id for each in planned(there)}


# ---- by command


@pytest.fixture
def run(
    server: Server, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("CMMS_DATABASE_URL", server.owner_url)
    monkeypatch.setenv("CMMS_SECRET_KEY", urlsafe_b64encode(TEST_SECRET).decode().rstrip("="))
    monkeypatch.setenv("CMMS_DATA", str(server.blob_folder.parent))
    monkeypatch.setenv("CMMS_ALLOW_OLD_POSTGRES", "1")
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def command(*words: Any) -> tuple[int, str, str]:
        with kept_logs():
            code = main(("calendar", *map(str, words), "--organization", scene.organization.slug))
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_an_administrator_keeps_calendars(scene: Scene, run: Callable[..., tuple[int, str, str]]) -> None:
    login, site = scene.technician["id"], scene.site["code"]
    assert run("list") == (0, "Nothing is planned.\n", "")
    when = ("--site", site, "--kind", "leave", "--from", "2999-03-02", "--until", "2999-03-03")
    assert run("add", "Holiday", "--login", login, *when) == (0, f"Holiday is on the calendar of {login}.\n", "")
    (event,) = planned(scene.organization)
    line = f"{event.id}  2999-03-02 00:00 to 2999-03-04 00:00  {site}  Technician: leave, Holiday\n"
    assert run("list") == (0, line, "")
    assert json.loads(run("list", "--json")[1])["events"][0]["begins_at"] == "2999-03-02T00:00:00.000000Z"
    assert seen(scene.field) == {"Holiday"}
    assert run("cancel", event.id)[0] == 0
    assert seen(scene.field) == set()
    for wrong in (
        ("add", " ", "--login", login, *when),
        ("add", "X", "--login", "nobody", *when),
        ("add", "X", "--team", "None", *when),
        ("add", "X", "--team", "None", "--login", login, *when),
        ("add", "X", *when),
        ("add", "X", "--login", login, *when, "--site", "S-none"),
        ("add", "X", "--login", login, *when, "--kind", "illness"),
        ("add", "X" * 201, "--login", login, *when),
        ("add", "X", "--login", login, *when, "--from", "soon"),
        ("add", "X", "--login", login, *when, "--from", "2999-03-02T08:00+01:00"),
        ("add", "X", "--login", login, *when, "--until", "2999-03-01"),
        ("cancel", event.id),
        ("cancel", new_id()),
        ("cancel", "nothing"),
        ("cancel", "\0"),
    ):
        code, out, told = run(*wrong)
        assert (code, out, told.count("\n")) == (2, "", 1), wrong
    assert planned(scene.organization) == []

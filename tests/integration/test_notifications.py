"""Who is told what, in the commit of what it tells; who alone has it; and that what is old leaves before its month."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from sync_server.application import notices, planning
from sync_server.contract.fields import Row
from sync_server.contract.version import MUTATION
from sync_server.routines.archiving import detach_old_months
from sync_server.routines.garbage import collect
from sync_server.routines.notices import tell_and_clear
from sync_server.storage import notification_months
from tests.support.device_side import Client, Json
from tests.support.fleet import Fleet
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Organization, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def told(organization: Organization) -> list[tuple[Any, ...]]:
    """Person, kind and detail of all that anybody was told."""
    rows = organization.rows("notification")
    return sorted((row["person_id"], row["kind"], row["detail"]) for row in rows)


def assign(scene: Scene, order_id: object, **whom: object) -> None:
    answer = scene.office.post(f"/v1/office/work-orders/{order_id}/assignment", whom)
    assert answer.status_code == 200, answer.text


def test_whoever_is_given_an_order_is_told_in_the_same_commit_and_nobody_else_is(scene: Scene) -> None:
    organization = scene.organization
    colleague = organization.person("technician", scene.site)
    assign(scene, scene.order["id"], person_id=colleague["id"])
    (row,) = organization.rows("notification")
    assert (row["person_id"], row["kind"], row["subject_id"]) == (colleague["id"], "assigned", scene.order["id"])
    assert row["title"] == f"{scene.order['number']} {scene.order['title']}"
    assert (row["sync_seq"], row["received_on"]) == (organization.seq(), str(row["created_at"])[:10])
    seen = {}
    devices = {"told": organization.device(colleague), "before": scene.field, "office": scene.office}
    for name, client in devices.items():
        assert_mirrors(organization, client.sync(), set(client.hello()["scopes"]))
        seen[name] = list(client.mirror.of("notification")) == [row["id"]]
    assert seen == {"told": True, "before": False, "office": False}
    assert_index_is_right(organization)


def test_everybody_of_a_team_is_told_but_who_gave_it_the_order(scene: Scene) -> None:
    organization = scene.organization
    team = organization.add("team", name="Team", site_id=scene.site["id"])
    members = [scene.technician, scene.supervisor, organization.person("technician", scene.site)]
    for each in members:
        organization.add("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=each["id"])
    assign(scene, organization.order(scene.site)["id"], team_id=team["id"])
    assert told(organization) == sorted((each["id"], "assigned", None) for each in (members[0], members[2]))


def test_a_push_that_would_tell_whole_teams_of_a_list_of_orders_tells_nobody_of_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 orders for a team of 150 took half a minute, in which nobody else of the organization could send."""
    monkeypatch.setattr(notices, "MOST_AT_ONCE", 3)
    organization, office = scene.organization, scene.office
    team = organization.add("team", name="Team", site_id=scene.site["id"])
    for each in (scene.technician, organization.person("technician", scene.site)):
        organization.add("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=each["id"])
    orders = [organization.order(scene.site) for _ in range(3)]
    office.sync()
    given = [
        office.create("work_order_assignment", aggregate_id=each["id"], work_order_id=each["id"], team_id=team["id"])
        for each in orders
    ]
    counts = []
    for batch in (given[:2], given[2:]):
        assert {each["status"] for each in office.push(*batch)} == {"applied"}
        counts.append(len(told(organization)))
    assert counts == [0, 2]


def test_an_import_and_who_takes_an_order_himself_tell_nobody(scene: Scene) -> None:
    organization = scene.organization
    organization.order(scene.site, scene.technician)
    order = organization.order(scene.site)
    caller = organization.caller(scene.office)
    planning.assign(
        organization.database,
        caller,
        str(order["id"]),
        person_id=str(scene.supervisor["id"]),
        team_id=None,
        at=NOW,
    )
    assert told(organization) == []


def test_ordinary_work_tells_nobody_anything(scene: Scene) -> None:
    organization, field = scene.organization, scene.field
    field.sync()
    for name in ("in_progress", "on_hold", "in_progress"):
        edit = field.edit("work_order", scene.now(), status=name, status_reason="Waiting.")
        assert field.push_one(edit)["status"] in {"applied", "merged"}
    assert field.push_one(field.comment(scene.order))["status"] == "applied"
    assert told(organization) == []


def test_work_that_comes_back_is_told_to_those_who_have_it(scene: Scene) -> None:
    organization = scene.organization
    completed = {"status": "completed", "completed_at": NOW, "requires_signature": False}
    organization.change("work_order", scene.order["id"], **completed)
    scene.office.sync()
    back = scene.office.edit("work_order", scene.now(), status="in_progress", status_reason="The valve drips.")
    sealed = scene.office.device.seal(back)
    assert scene.office.push_sealed(sealed).status_code == 200
    assert told(organization) == [(scene.technician["id"], "returned", "The valve drips.")]
    again = scene.office.push_sealed(sealed).json()["verdicts"]
    assert ([each["status"] for each in again], len(told(organization))) == (["applied"], 1), (
        "delivered twice, told once"
    )


def test_who_asked_is_told_what_the_office_decided(scene: Scene) -> None:
    organization, field = scene.organization, scene.field
    asked = {"site_id": scene.site["id"], "title": "Oil"}
    mutations = [field.create("service_request", **asked) for _ in range(3)]
    for each in mutations:
        assert field.push_one(each)["status"] == "applied"
    for mutation, step in zip(mutations, ("accept", "decline", "withdraw"), strict=True):
        path = f"/v1/office/service-requests/{mutation['id']}/step"
        assert scene.office.post(path, {"step": step, "reason": "It is new."}).status_code == 200
    mine = scene.technician["id"]
    assert told(organization) == sorted(
        (mine, "request_decided", f"{state}: It is new.") for state in ("accepted", "declined", "withdrawn")
    )


def test_whose_change_was_held_is_told_what_was_decided(scene: Scene) -> None:
    organization, field = scene.organization, scene.field
    field.sync()
    late = field.edit("work_order", scene.now(), title="Late")
    scene.unassign()
    assert field.push_one(late)["status"] == "held"
    scene.office.sync()
    (held,) = organization.rows("held_mutation")
    decision = scene.office.edit("held_mutation", held, decision="refused", reason="No.")
    assert scene.office.push_one(decision)["status"] == "applied"
    assert told(organization) == [(scene.technician["id"], "held_decided", "refused: No.")]
    (row,) = organization.rows("notification")
    assert row["title"] == f"{scene.order['number']} {scene.order['title']}"


def test_invariant_28_whose_change_was_held_is_told_nothing_of_what_he_never_saw(scene: Scene) -> None:
    """Who may have held something long ago may send a change of any id, and it is held."""
    organization, far = scene.organization, scene.organization.site()
    unseen, base = organization.order(far, title="Secret"), scene.field.mirror.seq
    scene.field.hello()
    scene.unassign()
    assert collect(organization.database, organization.id, at=datetime.now(UTC) + timedelta(days=500)).left
    late = {**scene.field.edit("work_order", unseen, title="Late")}
    late["base"] = {"epoch": scene.field.mirror.epoch, "version": 1, "seq": base}
    assert scene.field.push_one(late)["status"] == "held"
    (held,) = organization.rows("held_mutation")
    decider = organization.device(organization.person("supervisor", far))
    decider.sync()
    decision = decider.edit("held_mutation", held, decision="refused", reason="No.")
    assert decider.push_one(decision)["status"] == "applied"
    (row,) = organization.rows("notification")
    assert (row["kind"], row["title"], row["detail"]) == ("held_decided", "", "refused: No.")


def critical(scene: Scene) -> Row:
    """A meter of an asset that the technician's order names."""
    organization = scene.organization
    asset = organization.add("asset", site_id=scene.site["id"], code="P-3", name="Pump 3")
    organization.change("work_order", scene.order["id"], asset_id=asset["id"])
    said = {"name": "Oil", "unit": "bar", "warning_at": "6.0000", "critical_at": "8.0000", "last_value": "5.0000"}
    return organization.add("meter", aggregate_id=asset["id"], asset_id=asset["id"], **said)


def read_meter(client: Client, meter: Row, value: str) -> None:
    said = {"value": [None, value]}
    made = client.mutation("meter.read", meter["id"], aggregate_id=meter["aggregate_id"], v=MUTATION, set=said)
    assert client.push_one(made)["status"] == "applied"


def test_the_office_of_the_site_is_told_once_that_a_meter_has_become_critical(scene: Scene) -> None:
    organization = scene.organization
    organization.person("planner", organization.site())
    meter = critical(scene)
    scene.field.sync()
    for value in ("7", "9", "9.5", "5", "8.25"):
        read_meter(scene.field, meter, value)
    who = scene.supervisor["id"]
    assert told(organization) == [(who, "reading_critical", "Oil: 8.25 bar"), (who, "reading_critical", "Oil: 9 bar")]


# ---- reading


def read(client: Client, row_id: object) -> Json:
    return client.push_one(client.mutation("notification.read", row_id, aggregate_id=row_id))


def test_reading_counts_the_first_time_on_whichever_device_and_never_conflicts(fleet: Fleet) -> None:
    organization, small = fleet.organization, fleet.small
    device = fleet.device("technician")
    values = {"person_id": device.person_id, "kind": "assigned", "subject": "work_order", "title": "Order"}
    row = organization.add(
        "notification",
        subject_id=small.order_ids[0],
        received_on=datetime.now(UTC).date().isoformat(),
        **values,
    )
    other = fleet.enrol("technician")
    for each in (device, other):
        each.sync_well()
        each.offline()
        with each.write() as write:
            write.mutate("notification.read", entity="notification", id=str(row["id"]), set={})
    first = device.see("notification", str(row["id"]))["read_at"]
    device.sync_well()
    other.sync_well()
    device.sync_well()
    stands = organization.stands("notification", row["id"])
    assert (stands["read_at"], stands["version"] >= 2) == (first, True)
    assert other.see("notification", str(row["id"]))["read_at"] == first
    assert organization.rows("conflict") == []
    fleet.assert_converged()


def test_nobody_reads_what_another_was_told_nor_learns_that_it_is_there(scene: Scene) -> None:
    organization = scene.organization
    colleague = organization.person("technician", scene.site)
    assign(scene, scene.order["id"], person_id=colleague["id"])
    (row,) = organization.rows("notification")
    manager = organization.device(organization.person("manager"))
    manager.sync()
    for client in (scene.field, scene.office, manager):
        theirs, nobodys = read(client, row["id"]), read(client, new_id())
        assert [theirs[name] for name in ("status", "code", "reason")] == [
            nobodys[name] for name in ("status", "code", "reason")
        ]
    assert organization.stands("notification", row["id"])["read_at"] is None


def test_who_was_sent_to_an_order_of_another_site_reads_that_he_was(scene: Scene) -> None:
    """He has no role there."""
    organization = scene.organization
    guest = organization.device(organization.person("technician", organization.site()))
    assign(scene, scene.order["id"], person_id=guest.person_id)
    guest.sync()
    (row,) = organization.rows("notification")
    assert read(guest, row["id"])["status"] == "applied"
    assert organization.stands("notification", row["id"])["read_at"] is not None


@pytest.mark.parametrize("verb", ["create", "set", "delete"])
def test_nobody_writes_himself_what_he_is_told(scene: Scene, verb: str) -> None:
    organization = scene.organization
    assign(scene, scene.order["id"], person_id=scene.technician["id"])
    (row,) = organization.rows("notification")
    scene.field.sync()
    row_id = new_id() if verb == "create" else row["id"]
    said = {"title": [row["title"], "Mine"]}
    answer = scene.field.push_one(
        scene.field.mutation(f"notification.{verb}", row_id, aggregate_id=row_id, set=said if verb == "set" else {})
    )
    assert answer["status"] == "rejected"
    assert organization.rows("notification") == [row]


# ---- papers, age, months


def test_papers_that_expire_are_told_once_for_each_last_day(scene: Scene) -> None:
    organization = scene.organization
    asset = organization.add("asset", site_id=scene.site["id"], code="P-3", name="Pump 3")
    now = datetime.now(UTC)
    soon, later, past = ((now + timedelta(days=days)).date().isoformat() for days in (10, 40, -1))
    for title, expires_on in (("Certificate", soon), ("Manual", later), ("Permit", past), ("Plan", None)):
        said = {"asset_id": asset["id"], "title": title, "expires_on": expires_on}
        organization.add("asset_document", aggregate_id=asset["id"], **said)
    for _ in range(2):
        done = tell_and_clear(organization.database, organization.id, at=now)
    who = scene.supervisor["id"]
    assert told(organization) == [(who, "document_expires", f"Certificate: {soon}")]
    assert (done.told, done.cleared) == (0, 0)
    later_on = now + timedelta(days=15)
    assert tell_and_clear(organization.database, organization.id, at=later_on).told == 1, "the manual is due now"
    assert_index_is_right(organization)


def test_who_says_late_that_he_has_read_what_has_left_keeps_nobody_busy(scene: Scene) -> None:
    """He read it in a basement; meanwhile it was old enough to leave. Nothing of that is to be decided about."""
    organization, field = scene.organization, scene.field
    assign(scene, scene.order["id"], person_id=scene.technician["id"])
    (row,) = organization.rows("notification")
    field.sync()
    base = {"epoch": field.mirror.epoch, "version": row["version"], "seq": field.mirror.seq}
    late = field.mutation("notification.read", row["id"], aggregate_id=row["id"], base=base)
    assert tell_and_clear(organization.database, organization.id, at=datetime.now(UTC) + timedelta(days=92)).cleared
    assert field.push_one(late)["status"] == "applied"
    assert organization.rows("held_mutation") == []
    assert organization.stands("notification", row["id"])["read_at"] is None


def test_what_is_old_leaves_its_person_and_the_scope_index(scene: Scene) -> None:
    organization = scene.organization
    assign(scene, scene.order["id"], person_id=scene.technician["id"])
    (row,) = organization.rows("notification")
    scene.field.sync()
    assert row["id"] in scene.field.mirror.of("notification")
    now = datetime.now(UTC)
    for days, count in ((89, 0), (92, 1), (92, 0)):
        done = tell_and_clear(organization.database, organization.id, at=now + timedelta(days=days))
        assert done.cleared == count, days
    scene.field.sync()
    assert scene.field.mirror.of("notification") == {}
    left = organization.ask("select live from scope_aggregate where aggregate_id = %s", row["id"])
    assert left == [(False,)]
    assert_index_is_right(organization)


def test_months_are_made_ahead_and_closed_and_old_ones_are_detached(server: Server) -> None:
    database = server.database
    parts = (
        "select c.relname::text, c.relrowsecurity and c.relforcerowsecurity from pg_inherits i"
        " join pg_class c on c.oid = i.inhrelid where i.inhparent = 'notification'::regclass order by 1"
    )
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        months = connection.execute(parts.encode()).fetchall()
        now = datetime.now(UTC)
        assert len(months) >= 1 + notification_months.MONTHS_AHEAD
        assert months[0][0] == f"notification_{now:%Y_%m}"
        assert all(is_closed for _, is_closed in months)
        assert notification_months.make_months(database) == 0
        old = "notification_2020_01"
        connection.execute(f"create table {old} (like notification including defaults including constraints)".encode())
        for statement in (
            f"alter table {old} owner to cmms_owner",
            f"alter table notification attach partition {old} for values from ('2020-01-01') to ('2020-02-01')",
        ):
            connection.execute(statement.encode())
        try:
            assert detach_old_months(database) == 1
            assert (old,) not in [(name,) for name, _ in connection.execute(parts.encode()).fetchall()]
        finally:
            connection.execute(f"drop table {old}".encode())

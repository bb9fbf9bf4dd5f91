"""The activity log on a real server: which changes leave a line, what it tells, what it keeps, and when it is whole."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_server.application import activity, device_care, permissions
from sync_server.application.activity_proof import prove
from sync_server.application.organizations import create_person, set_password
from sync_server.authz.passwords import Passwords
from sync_server.contract.rules.commitments import open_commitment
from sync_server.errors import CmmsError, RetryLater
from sync_server.routines.activity_months import make_months, tell_ends
from sync_server.routines.archiving import detach_old_months
from sync_server.storage import epochs
from sync_server.storage.activity_log import DETACHED, Entry, append, line_hash
from tests.support.activity import acts, at_liberty, at_once, chained, said
from tests.support.server_side import NOW, PASSWORD, Organization, Scene, Server


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def end(organization: Organization) -> int:
    return len(said(organization))


def holds(organization: Organization) -> bool:
    proof = prove(organization.database, organization.id)
    assert proof.fault is None
    assert proof.last[0] == end(organization)
    return proof.first == 1


# ---- what leaves a line


def test_an_organization_its_people_and_their_devices_are_told_from_the_first_line_on(scene: Scene) -> None:
    organization = scene.organization
    found = acts(organization)
    assert found[0] == "organization.created"
    assert found.count("device.enrolled") == found.count("credential.set") == 2
    assert {"person.created", "site_access.created", "site.created"} <= set(found)
    assert holds(organization)


def test_a_days_ordinary_work_leaves_no_line(scene: Scene) -> None:
    before, field = end(scene.organization), scene.field
    order = scene.now()
    assert field.push_one(field.edit("work_order", order, status="in_progress"))["status"] == "applied"
    assert field.push_one(field.comment(order))["status"] == "applied"
    assert field.push_one(field.edit("work_order", scene.now(), title="Another title"))["status"] == "applied"
    field.sync()
    assert end(scene.organization) == before


def test_what_the_office_answers_for_is_told_with_who_where_and_from_which_address(scene: Scene) -> None:
    organization, office = scene.organization, scene.office
    before, order = end(organization), scene.now()
    pushed = office.push_one(office.edit("work_order", order, status="cancelled", status_reason="Sold."))
    assert pushed["status"] == "applied"
    (line,) = [each for each in said(organization) if each["seq"] > before]
    assert (line["act"], line["row"]) == ("work_order.cancelled", order["id"])
    assert line["actor"] == scene.supervisor["id"]
    assert line["device"] == office.device.id
    assert line["commit"] == pushed["commit_seq"]
    assert line["old"]["status"] == "assigned"
    assert (line["new"]["status"], line["new"]["status_reason"]) == ("cancelled", "Sold.")
    (told,) = activity.told(organization.database, organization.id, act="work_order", count=10)
    assert told.body["address"] == "127.0.0.1"
    assert told.actor == scene.supervisor["name"]
    assert holds(organization)


@pytest.mark.parametrize(
    ("was", "now", "act"),
    [
        ("completed", "in_progress", "work_order.returned"),
        ("completed", "closed", "work_order.closed"),
        ("closed", "in_progress", "work_order.reopened"),
        ("new", "rejected", "work_order.rejected"),
        ("assigned", "in_progress", None),
        ("in_progress", "completed", None),
    ],
)
def test_steps_of_an_order_that_somebody_answers_for_leave_a_line(
    scene: Scene, was: str, now: str, act: str | None
) -> None:
    organization, order_id = scene.organization, scene.order["id"]
    organization.change("work_order", order_id, status=was)
    before = end(organization)
    organization.change("work_order", order_id, status=now)
    assert acts(organization, before) == ([act] if act else [])


def test_who_settles_a_conflict_is_told_once_with_what_he_chose(scene: Scene) -> None:
    organization, order_id = scene.organization, scene.order["id"]
    about = {"target_entity": "work_order", "target_id": order_id, "field": "title", "kind": "field"}
    about |= {"mutation_id": order_id}
    conflict = organization.add(
        "conflict", aggregate_id=order_id, mine_value='"Mine"', theirs_value='"Theirs"', **about
    )
    before = end(organization)
    settled = {"resolution": "theirs", "reason": "Agreed on site.", "resolved_by": scene.supervisor["id"]}
    organization.change("conflict", conflict["id"], **settled)
    organization.change("conflict", conflict["id"], reason="Agreed on site, again.")
    (line,) = [each for each in said(organization) if each["seq"] > before]
    assert (line["act"], line["row"]) == ("conflict.settled", conflict["id"])
    assert {name: line["new"][name] for name in settled} == settled
    noted = {**about, "kind": "merged", "resolution": "edited", "resolved_by": scene.supervisor["id"]}
    organization.add("conflict", aggregate_id=order_id, **noted)
    assert end(organization) == before + 1, "texts that were merged ask nobody"


def test_who_has_an_order_is_told_when_it_changes_and_not_when_it_is_planned(scene: Scene) -> None:
    organization = scene.organization
    before = end(organization)
    scene.unassign()
    organization.order(scene.site, scene.technician)
    order_id = str(scene.order["id"])
    scene.inside("work_order_assignment", person_id=scene.supervisor["id"])
    gone, given = (line for line in said(organization) if line["seq"] > before)
    assert gone["act"] == "work_order_assignment.deleted"
    assert given["act"] == "work_order_assignment.created"
    assert gone["new"]["work_order_id"] == given["new"]["work_order_id"] == order_id
    assert gone["new"]["person_id"] == scene.technician["id"]
    assert given["new"]["person_id"] == scene.supervisor["id"]


def test_rights_that_are_given_and_taken_are_told_with_what_they_were(scene: Scene) -> None:
    organization = scene.organization
    before = end(organization)
    about = {"login": str(scene.technician["id"]), "resource": "work_order", "action": "review"}
    permissions.give(organization.database, organization.id, scope="site", **about)
    permissions.take(organization.database, organization.id, **about)
    organization.change("person", scene.technician["id"], role="supervisor")
    organization.change("person", scene.technician["id"], is_active=False)
    given, taken, raised, dismissed = (line for line in said(organization) if line["seq"] > before)
    assert (given["act"], taken["act"]) == ("person_permission.created", "person_permission.deleted")
    assert given["new"]["action"] == "review"
    assert (raised["old"], raised["new"]) == ({"role": "technician"}, {"role": "supervisor"})
    assert (dismissed["old"], dismissed["new"]) == ({"is_active": True}, {"is_active": False})


def test_what_is_done_about_a_device_is_told_once_and_its_wipe_too(scene: Scene) -> None:
    organization, device_id = scene.organization, scene.field.device.id
    before = end(organization)
    for _ in range(2):
        device_care.command(organization.database, organization.id, device_id, kind="lock")
    for is_stolen in (False, False, True):
        device_care.revoke(organization.database, organization.id, device_id, is_stolen=is_stolen)
    lines = [line for line in said(organization) if line["seq"] > before]
    assert [line["act"] for line in lines] == ["device.to_be_locked", "device.revoked", "device.revoked"]
    assert [line["new"].get("command") for line in lines] == [None, "wipe", "wipe_now"]
    assert {line["row"] for line in lines} == {device_id}


def test_a_second_sign_in_on_a_known_device_leaves_no_line_and_a_wrong_one_neither(scene: Scene) -> None:
    before = end(scene.organization)
    scene.field.sign_in(PASSWORD)
    with pytest.raises(AssertionError):
        scene.field.sign_in("another password")
    assert end(scene.organization) == before


def test_a_new_history_is_told_with_its_reason(scene: Scene) -> None:
    organization = scene.organization
    before = end(organization)
    ((epoch,),) = organization.ask("select epoch::text from org_clock where organization_id = %s", organization.id)
    assert epochs.rotate(organization.database, organization.id, epoch=epoch, reason="A backup was restored.")
    assert not epochs.rotate(organization.database, organization.id, epoch=epoch, reason="Again.")
    (line,) = [each for each in said(organization) if each["seq"] > before]
    assert (line["act"], line["old"]["epoch"]) == ("history.begun", epoch)
    assert line["new"]["reason"] == "A backup was restored."


# ---- no change without its line, no line without its change


def test_a_change_whose_line_cannot_be_written_is_not_made(scene: Scene) -> None:
    """The month of the log is missing: what deserves a line waits, and what deserves none goes on."""
    organization, field = scene.organization, scene.field
    month = f"activity_log_{datetime.now(UTC):%Y_%m}"
    organization.ask(f"alter table activity_log detach partition {month}")
    try:
        with pytest.raises(RetryLater):
            organization.change("person", scene.technician["id"], role="supervisor")
        with pytest.raises(RetryLater):
            create_person(organization.database, organization.id, name="Technician 14", role="technician")
        assert field.push_one(field.comment(scene.order))["status"] == "applied"
        verdict = scene.office.push_one(scene.office.edit("work_order", scene.now(), status="cancelled"))
        assert verdict["status"] == "retry"
    finally:
        organization.ask(attached(month))
    assert organization.stands("person", scene.technician["id"])["role"] == "technician"
    assert len(organization.rows("person")) == 2
    assert scene.now()["status"] == "assigned"
    assert holds(organization)


def attached(month: str) -> str:
    """What puts the present month back."""
    now = datetime.now(UTC)
    year, following = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
    return (
        f"alter table activity_log attach partition {month} for values from ('{now:%Y-%m}-01')"
        f" to ('{year}-{following:02}-01')"
    )


def revoke_and_fail(organization: Organization) -> None:
    with organization.database.transaction("worker", organization.id) as connection:
        append(connection, [Entry("device.revoked")])
        connection.execute("select 1 / 0")


def test_a_commit_that_is_taken_back_takes_its_line_along(scene: Scene) -> None:
    organization = scene.organization
    before = end(organization)
    with pytest.raises(CmmsError):
        revoke_and_fail(organization)
    assert end(organization) == before
    assert holds(organization)


def test_many_at_once_leave_one_chain_without_a_gap_and_nobody_waits_for_ever(server: Server) -> None:
    """Sign-ins take no clock, commits do, commands take their device first: the order of locks is one."""
    scenes = Scene.of(server)
    organization = scenes.organization
    people = [organization.person("technician", scenes.site) for _ in range(3)]
    for person in people:
        set_password(
            organization.database,
            organization.id,
            person_id=str(person["id"]),
            login=str(person["id"]),
            password=PASSWORD,
            passwords=Passwords(cheap=True),
        )
    before = end(organization)

    def edits(person: Any) -> None:
        for role in ("supervisor", "technician", "planner", "technician"):
            organization.change("person", person["id"], role=role)

    def enrols(person: Any) -> None:
        for _ in range(3):
            organization.device(person)

    def commands(_: Any) -> None:
        for kind in ("lock", "verify"):
            device_care.command(organization.database, organization.id, scenes.field.device.id, kind=kind)

    at_once([*[(edits, each) for each in people], *[(enrols, each) for each in people], (commands, None)])
    assert end(organization) == before + 3 * 4 + 3 * 3 * 2 + 2
    assert holds(organization)


# ---- personal values


def test_a_name_is_told_and_proved_until_it_is_forgotten_and_the_chain_holds_after(scene: Scene) -> None:
    organization, person_id = scene.organization, str(scene.technician["id"])
    organization.change("person", person_id, name="Technician 14")
    (line,) = [each for each in said(organization) if each["act"] == "person.changed"]
    commitment = line["new"]["name"]["c"]
    assert "Technician" not in json.dumps(line)
    ((salt, value),) = organization.ask(
        "select salt, value from activity_value where organization_id = %s and activity_seq = %s"
        " and path = '/new/name'",
        organization.id,
        line["seq"],
    )
    assert open_commitment(commitment, salt, value)
    assert not open_commitment(commitment, salt, '"Technician 15"')
    before = activity.told(organization.database, organization.id, concerning=person_id, count=50)
    assert "Technician 14" in [each.body["new"].get("name") for each in before]
    assert activity.forget(organization.database, organization.id, person_id) > 0
    after = activity.told(organization.database, organization.id, concerning=person_id, count=50)
    assert {each.body["new"]["name"] for each in after if "name" in each.body["new"]} == {activity.FORGOTTEN}
    assert after[-1].body["act"] == "activity.forgotten"
    others = organization.ask(
        "select count(*) from activity_value where organization_id = %s and salt is not null", organization.id
    )
    assert others[0][0] > 0
    assert holds(organization)
    assert activity.forget(organization.database, organization.id, person_id) == 0


def test_no_line_holds_a_name_a_login_or_an_address_in_the_clear(scene: Scene) -> None:
    organization = scene.organization
    organization.change("person", scene.technician["id"], name="Technician 14")
    keep = {"person_id": str(scene.technician["id"]), "password": PASSWORD, "passwords": Passwords(cheap=True)}
    set_password(organization.database, organization.id, login="field.14", **keep)
    bodies = json.dumps([line["body"] for line in said(organization)])
    for secret in ("Technician 14", "127.0.0.1", "field.14"):
        assert secret not in bodies
    assert '\\"c\\"' in bodies


# ---- months


@pytest.fixture
def old_lines(scene: Scene) -> Iterator[Organization]:
    """An organization whose first five lines lie in a month of long ago; the rest follows on them."""
    organization = scene.organization
    chained(organization, month="2020_01", count=5)
    yield organization
    organization.ask("drop table if exists activity_log_2020_01")


def test_months_are_there_before_they_come_and_none_is_made_twice(scene: Scene) -> None:
    assert make_months(scene.organization.database) == 0
    scene.organization.ask(f"drop table {last_month(scene.organization)}")
    assert make_months(scene.organization.database) == 1


def last_month(organization: Organization) -> str:
    ((name,),) = organization.ask(
        "select max(c.relname)::text from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " where i.inhparent = 'activity_log'::regclass"
    )
    return str(name)


def test_a_month_that_is_detached_is_still_held_to_what_the_log_says_of_its_end(old_lines: Organization) -> None:
    organization, database = old_lines, old_lines.database
    assert holds(organization)
    assert detach_old_months(database) == 1
    assert detach_old_months(database) == 0
    told = [line for line in said(organization) if line["act"] == DETACHED]
    assert [line["new"]["upto_seq"] for line in told] == [5]
    database.check_start()
    proof = prove(database, organization.id)
    assert (proof.fault, proof.first) == (None, 1)
    organization.ask("alter table activity_log_2020_01 disable trigger all")
    organization.ask("update activity_log_2020_01 set body = replace(body, 'LINE-3', 'LINE-9')")
    assert prove(database, organization.id).fault == (
        "Line 3 is not what was written: its content does not give its hash."
    )
    organization.ask("update activity_log_2020_01 set body = replace(body, 'LINE-9', 'LINE-3')")
    organization.ask("delete from activity_log_2020_01 where seq = 5")
    assert prove(database, organization.id).fault == "Line 5 is missing."
    organization.ask("delete from activity_log_2020_01")
    assert prove(database, organization.id).fault == "Lines 1 to 5 are missing."


def test_a_detached_month_that_was_dropped_is_no_fault_but_one_line_more_is(old_lines: Organization) -> None:
    organization, database = old_lines, old_lines.database
    detach_old_months(database)
    organization.ask("drop table activity_log_2020_01")
    proof = prove(database, organization.id)
    assert (proof.fault, proof.first) == (None, 6)
    with at_liberty(organization) as act:
        act("delete from activity_log where organization_id = %s and seq = 6", organization.id)
    assert prove(database, organization.id).fault == "Lines 1 to 6 are missing."


def test_lines_of_a_month_that_was_never_detached_are_missed(old_lines: Organization) -> None:
    old_lines.ask("alter table activity_log detach partition activity_log_2020_01")
    old_lines.ask("drop table activity_log_2020_01")
    assert prove(old_lines.database, old_lines.id).fault == "Lines 1 to 5 are missing."


def test_a_run_that_stopped_between_telling_and_detaching_tells_nothing_twice(old_lines: Organization) -> None:
    organization = old_lines
    tell_ends(organization.database, on=datetime.now(UTC).date())
    assert detach_old_months(organization.database) == 1
    assert acts(organization).count(DETACHED) == 1


def test_the_hash_is_what_the_design_says_it_is_over(scene: Scene) -> None:
    first, second = said(scene.organization)[:2]
    assert first["previous_hash"] == "0" * 64
    for line in (first, second):
        assert line["hash"] == line_hash(
            scene.organization.id,
            line["seq"],
            line["received_at"],
            previous=line["previous_hash"],
            body=line["body"],
        )
    assert second["previous_hash"] == first["hash"]
    assert first["received_at"] > NOW

"""The activity log attacked: whoever may not write it cannot, and whoever can do anything is found by the next look."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import errors

from sync_server.application.activity_proof import prove
from sync_server.errors import Bug
from sync_server.storage.activity_log import Entry, append, line_hash
from tests.support.activity import at_liberty, said, write_anew
from tests.support.server_side import Organization, Scene, Server

ROLES = ("app_sync", "app_office", "worker", "authn", "readonly")
TABLES = ("activity_log", "activity_value", "activity_head")
WRITES = (
    "update {} set organization_id = organization_id",
    "delete from {}",
    "truncate {}",
    "insert into {} select * from {}",
)
Liberty = Callable[..., object]


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture
def organization(server: Server) -> Organization:
    """One with twelve lines or more."""
    return Scene.of(server, is_synced=False).organization


def refusal(scene: Scene, role: str, statement: str) -> type[psycopg.Error] | None:
    """What PostgreSQL says to a statement of a role, working for the organization; None: it was done."""
    url = psycopg.conninfo.make_conninfo(scene.organization.server.owner_url)
    with psycopg.connect(url) as connection:
        connection.execute(f"set local role cmms_{role}".encode())
        connection.execute("select set_config('app.organization_id', %s, true)", (scene.organization.id,))
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return type(error)
        finally:
            connection.rollback()
    return None


@pytest.mark.parametrize("role", ROLES)
def test_no_role_that_serves_writes_the_log_but_by_its_function(scene: Scene, role: str) -> None:
    for table in TABLES:
        for statement in WRITES:
            said_ = refusal(scene, role, statement.replace("{}", table))
            assert said_ in {errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction}, (table, statement, said_)


@pytest.mark.parametrize("role", ["owner", "migrator"])
def test_not_even_who_owns_the_log_changes_or_removes_a_line(scene: Scene, role: str) -> None:
    for statement in ("delete from {}", "truncate {}"):
        for table in TABLES:
            assert refusal(scene, role, statement.replace("{}", table)) is not None, (table, statement)
    assert refusal(scene, role, "update activity_log set act = 'other'") is not None
    month = "activity_log_" + said(scene.organization)[-1]["received_at"][:7].replace("-", "_")
    for statement in ("delete from {}", "truncate {}", "update {} set act = 'other'"):
        assert refusal(scene, role, statement.replace("{}", month)) is not None, statement


@pytest.mark.parametrize("role", ["app_office", "readonly"])
def test_who_only_reads_adds_no_line(scene: Scene, role: str) -> None:
    assert refusal(scene, role, "select append_activity('[]')") is errors.InsufficientPrivilege


@pytest.mark.parametrize("role", ["app_sync", "app_office", "authn", "readonly"])
def test_only_the_worker_makes_the_log_forget(scene: Scene, role: str) -> None:
    for call in ("forget_activity(null)", "make_activity_months(1)", "detach_activity_months(24)"):
        assert refusal(scene, role, f"select {call}") is errors.InsufficientPrivilege


def test_a_line_is_added_to_the_log_of_the_transactions_organization_only(server: Server, scene: Scene) -> None:
    other = Scene.of(server, is_synced=False).organization
    before = len(said(other))
    forged = (
        '[{"body": "{\\"act\\": \\"person.changed\\", \\"organization_id\\": \\"' + other.id + '\\"}",'
        ' "seq": 1, "hash": "0", "organization_id": "' + other.id + '", "values": []}]'
    )
    with scene.organization.database.transaction("app_sync", scene.organization.id) as connection:
        connection.execute("select append_activity(%s::json)", (forged,))
    assert len(said(other)) == before
    assert prove(other.database, other.id).fault is None
    with (
        pytest.raises(Bug, match="P0001"),
        scene.organization.database.transaction("app_sync", None) as connection,
    ):
        connection.execute("select append_activity(%s::json)", (forged,))


def test_nobody_sees_the_log_of_another_organization(server: Server, scene: Scene) -> None:
    other = Scene.of(server, is_synced=False).organization
    for table in TABLES:
        for role in ("worker", "readonly"):
            with other.database.transaction(role, other.id, read_only=True) as connection:  # type: ignore[arg-type, unused-ignore]
                found = connection.execute(f"select distinct organization_id::text from {table}".encode()).fetchall()
                assert found == [(other.id,)]


# ---- a superuser, whom nothing stops: the next look finds what he did


def edit(act: Liberty, own: str, lines: list[dict[str, Any]]) -> str:
    act("update activity_log set body = replace(body, 'site.created', 'site.deleted') where organization_id = %s", own)
    seq = next(line["seq"] for line in lines if line["act"] == "site.created")
    return f"Line {seq} is not what was written: its content does not give its hash."


def edit_and_hash_anew(act: Liberty, own: str, lines: list[dict[str, Any]]) -> str:
    line = lines[4]
    body = line["body"].replace('"means":"', '"means":"no ')
    digest = line_hash(own, 5, line["received_at"], previous=line["previous_hash"], body=body)
    act("update activity_log set body = %s, hash = %s where organization_id = %s and seq = 5", body, digest, own)
    return "Line 6 does not follow on line 5: one of the two is not what was written."


def take_out(act: Liberty, own: str, _: object) -> str:
    act("delete from activity_log where organization_id = %s and seq = 5", own)
    return "Line 5 is missing."


def take_out_and_close_ranks(act: Liberty, own: str, _: object) -> str:
    act("delete from activity_log where organization_id = %s and seq = 5", own)
    act("update activity_log set seq = seq - 1 where organization_id = %s and seq > 5", own)
    return "Line 5 is not what was written: its content does not give its hash."


def cut_off_the_end(act: Liberty, own: str, lines: list[dict[str, Any]]) -> str:
    last = len(lines)
    act("delete from activity_log where organization_id = %s and seq = %s", own, last)
    return f"Line {last} is missing: the log says that it ends with line {last}."


def cut_off_the_end_and_the_head(act: Liberty, own: str, lines: list[dict[str, Any]]) -> str:
    """Nothing inside of the database can tell: who wrote the last line down finds it."""
    last = len(lines)
    act("delete from activity_log where organization_id = %s and seq = %s", own, last)
    act(
        "update activity_head set seq = %s, hash = %s where organization_id = %s",
        *(last - 1, lines[-1]["previous_hash"], own),
    )
    return f"Line {last} is not there."


def cut_off_the_beginning(act: Liberty, own: str, _: object) -> str:
    act("delete from activity_log where organization_id = %s and seq <= 3", own)
    return "Lines 1 to 3 are missing."


def swap(act: Liberty, own: str, _: object) -> str:
    act("update activity_log set seq = 1000 where organization_id = %s and seq = 4", own)
    act("update activity_log set seq = 4 where organization_id = %s and seq = 5", own)
    act("update activity_log set seq = 5 where organization_id = %s and seq = 1000", own)
    return "Line 4 is not what was written: its content does not give its hash."


def put_in(act: Liberty, own: str, lines: list[dict[str, Any]]) -> str:
    """A line after the last, as the function would make it, but for the head."""
    last, seq = lines[-1], len(lines) + 1
    digest = line_hash(own, seq, last["received_at"], previous=last["hash"], body=last["body"])
    act(
        "insert into activity_log select organization_id, seq + 1, received_on, received_at, act, row_id, actor_id,"
        " body, hash, %s from activity_log where organization_id = %s and seq = %s",
        *(digest, own, len(lines)),
    )
    return f"The log does not say that it ends with line {seq}: something was put in, or its end changed."


def put_in_beside(act: Liberty, own: str, _: object) -> str:
    """The same number in another month."""
    act(
        "insert into activity_log select organization_id, seq, (received_on + interval '1 month')::date,"
        " received_at + interval '1 month', act, row_id, actor_id, body, previous_hash, hash from activity_log"
        " where organization_id = %s and seq = 4",
        own,
    )
    return "There are two lines with the number 4."


def file_elsewhere(act: Liberty, own: str, _: object) -> str:
    act("update activity_log set actor_id = %s where organization_id = %s and seq = 4", own, own)
    return "Line 4 is filed under something else than it says."


def date_otherwise(act: Liberty, own: str, _: object) -> str:
    act(
        "update activity_log set received_at = received_at - interval '1 second' where organization_id = %s"
        " and seq = 4",
        own,
    )
    return "Line 4 is not what was written: its content does not give its hash."


def name_somebody_else(act: Liberty, own: str, lines: list[dict[str, Any]]) -> str:
    seq = next(line["seq"] for line in lines if line["act"] == "person.created")
    act(
        "update activity_value set value = '\"Technician 15\"' where organization_id = %s and activity_seq = %s"
        " and path = '/new/name'",
        *(own, seq),
    )
    return f"What is kept beside line {seq} is not what it was written with."


ATTACKS = (
    *(edit, edit_and_hash_anew, take_out, take_out_and_close_ranks, cut_off_the_end, cut_off_the_end_and_the_head),
    *(cut_off_the_beginning, swap, put_in, put_in_beside, file_elsewhere, date_otherwise, name_somebody_else),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.__name__ for attack in ATTACKS])
def test_what_a_superuser_does_to_the_log_is_found(
    organization: Organization, attack: Callable[[Liberty, str, list[dict[str, Any]]], str]
) -> None:
    lines = said(organization)
    known = (lines[-1]["seq"], lines[-1]["hash"])
    assert prove(organization.database, organization.id, known=known).fault is None
    with at_liberty(organization) as act:
        expected = attack(act, organization.id, lines)
    found = prove(organization.database, organization.id, known=known).fault
    # several lines may be wrong: the first one is told
    assert found == expected


def test_a_line_of_another_organization_is_found(server: Server, organization: Organization) -> None:
    theirs = Scene.of(server, is_synced=False).organization
    with at_liberty(organization) as act:
        act("delete from activity_log where organization_id = %s and seq = 2", organization.id)
        act(
            "insert into activity_log select %s, seq, received_on, received_at, act, row_id, actor_id, body,"
            " previous_hash, hash from activity_log where organization_id = %s and seq = 2",
            *(organization.id, theirs.id),
        )
    found = prove(organization.database, organization.id).fault
    assert found == "Line 2 is not what was written: its content does not give its hash."
    assert prove(theirs.database, theirs.id).fault is None


def test_a_log_that_was_written_anew_as_a_whole_is_found_by_who_wrote_a_line_down(organization: Organization) -> None:
    known = (5, said(organization)[4]["hash"])
    write_anew(organization)
    assert prove(organization.database, organization.id).fault is None
    found = prove(organization.database, organization.id, known=known).fault
    assert found == "Line 5 is not the one that was written down: the log was written anew."


def test_who_may_add_lines_cannot_choose_what_stands_in_front_of_them(scene: Scene) -> None:
    with scene.organization.database.transaction("worker", scene.organization.id) as connection:
        append(connection, [Entry("device.revoked"), Entry("device.revoked")])
    first, second = said(scene.organization)[-2:]
    assert second["previous_hash"] == first["hash"]
    assert second["received_at"] >= first["received_at"]

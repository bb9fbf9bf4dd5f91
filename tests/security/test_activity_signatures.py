"""What the server has signed of the activity log holds against whoever owns the database and has not the secret."""

import secrets
from datetime import UTC, datetime

import pytest
from psycopg import errors

from sync_server.application.activity_proof import Proof, prove
from sync_server.authz.server_key import ServerKey
from sync_server.contract.column_types import instant_text
from sync_server.contract.log_lines import signing_input
from sync_server.errors import Bug
from sync_server.routines.activity_signing import sign_news, signing
from sync_server.routines.nightly import run_for
from sync_server.storage.activity_checkpoints import Checkpoint, add
from tests.support.activity import at_liberty, said, write_anew
from tests.support.server_side import Organization, Scene, Server

NOW = datetime.now(UTC)


@pytest.fixture
def organization(server: Server) -> Organization:
    return Scene.of(server, is_synced=False).organization


def sign(organization: Organization) -> dict[str, int]:
    return signing(organization.server.services.server_key)(organization.database, organization.id, NOW, lambda _: None)


def look(organization: Organization) -> Proof:
    key = organization.server.services.server_key.public_key
    return prove(organization.database, organization.id, public_key=key)


def signed(organization: Organization) -> list[int]:
    query = "select seq from activity_checkpoint where organization_id = %s order by seq"
    return [int(seq) for (seq,) in organization.ask(query, organization.id)]


def test_the_end_of_the_log_is_signed_every_night_once_for_each_end(organization: Organization) -> None:
    last = len(said(organization))
    routines = {"activity": signing(organization.server.services.server_key)}
    for _ in range(2):
        run_for(organization.database, organization.id, now=NOW, routines=routines)
    assert sign(organization) == {"lines": last, "differences": 0}
    assert signed(organization) == [last]
    organization.site()
    assert sign(organization) == {"lines": last + 1, "differences": 0}
    assert signed(organization) == [last, last + 1]
    proof = look(organization)
    assert (proof.fault, proof.signed_upto) == (None, last + 1)


def test_what_was_added_is_signed_by_the_next_look_of_the_day_and_only_then(organization: Organization) -> None:
    database, key = organization.database, organization.server.services.server_key
    sign_news(database, key)
    first = len(said(organization))
    assert signed(organization) == [first]
    sign_news(database, key)
    organization.site()
    organization.site()
    sign_news(database, key)
    sign_news(database, key)
    assert signed(organization) == [first, first + 2]
    assert look(organization).fault is None


@pytest.mark.parametrize(
    "statement",
    [
        "update activity_log set body = replace(body, 'site', 'sign') where organization_id = %s and seq = {last}",
        "update activity_log set previous_hash = repeat('0', 64) where organization_id = %s and seq = {last} - 1",
        "delete from activity_log where organization_id = %s and seq = {last} - 1",
        "delete from activity_log where organization_id = %s and seq = {last}",
        "update activity_head set hash = repeat('0', 64) where organization_id = %s",
        "update activity_checkpoint set hash = repeat('0', 64) where organization_id = %s",
        "update activity_checkpoint set signature = 'x' where organization_id = %s",
    ],
)
def test_what_does_not_follow_on_the_last_signed_line_is_not_signed(organization: Organization, statement: str) -> None:
    sign(organization)
    before = signed(organization)
    organization.site()
    organization.site()
    with at_liberty(organization) as act:
        act(statement.format(last=len(said(organization))), organization.id)
    sign_news(organization.database, organization.server.services.server_key)
    assert signed(organization) == before


def test_a_log_that_was_written_anew_as_a_whole_is_found(organization: Organization) -> None:
    sign(organization)
    organization.site()
    last = signed(organization)[-1]
    write_anew(organization)
    assert look(organization).fault == (f"Line {last} is not the one that the server signed: the log was written anew.")


def test_an_end_that_was_cut_off_along_with_the_head_is_found(organization: Organization) -> None:
    sign(organization)
    lines = said(organization)
    with at_liberty(organization) as act:
        act("delete from activity_log where organization_id = %s and seq = %s", organization.id, len(lines))
        act(
            "update activity_head set seq = seq - 1, hash = %s where organization_id = %s",
            *(lines[-1]["previous_hash"], organization.id),
        )
    assert look(organization).fault == f"Line {len(lines)} is not there, and the server signed it."


def test_who_has_not_the_secret_signs_nothing(organization: Organization) -> None:
    """Signed with another key, for another organization, for another line: each is found."""
    sign(organization)
    seq, digest, at = len(said(organization)), said(organization)[-1]["hash"], instant_text(NOW)
    own, theirs = organization.server.services.server_key, ServerKey(secrets.token_bytes(32))
    forged = [
        theirs.sign(signing_input(organization.id, seq, digest, signed_at=at)),
        own.sign(signing_input(str(organization.id)[::-1], seq, digest, signed_at=at)),
        own.sign(signing_input(organization.id, seq - 1, digest, signed_at=at)),
        "",
    ]
    for signature in forged:
        with at_liberty(organization) as act:
            act("delete from activity_checkpoint where organization_id = %s", organization.id)
        with organization.database.transaction("worker", organization.id) as connection:
            assert add(connection, organization.id, Checkpoint(seq, digest, at, signature))
        assert look(organization).fault == f"The signature of line {seq} is not this server's."


@pytest.mark.expects_warnings
def test_a_broken_log_is_told_in_the_night_and_not_signed(
    organization: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    with at_liberty(organization) as act:
        act("delete from activity_log where organization_id = %s and seq = 3", organization.id)
    assert sign(organization)["differences"] == 1
    assert signed(organization) == []
    assert f"the activity log of {organization.id} is broken: Line 3 is missing." in caplog.text


@pytest.mark.parametrize("role", ["app_sync", "app_office", "authn", "readonly", "worker"])
def test_nobody_changes_or_takes_back_a_signature(organization: Organization, role: str) -> None:
    sign(organization)
    for statement in ("update activity_checkpoint set hash = 'x'", "delete from activity_checkpoint"):
        with (
            pytest.raises(Bug) as refused,
            organization.database.transaction(role, organization.id) as connection,  # type: ignore[arg-type, unused-ignore]
        ):
            connection.execute(statement.encode())
        assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction)

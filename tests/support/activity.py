"""The activity log as a test reads it past all roles, lines of long ago, and a superuser who lets nothing stop him."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any

import msgspec
import psycopg

from sync_server.storage.activity_log import START, line_hash
from tests.support.server_side import Organization

PATIENCE_S = 60.0
LINES = (
    "select seq, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), previous_hash, hash,"
    " body"
    " from activity_log where organization_id = %s order by seq"
)
_RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"


def said(organization: Organization) -> list[dict[str, Any]]:
    """Every line: what its body says, with the number, the instant, both hashes and the body itself."""
    found = organization.ask(LINES, organization.id)
    names = ("seq", "received_at", "previous_hash", "hash", "body")
    return [{**msgspec.json.decode(line[-1]), **dict(zip(names, line, strict=True))} for line in found]


def acts(organization: Organization, after: int = 0) -> list[str]:
    """What was done, in order, after a line."""
    return [str(line["act"]) for line in said(organization) if line["seq"] > after]


@contextmanager
def at_liberty(organization: Organization) -> Iterator[Callable[..., object]]:
    """A superuser for whom no trigger stands."""
    with psycopg.connect(organization.server.owner_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")

        def act(statement: str, *parameters: object) -> None:
            connection.execute(statement.encode(), parameters)

        yield act


def chained(organization: Organization, *, month: str, count: int) -> None:
    """Let the log begin again: some lines in a month of long ago, and all that it had after them.

    Args:
        organization: Whose.
        month: `2020_01`; made like any month.
        count: How many lines of long ago.
    """
    later = said(organization)
    name, first = f"activity_log_{month}", f"{month.replace('_', '-')}-01"
    with at_liberty(organization) as act:
        act(f"create table {name} (like activity_log including defaults including constraints)")
        act(f"alter table {name} owner to cmms_owner")
        act(f"alter table {name} enable row level security, force row level security")
        act(f"create policy organization_only on {name} using ({_RULE}) with check ({_RULE})")
        act(f"grant select on {name} to cmms_backup")
        act(f"alter table activity_log attach partition {name} for values from ('{first}') to ('{first[:8]}28')")
        act("delete from activity_log where organization_id = %s", organization.id)
        act("delete from activity_value where organization_id = %s", organization.id)
        bodies = [
            msgspec.json.encode({"act": f"LINE-{number}", "row": None, "actor": None, "old": {}, "new": {}}).decode()
            for number in range(1, count + 1)
        ]
        lines = [(f"{first}T08:00:00.000000Z", body) for body in bodies]
        lines += [(line["received_at"], line["body"]) for line in later]
        written = [_write(act, organization.id, *each) for each in _linked(organization.id, lines)]
        act(
            "update activity_head set seq = %s, hash = %s where organization_id = %s",
            len(written),
            written[-1],
            organization.id,
        )


def write_anew(organization: Organization) -> None:
    """Let all lines tell that sites were changed where they were made, and hash them anew, the head too."""
    lines, previous = said(organization), START
    with at_liberty(organization) as act:
        for line in lines:
            body = line["body"].replace("site.created", "site.changed")
            digest = line_hash(organization.id, line["seq"], line["received_at"], previous=previous, body=body)
            act(
                "update activity_log set body = %s, act = %s::json ->> 'act', previous_hash = %s, hash = %s"
                " where organization_id = %s and seq = %s",
                *(body, body, previous, digest, organization.id, line["seq"]),
            )
            previous = digest
        act("update activity_head set hash = %s where organization_id = %s", previous, organization.id)


def _linked(organization_id: str, lines: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str, str, str, str]]:
    previous = START
    for seq, (at, body) in enumerate(lines, start=1):
        digest = line_hash(organization_id, seq, at, previous=previous, body=body)
        yield seq, at, body, previous, digest
        previous = digest


def _write(
    act: Callable[..., object], organization_id: str, seq: int, at: str, body: str, previous: str, digest: str
) -> str:
    act(
        "insert into activity_log (organization_id, seq, received_on, received_at, act, row_id, actor_id, body,"
        " previous_hash, hash) select %s, %s, %s::timestamptz at time zone 'UTC', %s, b ->> 'act', (b ->> 'row')::uuid,"
        " (b ->> 'actor')::uuid, %s, %s, %s from (select %s::json as b) as said",
        *(organization_id, seq, at, at, body, previous, digest, body),
    )
    return digest


def require_lines_agree(organization: Organization) -> None:
    """No change without its line, no line without its change: of rows that are told from their beginning."""
    lines = said(organization)
    for entity in ("person", "site_access", "team_member", "site", "signature"):
        rows = {str(row["id"]) for row in organization.rows(entity)}
        told = [str(line["row"]) for line in lines if line["act"] == f"{entity}.created"]
        assert sorted(told) == sorted(rows), f"rows of {entity} and lines about them differ"


def at_once(work: Sequence[tuple[Callable[[Any], None], Any]]) -> None:
    """Do all of it at the same time; whatever one of them raises is raised here."""
    failed: list[BaseException] = []

    def run(act: Callable[[Any], None], about: Any) -> None:
        try:
            act(about)
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=run, args=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    if failed:
        raise failed[0]

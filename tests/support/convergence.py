"""What it means that devices and server agree: rows, digests, an empty outbox, and nothing kept beneath the rows.

The server's side is read with SQL of its own over the scope index, not through the code that answers pulls.
"""

from functools import reduce
from operator import xor
from typing import Any

from cmms_desktop.replica.transaction import Replica
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key
from tests.support.scope_oracle import Rows as EntityRows
from tests.support.scope_oracle import share_of
from tests.support.server_side import Organization

Rows = dict[Key, Row]
SHOWN = 5
"""Differences that a failure prints."""


def live_rows(replica: Replica) -> Rows:
    """Every visible row of a replica that is not deleted."""
    found: Rows = {}
    with replica.read() as reading:
        for entity in REGISTRY:
            ids = reading.cursor.execute(f"SELECT id FROM {entity} WHERE deleted_at IS NULL").fetchall()
            for (row_id,) in ids:
                row = reading.get(entity, row_id)
                assert row is not None
                found[entity, row_id] = row
    return found


def scopes_of(organization: Organization, person_id: str) -> set[str]:
    """Scopes that a person's devices hold, in the words of contract/README.md."""
    (role,) = organization.ask("select role from person where id = %s", person_id)[0]
    if role in {"manager", "admin"}:
        at = [
            (site, role)
            for (site,) in organization.ask("select id::text from site where organization_id = %s", organization.id)
        ]
    else:
        at = organization.ask(
            "select site_id::text, role from site_access where person_id = %s and deleted_at is null", person_id
        )
    office = [site for site, role_there in at if role_there in {"supervisor", "planner", "manager", "admin"}]
    return {
        f"user:{person_id}",
        "org:catalog",
        *(f"{kind}:{site}" for site, _ in at for kind in ("stock", "assets")),
        *(f"{kind}:{site}" for site in office for kind in ("review", "site")),
    }


def server_rows(organization: Organization, scopes: set[str], rows: EntityRows) -> Rows:
    """Live rows of the aggregates that the scopes hold now."""
    members = organization.ask(
        "select distinct aggregate_id::text, aggregate_type from scope_aggregate"
        " where organization_id = %s and live and scope_id = any(%s)",
        organization.id,
        sorted(scopes),
    )
    held = {(entity, aggregate_id) for aggregate_id, type_ in members for entity in AGGREGATES[type_]}
    return {
        (entity, row_id): row
        for entity, by_id in rows.items()
        for row_id, row in by_id.items()
        if (entity, row["aggregate_id"]) in held and row["deleted_at"] is None
    }


def differences(left: Rows, right: Rows, *, names: tuple[str, str]) -> list[str]:
    """Say in words how two sets of rows differ; empty: not at all."""
    said = [f"only {names[0]} has {key}: {left[key]}" for key in sorted(left.keys() - right.keys())]
    said += [f"only {names[1]} has {key}: {right[key]}" for key in sorted(right.keys() - left.keys())]
    for key in sorted(left.keys() & right.keys()):
        values = {
            name: (left[key][name], right[key][name]) for name in left[key] if left[key][name] != right[key][name]
        }
        if values:
            said.append(f"{key} differs ({names[0]}, {names[1]}): {values}")
    return said


def require_same(left: Rows, right: Rows, *, names: tuple[str, str]) -> None:
    """Fail with the first differences."""
    said = differences(left, right, names=names)
    assert not said, f"{len(said)} differences:\n" + "\n".join(said[:SHOWN])


def require_digests(replica: Replica) -> None:
    """The digests that the last pull told are those of the rows that are here."""
    told = replica.state().digests
    assert told is not None, "nothing was ever pulled"
    with replica.read() as reading:
        computed = {scope: _digest(reading.cursor, scope) for scope in told}
    assert computed == {scope: tuple(each) for scope, each in told.items()}


def _digest(cursor: Any, scope: str) -> tuple[int, int]:
    members = cursor.execute("SELECT aggregate_id, aggregate_type FROM member WHERE scope_id = ?", (scope,)).fetchall()
    shares = []
    for aggregate_id, type_ in members:
        hashes = [
            row_hash
            for entity in AGGREGATES[type_]
            for (row_hash,) in cursor.execute(
                f"SELECT row_hash FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL", (aggregate_id,)
            ).fetchall()
        ]
        shares.append(share_of(aggregate_id, reduce(xor, hashes, 0)))
    return reduce(xor, shares, 0), len(members)


def require_settled(replica: Replica) -> None:
    """Nothing waits, nothing is acknowledged without having been pulled, nothing lies beneath or hidden."""
    assert replica.outbox.waiting() == ()
    assert replica.outbox.acknowledged() == ()
    with replica.read() as reading:
        for table in ("shadow", "hidden_aggregate"):
            assert reading.cursor.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), f"{table} is not empty"


def require_stock_adds_up(organization: Organization) -> None:
    """Every level is the sum of its movements (invariant 17)."""
    wrong = organization.ask(
        "select l.id from stock_level l where l.organization_id = %s and l.quantity is distinct from ("
        " select coalesce(sum(m.quantity), 0) from stock_movement m where m.organization_id = l.organization_id"
        " and m.stock_location_id = l.stock_location_id and m.part_id = l.part_id and m.deleted_at is null)",
        organization.id,
    )
    assert wrong == []


def require_rows_rest_on_outbox(replica: Replica) -> None:
    """At any moment: a row that the server does not have, or has otherwise, is explained by work that is under way."""
    with replica.read() as reading:
        ask = reading.cursor.execute
        unsent = [
            (entity, row_id)
            for entity in REGISTRY
            for (row_id,) in ask(f"SELECT id FROM {entity} WHERE sync_seq = 0").fetchall()
        ]
        shadows = {tuple(line) for line in ask("SELECT entity, row_id FROM shadow").fetchall()}
        hidden = {line[0] for line in ask("SELECT aggregate_id FROM hidden_aggregate").fetchall()}
        beneath = {line[0] for line in ask("SELECT aggregate_id FROM shadow").fetchall()}
        (under_way,) = ask(
            "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed', 'acknowledged')"
        ).fetchone()
    assert set(unsent) <= shadows, "a row that the server does not have has no mutation"
    assert under_way or beneath <= hidden, "a server row lies beneath although nothing is under way"

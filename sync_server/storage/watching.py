"""What whoever pokes devices has to know: where clocks stand, which scopes changed, which devices still count."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow


@dataclass(frozen=True, slots=True)
class ClockFace:
    """Where the clock of an organization stands."""

    seq: int
    epoch: str


def clocks(connection: Connection[TupleRow], organization_ids: Sequence[str]) -> dict[str, ClockFace]:
    """Read the clocks of some organizations, in one query and above all tenants."""
    found = connection.execute(
        "select organization_id::text, seq, epoch::text from organization_clocks()"
        " where organization_id = any(%s::uuid[])",
        (list(organization_ids),),
    )
    return {row[0]: ClockFace(row[1], row[2]) for row in found}


def changed_scopes(
    connection: Connection[TupleRow], organization_id: str, scopes: Collection[str], *, since: int
) -> set[str]:
    """Give those among some scopes in which anything changed, joined or left after a commit.

    One look into the index for each scope: `offset 0` keeps PostgreSQL from reading the table instead.
    """
    found = connection.execute(
        "select c.scope_id from unnest(%s::text[]) as c(scope_id), lateral (select 1 from scope_aggregate a"
        " where a.organization_id = %s and a.scope_id = c.scope_id and a.seq > %s limit 1 offset 0) s",
        (list(scopes), organization_id, since),
    )
    return {row[0] for row in found}


def standing(
    connection: Connection[TupleRow], organization_id: str, device_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Give the scopes that devices were granted; one that was revoked, or is not there, is missing."""
    found = connection.execute(
        "select d.id::text, array(select s.scope_id from device_scope s"
        " where s.organization_id = d.organization_id and s.device_id = d.id) from device d"
        " where d.organization_id = %s and d.id = any(%s::uuid[]) and d.revoked_at is null",
        (organization_id, list(device_ids)),
    )
    return {row[0]: tuple(row[1]) for row in found}

"""What a pull has to know before it looks for changes, in one statement: clock, device, person, heads of scopes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.errors import SessionExpired
from sync_server.storage.devices import NOT_ENROLLED, Device
from sync_server.storage.feed import Head, ScopeHead
from sync_server.storage.unit_reads import SITE_ROLES

_QUERY = f"""
select c.seq, coalesce(o.nonce, 0), c.epoch::text, c.durable_seq,
 case when c.seq = %(top)s then o.nonce
  else (select k.nonce from org_commit k where k.organization_id = c.organization_id and k.seq = %(top)s) end,
 d.person_id::text, d.public_key, d.revoked_at is not null, d.chain_seq, d.chain_head, d.is_awaited,
 p.role, case when p.id is not null then {SITE_ROLES} end,
 case when p.role in ('manager', 'admin') then array(select s.id::text from site s
  where s.organization_id = c.organization_id and s.deleted_at is null order by s.id) end,
 (select json_agg(json_build_array(h.scope_id, h.digest, h.count, h.gc_seq)) from scope_head h
  where h.organization_id = c.organization_id and h.scope_id = any(%(scopes)s))
from org_clock c
left join org_commit o on o.organization_id = c.organization_id and o.seq = c.seq
left join device d on d.organization_id = c.organization_id and d.id = %(device)s
left join person p on p.organization_id = c.organization_id and p.id = %(person)s
 and p.is_active and p.deleted_at is null
where c.organization_id = %(organization)s
""".encode()


@dataclass(frozen=True, slots=True)
class PullView:
    """Where everything stands that a pull depends on, at one moment.

    Attributes:
        now: The clock.
        nonce_of_top: Of the commit that was asked for; None: there is no such commit, or none any more.
        device: Who asks; None when it is not enrolled.
        role: Of the person; None when he is not active, or not there.
        site_roles: His roles by site.
        sites: All sites, of who may enter each of them; None for others.
        heads: Of the scopes that were asked for, as far as they ever held anything.
    """

    now: Head
    nonce_of_top: int | None
    device: Device | None
    role: str | None
    site_roles: dict[str, str]
    sites: tuple[str, ...] | None
    heads: Mapping[str, ScopeHead]


def look(
    connection: Connection[TupleRow],
    organization_id: str,
    *,
    device_id: str,
    person_id: str,
    top: int,
    scopes: Collection[str],
) -> PullView:
    """Look at all of it. `top`: a commit whose nonce is asked for. `scopes`: whose heads are.

    Raises:
        SessionExpired: the organization is gone.
    """
    named = {"organization": organization_id, "device": device_id, "person": person_id}
    found = connection.execute(_QUERY, {**named, "top": top, "scopes": list(scopes)}).fetchone()
    if found is None:  # the organization was removed: no device of it is enrolled any more
        raise SessionExpired(NOT_ENROLLED)
    sites, heads = found[13:]
    return PullView(
        now=Head(*found[:4]),
        nonce_of_top=found[4],
        device=Device(*found[5:11]) if found[5] is not None else None,
        role=found[11],
        site_roles=found[12] or {},
        sites=None if sites is None else tuple(sites),
        heads=dict.fromkeys(scopes, ScopeHead()) | {each[0]: ScopeHead(*each[1:]) for each in heads or ()},
    )

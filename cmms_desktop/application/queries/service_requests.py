"""What was asked for at an asset and what became of it: a person's own requests, all of them for the office. Frozen."""

from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.lookups import state_of, text_of, text_or_none
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import Place, may
from sync_server.contract.rules.requesting import REQUEST


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request. `created_at` in wire form; `number`: of the order that came of it, where that is here."""

    id: str
    title: str
    urgency: str
    status: str
    reason: str | None
    person: str | None
    is_mine: bool
    is_sent: bool
    created_at: str
    order_id: str | None
    number: str | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class AssetRequests:
    """Requests about one asset, the newest first. `may_ask`: he may make one; `sees_all`: others' are here, too."""

    lines: tuple[RequestLine, ...]
    may_ask: bool
    sees_all: bool


_LINES: Final = """
SELECT r.id, r.title, r.urgency, r.status, r.reason, p.name, r.created_by, r.version, r.created_at, w.id, w.number,
  r.site_id
FROM service_request r LEFT JOIN person p ON p.id = r.created_by
LEFT JOIN work_order w ON w.id = r.work_order_id AND w.deleted_at IS NULL
WHERE r.asset_id = ? AND r.deleted_at IS NULL ORDER BY r.created_at DESC, r.id"""
_SITE: Final = """
SELECT site_id FROM asset WHERE id = ?1 AND deleted_at IS NULL
UNION ALL SELECT site_id FROM asset_stub WHERE asset_id = ?1 AND deleted_at IS NULL LIMIT 1"""


def asset_requests(reading: Reading, asset_id: str) -> AssetRequests:
    """Read what is known on this device."""
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    site = reading.cursor.execute(_SITE, (asset_id,)).fetchone()
    found = reading.cursor.execute(_LINES, (asset_id,)).fetchall()
    return AssetRequests(
        tuple(_line(actor, each) for each in found),
        may_ask=site is not None and may(actor, REQUEST, "create", Place(site[0])) is None,
        sees_all=site is not None and actor.is_office_at(site[0]),
    )


def _line(actor: Actor, found: tuple[Any, ...]) -> RequestLine:
    id_, title, urgency, status, reason, person, author, version, created_at, order_id, number, site_id = found
    is_mine = author == actor.person_id
    may_change = may(actor, REQUEST, "change", Place(site_id, is_held=is_mine, is_own=is_mine)) is None
    return RequestLine(
        id=text_of(id_),
        title=text_of(title),
        urgency=text_of(urgency),
        status=text_of(status),
        reason=text_or_none(reason),
        person=text_or_none(person),
        is_mine=is_mine,
        is_sent=bool(version),
        created_at=text_of(created_at),
        order_id=text_or_none(order_id),
        number=text_or_none(number),
        may_withdraw=may_change and status == "new",
    )

"""Whom a commit tells what: the one list. Rows are added to the commit that they tell of: neither is without the other.

Told is what somebody else did that concerns one person: an order that he is given or gets back, a decision about his
change or his request, a meter of his site that has become critical. Ordinary work tells nobody, and costs a look at the
entity of each row. Who is given an order by an import is told nothing: a list of a thousand orders is no news.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Protocol

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.authz.visibility import load_actors, may_hold
from sync_server.contract.codec import completed
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import OFFICE, Key
from sync_server.contract.rules.metering import judged
from sync_server.contract.rules.notifying import NOTIFICATION, notification_id

MOST_AT_ONCE = 1_000
"""Notifications of one commit. Where there would be more, nobody is told of orders: the clock is held meanwhile."""
LONGEST_TITLE = 400
LONGEST_DETAIL = 1000


class Work(Protocol):
    """A unit of work that is about to be written."""

    connection: Connection[TupleRow]
    organization_id: str
    actor_id: str | None
    loaded: dict[Key, Row | None]
    changed: dict[Key, Row]

    def read(self, keys: Iterable[Key]) -> None:
        """Look at rows without locking them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told. `row_id`, `occasion`: the row that tells it, and its version: told twice it is there once.

    `by`: who did it, and is told nothing himself.
    """

    people: tuple[str, ...]
    kind: str
    subject: str
    subject_id: str
    site_id: object
    title: str
    row_id: str
    occasion: str
    detail: str | None = None
    by: object = None


def made(work: Work) -> dict[Key, Row]:
    """Give the notifications that a unit's changes deserve, to be written with them."""
    found = [
        notice
        for (entity, row_id), row in work.changed.items()
        if entity in _TOLD
        for notice in _TOLD[entity](work, work.loaded.get((entity, row_id)), row)
    ]
    if sum(len(each.people) for each in found) > MOST_AT_ONCE:
        found = [each for each in found if each.subject != "work_order"]
    return rows_of(found, at=datetime.now(UTC)) if found else {}


def rows_of(notices: Iterable[Notice], *, at: datetime) -> dict[Key, Row]:
    """Give a row for each person whom each notice is for."""
    now, rows = instant_text(at), {}
    for notice in notices:
        for person_id in dict.fromkeys(notice.people):
            if person_id != notice.by:
                row = _row(notice, person_id, now)
                rows[NOTIFICATION, str(row["id"])] = row
    return rows


def _row(notice: Notice, person_id: str, now: str) -> Row:
    row_id = notification_id(notice.row_id, notice.kind, person_id, occasion=notice.occasion)
    values: Row = {
        "id": row_id,
        "aggregate_id": row_id,
        "created_at": now,
        "updated_at": now,
        "person_id": person_id,
        "site_id": notice.site_id if isinstance(notice.site_id, str) else None,
        "kind": notice.kind,
        "subject": notice.subject,
        "subject_id": notice.subject_id,
        "title": notice.title[:LONGEST_TITLE],
        "detail": (notice.detail or "")[:LONGEST_DETAIL] or None,
        "received_on": now[:10],
    }
    return completed(REGISTRY[NOTIFICATION], values)


# ---- what deserves a notice


def _assigned(work: Work, before: Row | None, after: Row) -> Iterator[Notice]:
    """Somebody was given an order, himself or with his team; who takes it himself knows."""
    is_there_now = after["deleted_at"] is None
    was_there = before is not None and before["deleted_at"] is None
    by = after["updated_by"]
    if not is_there_now or was_there or work.actor_id is None:
        return
    people = (str(after["person_id"]),) if after["person_id"] is not None else _members(work, after["team_id"])
    yield from _about_order(work, str(after["work_order_id"]), people, "assigned", row=after, by=by)


def _returned(work: Work, before: Row | None, after: Row) -> Iterator[Notice]:
    """Work came back to those who have the order."""
    if before is None or (before["status"], after["status"]) not in _BACK or work.actor_id is None:
        return
    people = _holders(work, str(after["id"]))
    detail = after["status_reason"]
    yield from _about_order(
        work,
        str(after["id"]),
        people,
        "returned",
        row=after,
        by=after["updated_by"],
        detail=None if detail is None else str(detail),
    )


def _about_order(
    work: Work,
    order_id: str,
    people: tuple[str, ...],
    kind: str,
    *,
    row: Row,
    by: object,
    detail: str | None = None,
) -> Iterator[Notice]:
    order = _standing(work, ("work_order", order_id))
    if order is not None and people:
        title = f"{order['number']} {order['title']}"
        told = {"subject_id": order_id, "site_id": order["site_id"], "row_id": str(row["id"]), "occasion": _when(row)}
        yield Notice(people, kind, "work_order", title=title, detail=detail, by=by, **told)  # type: ignore[arg-type]


def _held_decided(work: Work, before: Row | None, after: Row) -> Iterator[Notice]:
    """A supervisor decided about what somebody sent."""
    if before is None or before["decision"] is not None or after["decision"] is None:
        return
    order = _standing(work, ("work_order", str(after["target_aggregate_id"])))
    said = (str(after["decision"]), str(after["reason"] or ""))
    yield Notice(
        (str(after["author_id"]),),
        "held_decided",
        "held_mutation",
        subject_id=str(after["id"]),
        site_id=after["site_id"],
        title="" if order is None or not _has_seen(work, after) else f"{order['number']} {order['title']}",
        row_id=str(after["id"]),
        occasion=_when(after),
        detail=": ".join(part for part in said if part),
        by=after["decided_by"],
    )


def _has_seen(work: Work, held: Row) -> bool:
    """Whether its author holds what his change was about, or once did: anybody may send a change of any id."""
    author_id = str(held["author_id"])
    actor = load_actors(work.connection, work.organization_id, [author_id]).get(author_id)
    found = work.connection.execute(
        "select scope_id from scope_aggregate where organization_id = %s and aggregate_id = %s",
        (work.organization_id, held["target_aggregate_id"]),
    ).fetchall()
    return actor is not None and any(may_hold(actor, scope_id) for (scope_id,) in found)


def _request_decided(_: Work, before: Row | None, after: Row) -> Iterator[Notice]:
    """The office decided about what somebody asked for."""
    if before is None or before["status"] == after["status"] or after["created_by"] is None:
        return
    said = (str(after["status"]), str(after["reason"] or ""))
    yield Notice(
        (str(after["created_by"]),),
        "request_decided",
        "service_request",
        subject_id=str(after["id"]),
        site_id=after["site_id"],
        title=str(after["title"]),
        row_id=str(after["id"]),
        occasion=_when(after),
        detail=": ".join(part for part in said if part),
        by=after["decided_by"],
    )


def _reading_critical(work: Work, before: Row | None, after: Row) -> Iterator[Notice]:
    """A meter has become critical: the office of its site is told, once until it is in order again."""
    if before is None or after["last_value"] is None or before["last_value"] == after["last_value"]:
        return
    if _state(after) != "critical" or (before["last_value"] is not None and _state(before) == "critical"):
        return
    asset = _standing(work, ("asset", str(after["asset_id"])))
    if asset is not None:
        yield Notice(
            office_of(work.connection, work.organization_id, asset["site_id"]),
            "reading_critical",
            "asset",
            subject_id=str(asset["id"]),
            site_id=asset["site_id"],
            title=f"{asset['code']} {asset['name']}",
            row_id=str(after["id"]),
            occasion=_when(after),
            detail=f"{after['name']}: {Decimal(str(after['last_value'])).normalize():f} {after['unit']}",
            by=after["last_read_by"],
        )


Told = Callable[[Work, Row | None, Row], Iterator[Notice]]
_TOLD: Final[Mapping[str, Told]] = {
    "work_order_assignment": _assigned,
    "work_order": _returned,
    "held_mutation": _held_decided,
    "service_request": _request_decided,
    "meter": _reading_critical,
}
_BACK: Final = frozenset({("completed", "in_progress"), ("closed", "in_progress")})


# ---- who is told


def office_of(connection: Connection[TupleRow], organization_id: str, site_id: object) -> tuple[str, ...]:
    """Give the active people who are the office at a site because they have a role there."""
    found = connection.execute(
        "select distinct p.id::text from site_access a join person p on p.organization_id = %(organization)s"
        " and p.id = a.person_id where a.organization_id = %(organization)s and a.site_id = %(site)s"
        " and a.deleted_at is null and p.deleted_at is null and p.is_active and a.role = any(%(office)s) order by 1",
        {"organization": organization_id, "site": site_id, "office": sorted(OFFICE)},
    ).fetchall()
    return tuple(person_id for (person_id,) in found)


def _members(work: Work, team_id: object) -> tuple[str, ...]:
    found = work.connection.execute(
        "select person_id::text from team_member where organization_id = %s and team_id = %s and deleted_at is null"
        " order by 1",
        (work.organization_id, team_id),
    ).fetchall()
    return tuple(person_id for (person_id,) in found)


def _holders(work: Work, order_id: str) -> tuple[str, ...]:
    found = work.connection.execute(
        "select coalesce(a.person_id, m.person_id)::text from work_order_assignment a left join team_member m"
        " on m.organization_id = %(organization)s and m.team_id = a.team_id and m.deleted_at is null"
        " where a.organization_id = %(organization)s and a.work_order_id = %(order)s and a.deleted_at is null"
        " and coalesce(a.person_id, m.person_id) is not null order by 1",
        {"organization": work.organization_id, "order": order_id},
    ).fetchall()
    return tuple(person_id for (person_id,) in found)


def _standing(work: Work, key: Key) -> Row | None:
    """Give a row with this unit's changes, read now when nobody has."""
    if key not in work.changed and key not in work.loaded:
        work.read([key])
    return work.changed.get(key) or work.loaded.get(key)


def _state(meter: Row) -> str:
    return judged(meter, Decimal(str(meter["last_value"])))


def _when(row: Row) -> str:
    """What tells this change of a row from every other one."""
    return str(row["version"])

"""The Orders page: every order on this device, filtered, as slim rows. Frozen, from the replica only."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.assignment_requests import NO_REQUEST
from cmms_desktop.application.queries.lookups import AMONG, HOLDER, Unsettled, asset_label, packed, text_of, unsettled
from cmms_desktop.application.queries.tags import tags_of, tags_on_orders
from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders are wanted. Empty: no matter which. `text`: every word of it stands somewhere in the row.

    `but_statuses`: in any state but these, so also in one that only a newer version knows.
    """

    statuses: tuple[str, ...] = ()
    but_statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    site_ids: tuple[str, ...] = ()
    asset_id: str | None = None
    tags: tuple[str, ...] = ()
    """Words: an order with any of them."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order of the list. Instants in wire form; `people`: who it is assigned to, people and teams."""

    id: str
    number: str
    title: str
    status: str
    priority: str
    type: str
    site: str
    asset: str | None
    due_at: str | None
    updated_at: str | None
    people: str
    conflicts: int
    unsent: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """A site that has orders here."""

    id: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders are here, by state, by priority, by type and by site."""

    total: int
    by_status: dict[str, int]
    by_priority: dict[str, int]
    by_type: dict[str, int]
    sites: tuple[SiteChoice, ...]
    tags: dict[str, int]
    """Word → orders that have it."""


_ROWS: Final = (
    """
SELECT w.id, w.number, w.title, w.status, w.priority, w.type, coalesce(s.name, ''), coalesce(a.code, st.code),
  coalesce(a.name, st.name), w.asset_text, w.due_at, w.updated_at, coalesce(n.people, ''), coalesce(c.open, 0)
FROM (SELECT w.* FROM work_order w WHERE w.deleted_at IS NULL{0}{1} LIMIT {2}) w
LEFT JOIN site s ON s.id = w.site_id LEFT JOIN asset a ON a.id = w.asset_id
LEFT JOIN asset_stub st ON st.asset_id = w.asset_id AND a.id IS NULL
LEFT JOIN (SELECT x.aggregate_id AS id, group_concat("""
    + HOLDER
    + """, ', ') AS people
  FROM work_order_assignment x LEFT JOIN person p ON p.id = x.person_id LEFT JOIN team t ON t.id = x.team_id
  WHERE x.deleted_at IS NULL GROUP BY x.aggregate_id) n ON n.id = w.id
LEFT JOIN (SELECT c.aggregate_id AS id, count(*) AS open FROM conflict c WHERE c.resolution IS NULL
  AND c.deleted_at IS NULL AND """
    + NO_REQUEST
    + """ GROUP BY c.aggregate_id) c ON c.id = w.id{1}"""
)

_OF_ASSET: Final = """ AND w.id IN (SELECT id FROM work_order WHERE asset_id = ?
  UNION SELECT aggregate_id FROM work_order_asset WHERE asset_id = ? AND deleted_at IS NULL)"""
"""Orders that name an asset, as theirs or beside it."""
WITH_TAGS: Final = (
    "w.id IN (SELECT e.aggregate_id FROM entity_tag e JOIN tag t ON t.id = e.tag_id AND t.deleted_at IS NULL"
    f" WHERE e.deleted_at IS NULL AND t.name {AMONG})"
)
"""Orders that have any of some words as a tag."""
_ORDER: Final = (
    " ORDER BY w.status IN ('completed', 'closed', 'cancelled', 'rejected'), w.due_at IS NULL, w.due_at, w.number"
)


def all_orders(reading: Reading, wanted: OrderFilter | None = None, *, limit: int = 5_000) -> tuple[OrderRow, ...]:
    """Orders on this device: open ones first, then by what is due first."""
    chosen = wanted or OrderFilter()
    where, parameters = _where(chosen)
    words = folded(chosen.text).split()
    bounded = _ROWS.format(where, _ORDER, -1 if words else limit)
    lines = reading.cursor.execute(bounded, parameters).fetchall()
    waiting = unsettled(reading)
    tags = tags_of(reading, (line[0] for line in lines))
    kept = [line for line in lines if _says(line, tags.get(line[0], ()), words)] if words else lines
    return tuple(_row(line, waiting.get(line[0], Unsettled()), tags.get(line[0], ())) for line in kept[:limit])


def _where(wanted: OrderFilter) -> tuple[str, tuple[str, ...]]:
    among = {
        "w.status": wanted.statuses,
        "w.priority": wanted.priorities,
        "w.type": wanted.types,
        "w.site_id": wanted.site_ids,
    }
    used = {f"{column} {AMONG}": words for column, words in among.items() if words}
    if wanted.tags:
        used[WITH_TAGS] = wanted.tags
    if wanted.but_statuses:
        used[f"w.status NOT {AMONG}"] = wanted.but_statuses
    clauses = "".join(f" AND {clause}" for clause in used)
    about = () if wanted.asset_id is None else (wanted.asset_id, wanted.asset_id)
    return clauses + (_OF_ASSET if about else ""), (*(packed(words) for words in used.values()), *about)


def folded(text: str) -> str:
    """Text as it is compared: composed, without case."""
    return unicodedata.normalize("NFC", text).casefold()


def _says(line: Sequence[Any], tags: Sequence[str], words: Sequence[str]) -> bool:
    said = folded(" ".join((*(text_of(line[place]) for place in (1, 2, 6, 7, 8, 9, 12)), *tags)))
    return all(word in said for word in words)


def _row(line: Sequence[Any], unsent: Unsettled, tags: tuple[str, ...]) -> OrderRow:
    order_id, number, title, status, priority, type_, site = (text_of(cell) for cell in line[:7])
    return OrderRow(
        id=order_id,
        number=number,
        title=title,
        status=status,
        priority=priority,
        type=type_,
        site=site,
        asset=asset_label(line[7], line[8], line[9]),
        due_at=line[10],
        updated_at=line[11],
        people=line[12],
        conflicts=line[13],
        unsent=unsent.waiting,
        tags=tags,
    )


def order_counts(reading: Reading) -> OrderCounts:
    """Count the orders for the filters of the page; sites by name."""
    lines = reading.cursor.execute(
        "SELECT w.status, w.priority, w.type, w.site_id, coalesce(s.name, ''), count(*) FROM work_order w"
        " LEFT JOIN site s ON s.id = w.site_id WHERE w.deleted_at IS NULL GROUP BY 1, 2, 3, 4, 5"
    ).fetchall()
    states, priorities, types, site_ids = (_tally(lines, place) for place in range(4))
    names = {text_of(line[3]): line[4] for line in lines}
    sites = sorted((SiteChoice(id_, names[id_], count) for id_, count in site_ids.items()), key=_by_name)
    return OrderCounts(sum(states.values()), states, priorities, types, tuple(sites), tags_on_orders(reading))


def _tally(lines: Sequence[Any], place: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[text_of(line[place])] = counts.get(text_of(line[place]), 0) + line[5]
    return counts


def _by_name(site: SiteChoice) -> tuple[str, str]:
    return folded(site.name), site.id

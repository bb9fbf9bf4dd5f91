"""What several questions need: rows of many aggregates at once, names of people, paths of locations, what waits.

Each function is one statement, however many ids it is given. Reads the replica only and never writes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cmms_desktop.replica import sync_state
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar

AMONG: Final = "IN (SELECT value FROM json_each(?))"
"""Compares with ids that were `packed`: one statement for any number of them."""
HOLDER: Final = "coalesce(p.name, t.name, 'Contractor: ' || x.contractor_name)"
"""Name of who has an order by the assignment `x`, with its person `p` and its team `t`: part of a statement."""
DEEPEST_LOCATION: Final = 12
"""Levels of a location's path that are followed; a circle in a broken tree ends there."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Mutations of one aggregate that are not at the server in peace: waiting, refused, held."""

    waiting: int = 0
    parked: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class OrderLink:
    """Another order, to name and to open."""

    id: str
    number: str
    title: str
    status: str


def packed(ids: Iterable[Scalar]) -> str:
    """Write ids as the parameter of `AMONG`; None and repetitions are left out."""
    return json.dumps(sorted({str(each) for each in ids if each is not None}))


def state_of(reading: Reading) -> SyncState:
    """What the replica knows about its conversation with the server."""
    return sync_state.load(reading.cursor)


def rows_of(
    reading: Reading, entity: str, aggregate_ids: Iterable[Scalar], *, names: Sequence[str] = ()
) -> dict[str, list[Row]]:
    """Live rows of some aggregates in wire form, by aggregate; in order of position where there is one, then age.

    `names`: columns that are enough, `aggregate_id` among them; none: all.
    """
    spec = REGISTRY[entity]
    wanted = names or spec.names
    order = "position, id" if "position" in spec.names else "created_at, id"
    found = reading.cursor.execute(
        f"SELECT {', '.join(wanted)} FROM {entity} WHERE aggregate_id {AMONG} AND deleted_at IS NULL ORDER BY {order}",
        (packed(aggregate_ids),),
    ).fetchall()
    rows: dict[str, list[Row]] = {}
    for values in found:
        row = dict(zip(wanted, values, strict=True))
        rows.setdefault(str(row["aggregate_id"]), []).append(row)
    return rows


def person_names(reading: Reading, person_ids: Iterable[Scalar]) -> dict[str, str]:
    """Names of people, by id; who is not known here is missing. People who left keep their names."""
    found = reading.cursor.execute(f"SELECT id, name FROM person WHERE id {AMONG}", (packed(person_ids),)).fetchall()
    return {person_id: str(name) for person_id, name in found if name}


def order_links(reading: Reading, order_ids: Iterable[Scalar]) -> dict[str, OrderLink]:
    """Live orders on this device, by id."""
    found = reading.cursor.execute(
        f"SELECT id, number, title, status FROM work_order WHERE id {AMONG} AND deleted_at IS NULL",
        (packed(order_ids),),
    ).fetchall()
    return {line[0]: OrderLink(line[0], *(text_of(cell) for cell in line[1:])) for line in found}


def location_paths(reading: Reading, location_ids: Iterable[Scalar]) -> dict[str, str]:
    """Paths such as "Main building, Ground floor, Plant room", by id; unknown locations are missing."""
    found = reading.cursor.execute(
        "WITH RECURSIVE up (id, name, parent_id, depth) AS ("
        f" SELECT id, name, parent_id, 0 FROM location WHERE id {AMONG}"
        " UNION ALL SELECT up.id, l.name, l.parent_id, depth + 1 FROM up JOIN location l ON l.id = up.parent_id"
        " WHERE depth < ?) SELECT id, name FROM up ORDER BY id, depth DESC",
        (packed(location_ids), DEEPEST_LOCATION),
    ).fetchall()
    paths: dict[str, list[str]] = {}
    for location_id, name in found:
        paths.setdefault(location_id, []).append(text_of(name))
    return {location_id: ", ".join(name for name in names if name) for location_id, names in paths.items()}


def held_aggregates(reading: Reading) -> dict[str, int]:
    """How many aggregates of each kind the server put on this device, by root entity; what is new here is not yet."""
    found = reading.cursor.execute(
        "SELECT aggregate_type, count(DISTINCT aggregate_id) FROM member GROUP BY aggregate_type"
    ).fetchall()
    return dict(found)


def unsettled(reading: Reading) -> dict[str, Unsettled]:
    """What of each aggregate is not at the server in peace, by aggregate; settled ones are missing."""
    found = reading.cursor.execute(
        "SELECT aggregate_id, sum(state IN ('pending', 'sealed')), sum(state = 'parked'), sum(state = 'held')"
        " FROM outbox GROUP BY aggregate_id"
    ).fetchall()
    return {aggregate_id: Unsettled(*counts) for aggregate_id, *counts in found}


def unsettled_rows(reading: Reading, aggregate_id: str) -> frozenset[str]:
    """Ids of the rows of an aggregate that have a mutation without an answer; *set all OK* names many in one."""
    found = reading.cursor.execute(
        "SELECT row_id FROM outbox WHERE aggregate_id = ?1 AND state IN ('pending', 'sealed')"
        " UNION SELECT j.key FROM outbox o, json_each(o.body, '$.set') j WHERE o.aggregate_id = ?1"
        " AND o.state IN ('pending', 'sealed') AND o.type = 'checklist.answer_all'",
        (aggregate_id,),
    ).fetchall()
    return frozenset(row_id for (row_id,) in found)


def received_at(row: Row) -> str | None:
    """When the server wrote a row first; None: it has not come back from there yet."""
    return text_of(row["created_at"]) if row["version"] else None


def text_of(value: object) -> str:
    """Any cell as text; nothing as empty text. A newer server may send what this version does not expect."""
    return "" if value is None else str(value)


def text_or_none(value: object) -> str | None:
    """A cell as text, or None where there is nothing."""
    return None if value is None else str(value)


def hazards_of(text: object) -> tuple[str, ...]:
    """The hazards of an order: one to a line, as the office wrote them; a single line is one hazard."""
    return tuple(line.strip() for line in text_of(text).splitlines() if line.strip())


def asset_label(code: object, name: object, text: object) -> str | None:
    """An asset in one line: "P-117 Booster pump", or the text that stands in for an unknown one; None: no asset."""
    known = " ".join(text_of(part) for part in (code, name) if part)
    return known or text_or_none(text)

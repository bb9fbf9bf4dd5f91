"""The inbox: fields that two people changed, and changes that a person at the office decides about. Frozen rows.

Every value of a conflict stays readable, open or settled. Words are made in ui/text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from cmms_desktop.application.queries.assignment_requests import reasons, voids
from cmms_desktop.application.queries.lookups import asset_label, state_of, text_of, text_or_none
from cmms_desktop.application.queries.subjects import Subject, subjects
from cmms_desktop.application.queries.values import FieldValue, named, with_name
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.codec import InvalidValueError, scalar_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.assigning import ASSIGNMENT
from sync_server.contract.rules.conflicts import SOFT


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictLine:
    """One field in conflict. Instants in wire form. `current`: what stands in the record now.

    `kind`: field, status, request, deleted or reference. `resolution`: mine, theirs or edited; None: open.
    """

    id: str
    subject: Subject
    kind: str
    entity: str
    field: str
    base: FieldValue
    mine: FieldValue
    theirs: FieldValue
    current: FieldValue
    author: str
    is_mine: bool
    theirs_by: str
    """Who wrote what stands, or the record last; empty when that is not known, or was the author himself."""
    theirs_at: str | None
    """When the server saved it; None: several commits lay between."""
    cause: str | None
    made_at: str
    resolution: str | None
    resolved: FieldValue | None
    resolved_by: str
    resolved_at: str | None
    reason: str | None
    is_settled_by_me: bool = False
    is_settled_by_author: bool = False
    is_unsent: bool = False
    """It was settled here, and the server does not know: `resolved_at` is by this device's clock."""
    asked_because: str = ""
    """Why its author asks to hand the order on."""
    void_because: str = ""
    """Nothing is left to answer: a sentence. Such a request counts as settled."""


@dataclass(frozen=True, slots=True)
class ConflictGroup:
    """Conflicts of one order or asset, and what it is called."""

    aggregate_id: str
    aggregate: str
    """`work_order`, `asset` or another root."""
    number: str
    title: str
    asset: str | None
    site: str
    conflicts: tuple[ConflictLine, ...]

    @property
    def made_at(self) -> str:
        """When the newest of them came about."""
        return max(each.made_at for each in self.conflicts)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Open conflicts, newest first, settled ones likewise."""

    open: tuple[ConflictGroup, ...]
    settled: tuple[ConflictGroup, ...]
    open_fields: int


_CONFLICTS: Final = """
SELECT c.id, c.aggregate_id, c.target_entity, c.target_id, c.field, c.kind, c.base_value, c.mine_value, c.theirs_value,
  coalesce(p.name, ''), c.author_id, c.created_at, c.resolution, c.resolved_value, coalesce(r.name, ''), c.resolved_at,
  c.reason, c.cause, coalesce(t.name, ''), c.theirs_at, c.resolved_by, c.mutation_id
FROM conflict c LEFT JOIN person p ON p.id = c.author_id LEFT JOIN person r ON r.id = c.resolved_by
LEFT JOIN person t ON t.id = c.theirs_by
WHERE c.deleted_at IS NULL AND (? IS NULL OR c.aggregate_id = ?)
ORDER BY c.created_at DESC, c.id"""
_UNSENT: Final = (
    "SELECT row_id FROM outbox WHERE entity = 'conflict' AND state IN ('pending', 'sealed', 'acknowledged')"
)
_ABOUT: Final = """
SELECT w.id, 'work_order', w.number, w.title, a.code, a.name, w.asset_text, s.name FROM work_order w
LEFT JOIN asset_stub a ON a.asset_id = w.asset_id LEFT JOIN site s ON s.id = w.site_id
WHERE w.id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT a.id, 'asset', a.code, a.name, NULL, NULL, NULL, s.name FROM asset a LEFT JOIN site s
ON s.id = a.site_id WHERE a.id IN (SELECT value FROM json_each(?1))"""


def inbox(reading: Reading, aggregate_id: str | None = None) -> Inbox:
    """Conflicts on this device, or those of one order or asset; a merge of texts is in the history only."""
    told = [each for each in conflict_lines(reading, aggregate_id) if each.kind != SOFT]
    return Inbox(
        _groups(reading, [each for each in told if each.resolution is None]),
        _groups(reading, [each for each in told if each.resolution is not None]),
        sum(each.resolution is None for each in told),
    )


def answered_requests(reading: Reading, order_id: str) -> tuple[ConflictLine, ...]:
    """What the office said to the requests of the person on one order, the newest first."""
    lines = conflict_lines(reading, order_id)
    return tuple(line for line in lines if line.kind == "request" and line.is_mine and line.resolution is not None)


def conflict_lines(reading: Reading, aggregate_id: str | None = None) -> list[ConflictLine]:
    """Everything that was kept because two people changed it, merges too: open or settled, the newest first."""
    lines = reading.cursor.execute(_CONFLICTS, (aggregate_id, aggregate_id)).fetchall()
    me = state_of(reading).person_id
    about = subjects(reading, ((line[2], line[3], line[1]) for line in lines))
    current = _current_values(reading, lines)
    unsent = {row_id for (row_id,) in reading.cursor.execute(_UNSENT).fetchall()}
    made = [
        _conflict(line, about[line[2], line[3]], current.get((line[0]), (None, "")), me, is_unsent=line[0] in unsent)
        for line in lines
    ]
    if any(each.entity == ASSIGNMENT for each in made):
        made = _requests(reading, made, {line[0]: line[21] for line in lines}, aggregate_id)
    names = named(reading, (value for each in made for value in _values(each)))
    return [_named(each, names) for each in made]


def _requests(
    reading: Reading, lines: Sequence[ConflictLine], made_by: Mapping[str, str], order_id: str | None
) -> list[ConflictLine]:
    """Requests to hand an order on, with why; one of which nothing is left to answer needs nobody's settling."""
    void = voids(reading, order_id)
    why = reasons(reading, (made_by[each.id] for each in lines if each.entity == ASSIGNMENT))
    told = [replace(each, asked_because=why.get(made_by[each.id], "")) for each in lines]
    return [
        replace(each, void_because=void[each.id], resolution="theirs") if each.id in void else each for each in told
    ]


def _current_values(reading: Reading, lines: Sequence[Any]) -> dict[str, tuple[Scalar, str]]:
    """Conflict → what stands in its field now, and who wrote the record last: one statement for each table named."""
    wanted = sorted({(line[2], line[4]) for line in lines if _is_known(line[2], line[4])})
    current: dict[str, tuple[Scalar, str]] = {}
    for entity, field in wanted:
        found = reading.cursor.execute(
            f"SELECT c.id, t.\"{field}\", coalesce(p.name, '') FROM conflict c JOIN {entity} t ON t.id = c.target_id"
            " LEFT JOIN person p ON p.id = t.updated_by AND p.id IS NOT c.author_id"
            " WHERE c.target_entity = ? AND c.field = ?",
            (entity, field),
        ).fetchall()
        current.update((id_, (value, person)) for id_, value, person in found)
    return current


def _is_known(entity: str, field: str) -> bool:
    return entity in REGISTRY and field in REGISTRY[entity].by_name


def _conflict(
    line: Sequence[Any], subject: Subject, current: tuple[Scalar, str], me: str, *, is_unsent: bool
) -> ConflictLine:
    id_, _, entity, _, field, kind, base, mine, theirs, author, author_id, made_at = line[:12]
    value, last_by = current
    return ConflictLine(
        id=id_,
        subject=subject,
        kind=text_of(kind),
        entity=entity,
        field=field,
        base=_said(entity, field, base),
        mine=_said(entity, field, mine),
        theirs=_said(entity, field, theirs),
        current=FieldValue(entity, field, value),
        author=author,
        is_mine=author_id == me,
        theirs_by=line[18] or last_by,
        theirs_at=text_or_none(line[19]),
        cause=text_or_none(line[17]),
        made_at=text_of(made_at),
        resolution=text_or_none(line[12]),
        resolved=None if line[13] is None else _said(entity, field, line[13]),
        resolved_by=line[14],
        resolved_at=line[15],
        reason=text_or_none(line[16]),
        is_settled_by_me=line[20] == me,
        is_settled_by_author=author_id is not None and line[20] == author_id,
        is_unsent=is_unsent,
    )


def _said(entity: str, field: str, text: str | None) -> FieldValue:
    """A value as it is kept, JSON of a scalar; anything else of a newer server is shown as it stands."""
    try:
        return FieldValue(entity, field, scalar_of(text))
    except (ValueError, RecursionError, InvalidValueError, msgspec.DecodeError):
        return FieldValue(entity, field, text)


def _values(line: ConflictLine) -> Iterable[FieldValue]:
    return (each for each in (line.base, line.mine, line.theirs, line.current, line.resolved) if each is not None)


def _named(line: ConflictLine, names: dict[tuple[str, str], str]) -> ConflictLine:
    return replace(
        line,
        base=with_name(line.base, names),
        mine=with_name(line.mine, names),
        theirs=with_name(line.theirs, names),
        current=with_name(line.current, names),
        resolved=None if line.resolved is None else with_name(line.resolved, names),
    )


def _groups(reading: Reading, lines: Sequence[ConflictLine]) -> tuple[ConflictGroup, ...]:
    """Conflicts by what they belong to, the newest first."""
    members: dict[str, list[ConflictLine]] = {}
    for line in lines:
        members.setdefault(line.subject.aggregate_id, []).append(line)
    found = reading.cursor.execute(_ABOUT, (msgspec.json.encode(sorted(members)).decode(),)).fetchall() if lines else []
    about = {line[0]: line[1:] for line in found}
    return tuple(_group(id_, about.get(id_), each) for id_, each in members.items())


def _group(aggregate_id: str, about: Sequence[Any] | None, lines: Sequence[ConflictLine]) -> ConflictGroup:
    if about is None:
        return ConflictGroup(aggregate_id, lines[0].entity, "", lines[0].subject.name, None, "", tuple(lines))
    aggregate, number, title, code, name, text, site = about
    asset = asset_label(code, name, text)
    return ConflictGroup(aggregate_id, aggregate, text_of(number), text_of(title), asset, text_of(site), tuple(lines))

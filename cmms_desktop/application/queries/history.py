"""Everything that happened on an order, as one timeline with the device's time and the server's. Frozen rows.

Structured only: ui/text makes the lines. Ordinary answers are summed up for each checklist; what failed, was flagged or
lay outside its limits has an entry of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.checklist_page import excess_of
from cmms_desktop.application.queries.happened import happened_at
from cmms_desktop.application.queries.inbox import ConflictLine, conflict_lines
from cmms_desktop.application.queries.lookups import (
    person_names,
    received_at,
    rows_of,
    text_of,
    text_or_none,
    unsettled_rows,
)
from cmms_desktop.application.queries.parts_page import movement_lines
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.conflicts import SOFT


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened. Instants in wire form; `received_at` None: not at the server yet.

    `kind` and `word` say what: `created`, `visit` (word: travel, arrive …), `answers` (word: number of answers),
    `item` (word: pass, flag, fail), `reading` (out of range), `comment`, `photo`, `signature` (word: the meaning),
    `movement` (word: usage, return …), `conflict`, `merged` and `settled` (word: the field; `conflict` has all of its
    values), `status` (word: the state). `text` is what was said, read or named; `note` a reason or remark; `value` a
    number with its unit apart.
    """

    id: str
    kind: str
    word: str
    at: str
    received_at: str | None
    person: str
    text: str | None = None
    note: str | None = None
    value: str | None = None
    unit: str | None = None
    fence: str | None = None
    distance_m: float | None = None
    sha256: str | None = None
    conflict: ConflictLine | None = None
    offset_ms: int | None = None
    """How far the clock of `at` was off, as far as it was measured."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The entries, oldest first, and how far the device's clock was off at most. `offset_ms` None: never measured."""

    entries: tuple[TimelineEntry, ...]
    offset_ms: int | None


_ENTITIES: Final = ("work_log", "work_log_event", "checklist", "checklist_item", "comment", "attachment", "signature")


def timeline(reading: Reading, order_id: str) -> Timeline | None:
    """What happened on an order; None: it is not here."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    rows = {name: rows_of(reading, name, (order_id,)).get(order_id, []) for name in (*_ENTITIES, "conflict")}
    movements, unsent = _movements(reading, order_id), unsettled_rows(reading, order_id)
    names = person_names(reading, _people(order, rows))
    entries = [
        *_order_entries(order, names, is_unsent=order_id in unsent),
        *_visit_entries(rows["work_log_event"], rows["work_log"], names),
        *_answer_entries(rows["checklist"], rows["checklist_item"], names, unsent),
        *(_remark(row, names) for row in (*rows["comment"], *rows["attachment"])),
        *(_signature(row, names) for row in rows["signature"]),
        *movements,
        *_conflict_entries(conflict_lines(reading, order_id) if rows["conflict"] else [], rows["conflict"]),
    ]
    offsets = [int(row["offset_ms"]) for row in rows["work_log_event"] if row["offset_ms"] is not None]
    return Timeline(tuple(sorted(entries, key=_when)), max(offsets, key=abs, default=None))


def _when(entry: TimelineEntry) -> tuple[str, bool, str]:
    return happened_at(entry.at, entry.offset_ms, entry.received_at), entry.kind != "created", entry.id


def _people(order: Row, rows: Mapping[str, Sequence[Row]]) -> Iterable[Scalar]:
    names = ("created_by", "updated_by", "person_id", "answered_by", "author_id", "signer_id", "resolved_by")
    for row in (order, *(row for each in rows.values() for row in each)):
        yield from (row.get(name) for name in names)


def _offset(value: Scalar) -> int | None:
    return value if isinstance(value, int) else None


def _entry(
    row: Row, kind: str, word: object, at: object, person: object, *, offset: str = "offset_ms", **more: Any
) -> TimelineEntry:
    return TimelineEntry(
        id=f"{kind}:{row['id']}",
        kind=kind,
        word=text_of(word),
        at=text_of(at or row["created_at"]),
        received_at=received_at(row),
        person=text_of(person),
        offset_ms=_offset(row.get(offset)),
        **more,
    )


def _changed(row: Row, *, is_unsent: bool) -> Row:
    """A row that is changed, not only made: it was received when it was changed last."""
    return {**row, "created_at": row["updated_at"], "version": 0 if is_unsent else row["version"]}


def _order_entries(order: Row, names: Mapping[str, str], *, is_unsent: bool) -> Iterator[TimelineEntry]:
    yield _entry(order, "created", "", order["created_at"], names.get(text_of(order["created_by"])))
    for state in ("completed", "closed"):
        at = order[f"{state}_at"]
        if at is not None:
            row = {**order, "id": f"{order['id']}:{state}", "created_at": at, "version": 0 if is_unsent else 1}
            yield _entry(row, "status", state, at, None)


def _visit_entries(events: Sequence[Row], logs: Sequence[Row], names: Mapping[str, str]) -> Iterator[TimelineEntry]:
    people = {log["id"]: names.get(text_of(log["person_id"])) for log in logs}
    for row in events:
        distance = row["distance_m"]
        yield _entry(
            row,
            "visit",
            row["kind"],
            row["device_at"],
            people.get(row["work_log_id"]),
            note=text_or_none(row["reason"]),
            fence=text_or_none(row["fence"]),
            distance_m=float(distance) if isinstance(distance, int | float) else None,
        )


def _answer_entries(
    lists: Sequence[Row], items: Sequence[Row], names: Mapping[str, str], unsent: frozenset[str]
) -> Iterator[TimelineEntry]:
    answered = [_changed(row, is_unsent=row["id"] in unsent) for row in items if row["result"] is not None]
    apart = [row for row in answered if row["result"] in {"flag", "fail"} or excess_of(row) is not None]
    for row in apart:
        yield _entry(
            row,
            "item" if excess_of(row) is None else "reading",
            row["result"],
            row["answered_at"] or row["updated_at"],
            names.get(text_of(row["answered_by"])),
            text=text_or_none(row["prompt"]),
            note=text_or_none(row["note"]),
            value=text_or_none(row["value"]),
            unit=text_or_none(row["unit"]),
            sha256=text_or_none(row["photo_sha256"]),
            offset="answered_offset_ms",
        )
    for each in lists:
        rest = [row for row in answered if row not in apart and row["checklist_id"] == each["id"]]
        if rest:
            last = max(rest, key=_answered)
            person = names.get(text_of(last["answered_by"]))
            row = {**last, "id": each["id"], "version": min(int(row["version"] or 0) for row in rest)}
            text, offset = text_of(each["name"]), "answered_offset_ms"
            yield _entry(row, "answers", len(rest), _answered(last), person, text=text, offset=offset)


def _answered(row: Row) -> str:
    return text_of(row["answered_at"] or row["updated_at"])


def _remark(row: Row, names: Mapping[str, str]) -> TimelineEntry:
    person = names.get(text_of(row["author_id"]))
    if "sha256" in row:
        return _entry(
            row, "photo", "", row["taken_at"], person, text=text_or_none(row["caption"]), sha256=str(row["sha256"])
        )
    return _entry(row, "comment", "", row["written_at"], person, text=text_or_none(row["text"]))


def _signature(row: Row, names: Mapping[str, str]) -> TimelineEntry:
    person = names.get(text_of(row["signer_id"]))
    return _entry(row, "signature", row["meaning"], row["signed_at"], person, note=text_or_none(row["reason"]))


def _movements(reading: Reading, order_id: str) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            id=f"movement:{each.id}",
            kind="movement",
            word=each.kind,
            at=text_of(each.moved_at),
            received_at=each.received_at,
            offset_ms=each.offset_ms,
            person=each.person,
            text=" ".join(part for part in (each.name, each.code) if part),
            note=each.note,
            value=str(abs(each.quantity)),
            unit=each.unit,
        )
        for each in movement_lines(reading, order_id)
    ]


def _conflict_entries(lines: Sequence[ConflictLine], conflicts: Sequence[Row]) -> Iterator[TimelineEntry]:
    rows = {row["id"]: row for row in conflicts}
    for line in lines:
        row, about = rows[line.id], line.entity
        kind = "merged" if line.kind == SOFT else "conflict"
        at = row["device_at"] or row["created_at"]
        yield _entry(row, kind, line.field, at, line.author, text=about, conflict=line)
        if line.resolution is not None and line.kind != SOFT:
            when = line.resolved_at or row["updated_at"]
            settled = _changed(row, is_unsent=line.is_unsent)
            more: dict[str, Any] = {"text": about, "note": line.reason, "conflict": line, "offset": ""}
            yield _entry(settled, "settled", line.field, when, line.resolved_by, **more)

"""Mutations of the outbox as a person may read them: what was changed on what, from what to what. Frozen rows.

Structured only: ui/text makes the sentences. Nothing here settles, sends or takes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cmms_desktop.application.queries.subjects import Subject, subjects
from cmms_desktop.application.queries.values import FieldValue, named, with_name
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.messages import Mutation

AUDIT: Final = frozenset({"answered_at", "answered_by", "answered_offset_ms"})
"""Fields that say who and when; nobody reads them as a change of his."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a mutation, before and after."""

    name: str
    old: FieldValue
    new: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One mutation. Instants in wire form.

    `verb` is the last word of its type: create, set, delete, answer_all, resolve, read. `state`: pending, sealed,
    acknowledged, parked, held or done. `code` and `reason` are the server's, of a refusal or a hold. `made` holds the
    row's fields after a creation: an event's kind, a part's quantity. `count`: values that it sets.
    """

    mutation_id: str
    group_id: str
    verb: str
    entity: str
    row_id: str
    subject: Subject
    fields: tuple[FieldChange, ...]
    count: int
    state: str
    code: str | None
    reason: str | None
    made_at: str
    sent_at: str | None

    def value(self, name: str) -> FieldValue | None:
        """What it sets a field to; None: it does not set it."""
        return next((each.new for each in self.fields if each.name == name), None)


_LINES: Final = (
    "SELECT mutation_id, group_id, type, entity, row_id, aggregate_id, state, code, reason, made_at, sent_at, body"
    " FROM outbox WHERE state IN (SELECT value FROM json_each(?)) ORDER BY device_seq IS NULL, device_seq, n LIMIT ?"
)
_NAMED: Final = (
    "SELECT mutation_id, group_id, type, entity, row_id, aggregate_id, state, code, reason, made_at, sent_at, body"
    " FROM outbox WHERE mutation_id IN (SELECT value FROM json_each(?))"
)
_DECODER: Final = msgspec.json.Decoder(Mutation)


def changes_named(reading: Reading, mutation_ids: Iterable[str]) -> dict[str, Change]:
    """Some mutations that are not settled, by their ids."""
    named_ids = msgspec.json.encode(sorted(set(mutation_ids))).decode()
    found = _read(reading, reading.cursor.execute(_NAMED, (named_ids,)).fetchall())
    return {each.mutation_id: each for each in found}


def changes(reading: Reading, states: Sequence[str], *, limit: int = 200) -> tuple[Change, ...]:
    """Mutations in some states, in the order in which the server meets them."""
    parameters = (msgspec.json.encode(list(states)).decode(), limit)
    return _read(reading, reading.cursor.execute(_LINES, parameters).fetchall())


def _read(reading: Reading, lines: Sequence[Sequence[Any]]) -> tuple[Change, ...]:
    bodies = [_DECODER.decode(line[11]) for line in lines]
    about = subjects(reading, ((line[3], line[4], line[5]) for line in lines))
    pairs = [_fields(mutation) for mutation in bodies]
    names = named(reading, (value for each in pairs for change in each for value in (change.old, change.new)))
    return tuple(
        _change(line, mutation, fields, about[line[3], line[4]], names)
        for line, mutation, fields in zip(lines, bodies, pairs, strict=True)
    )


def _fields(mutation: Mutation) -> list[FieldChange]:
    """Fields in the order of the mutation; *set all OK* and settlings name other things than fields of the row."""
    if mutation.type == "checklist.answer_all":
        return []
    return [
        FieldChange(name, FieldValue(mutation.entity, name, old), FieldValue(mutation.entity, name, new))
        for name, (old, new) in mutation.set.items()
        if name not in AUDIT
    ]


def _change(
    line: Sequence[Any],
    mutation: Mutation,
    fields: Iterable[FieldChange],
    subject: Subject,
    names: Mapping[tuple[str, str], str],
) -> Change:
    return Change(
        mutation_id=line[0],
        group_id=line[1],
        verb=mutation.type.rpartition(".")[2],
        entity=line[3],
        row_id=line[4],
        subject=subject,
        fields=tuple(FieldChange(f.name, with_name(f.old, names), with_name(f.new, names)) for f in fields),
        count=len(mutation.set),
        state=line[6],
        code=line[7],
        reason=line[8],
        made_at=line[9],
        sent_at=line[10],
    )

"""Changes that the server keeps until a supervisor decides: of people who lost access meanwhile. Frozen rows."""

from dataclasses import dataclass
from typing import Final

import msgspec

from cmms_desktop.application.queries.changes import AUDIT, FieldChange
from cmms_desktop.application.queries.lookups import state_of, text_of, text_or_none
from cmms_desktop.application.queries.subjects import Subject, subjects
from cmms_desktop.application.queries.values import FieldValue, named, with_name
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.messages import Mutation


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """One change that waits for a decision, or got one. Instants in wire form.

    `verb` and `entity` are empty, and so are `fields`, when a newer version wrote it in a form unknown here.
    """

    id: str
    author: str
    is_mine: bool
    why: str
    verb: str
    entity: str
    subject: Subject
    fields: tuple[FieldChange, ...]
    made_at: str
    received_at: str
    decision: str | None
    decided_by: str
    decided_at: str | None
    reason: str | None


_LINES: Final = """
SELECT h.id, h.author_id, coalesce(a.name, ''), h.why, h.body, h.target_aggregate_id, h.created_at, h.decision,
  coalesce(d.name, ''), h.decided_at, h.reason
FROM held_mutation h LEFT JOIN person a ON a.id = h.author_id LEFT JOIN person d ON d.id = h.decided_by
WHERE h.deleted_at IS NULL ORDER BY h.decision IS NOT NULL, h.created_at DESC, h.id"""
_DECODER: Final = msgspec.json.Decoder(Mutation)


def held_lines(reading: Reading) -> tuple[HeldLine, ...]:
    """Held changes on this device: undecided ones first, the newest first."""
    lines = reading.cursor.execute(_LINES).fetchall()
    me = state_of(reading).person_id
    bodies = [_mutation(line[4]) for line in lines]
    targets = [_target(line[5], body) for line, body in zip(lines, bodies, strict=True)]
    about = subjects(reading, targets)
    pairs = [_fields(body) for body in bodies]
    names = named(reading, (value for each in pairs for change in each for value in (change.old, change.new)))
    return tuple(
        HeldLine(
            id=line[0],
            author=line[2],
            is_mine=line[1] == me,
            why=text_of(line[3]),
            verb="" if body is None else body.type.rpartition(".")[2],
            entity=target[0],
            subject=about[target[0], target[1]],
            fields=tuple(FieldChange(f.name, with_name(f.old, names), with_name(f.new, names)) for f in fields),
            made_at=text_of(line[6]) if body is None else body.at.device,
            received_at=text_of(line[6]),
            decision=text_or_none(line[7]),
            decided_by=line[8],
            decided_at=line[9],
            reason=text_or_none(line[10]),
        )
        for line, body, target, fields in zip(lines, bodies, targets, pairs, strict=True)
    )


def _mutation(text: object) -> Mutation | None:
    try:
        return _DECODER.decode(text_of(text))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _target(aggregate_id: str, body: Mutation | None) -> tuple[str, str, str]:
    return ("", aggregate_id, aggregate_id) if body is None else (body.entity, body.id, aggregate_id)


def _fields(body: Mutation | None) -> list[FieldChange]:
    if body is None or body.type == "checklist.answer_all":
        return []
    return [
        FieldChange(name, FieldValue(body.entity, name, old), FieldValue(body.entity, name, new))
        for name, (old, new) in body.set.items()
        if name not in AUDIT
    ]

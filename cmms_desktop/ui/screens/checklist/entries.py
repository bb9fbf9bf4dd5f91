"""What a person has entered for an item and the replica does not hold yet: kept as a draft, judged by the contract.

An entry lies over the item as it is saved. It survives the program; it decides nothing by itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmms_desktop.application.queries.checklist_page import ItemLine
from sync_server.contract.fields import Scalar
from sync_server.contract.problems import Problem
from sync_server.contract.rules.answer import Answer, judge_answer


@dataclass(frozen=True, slots=True)
class Entry:
    """None: as it is saved. Empty text: taken back or emptied."""

    result: str | None = None
    value: str | None = None
    note: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs from what is saved."""
        return self == NOTHING

    def over(self, **changes: str | None) -> "Entry":
        """Lay something newer over it."""
        return replace(self, **changes)

    def as_text(self) -> str:
        """Write it as a draft; empty text for no draft."""
        values = {"result": self.result, "value": self.value, "note": self.note}
        kept = {name: text for name, text in values.items() if text is not None}
        return json.dumps(kept, ensure_ascii=False) if kept else ""


NOTHING = Entry()


def entry_of(text: str | None) -> Entry:
    """Read a draft; one that cannot be read is none."""
    try:
        found: Any = json.loads(text) if text else {}
    except ValueError:
        return NOTHING
    if not isinstance(found, dict):
        return NOTHING
    given = {name: found.get(name) for name in ("result", "value", "note")}
    return Entry(**{name: text for name, text in given.items() if isinstance(text, str)})


@dataclass(frozen=True, slots=True)
class Given:
    """The whole answer as it would be saved now."""

    result: str | None
    value: str | None
    note: str | None
    photo: str | None


def given(line: ItemLine, entry: Entry) -> Given:
    """Lay an entry over its item.

    A reading, text or choice that was touched gets its result from the rule again; otherwise what a person said about
    it, such as *not applicable*, stays.
    """
    result = line.result
    if entry.result is not None:
        result = entry.result or None
    elif line.kind != "pass_fail" and entry.value is not None:
        result = None
    value = line.value if entry.value is None else entry.value or None
    note = line.note if entry.note is None else entry.note.strip() or None
    return Given(result, value, note, line.photos[0] if line.photos else None)


def judged(line: ItemLine, whole: Given) -> Answer | Problem:
    """Judge an answer by the rule of the contract, as the command will."""
    return judge_answer(_row(line), value=whole.value, result=whole.result, note=whole.note, photo=whole.photo)


def is_saved(line: ItemLine, whole: Given) -> bool:
    """Whether saving it would change nothing."""
    answer = judged(line, whole)
    return not isinstance(answer, Problem) and (answer.result, answer.value, answer.note) == (
        line.result,
        line.value,
        line.note,
    )


def _row(line: ItemLine) -> Mapping[str, Scalar]:
    return {
        "kind": line.kind,
        "unit": line.unit,
        "minimum": None if line.minimum is None else str(line.minimum),
        "maximum": None if line.maximum is None else str(line.maximum),
        "choices": json.dumps(line.choices),
    }

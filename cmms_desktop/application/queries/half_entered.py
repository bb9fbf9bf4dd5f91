"""What was half entered about an order that is not on this device any more: nobody else would show it. Frozen rows.

Names and values of such texts are the screens'; this knows of them only which thing each belongs to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import AMONG, packed
from cmms_desktop.replica.transaction import Reading

TOLD: Final = frozenset(
    {"comment", "pause", "answer", "arrive", "caption", "follow-up", "sign-customer-reason", "review-reason"}
)
"""Kinds of texts that a person typed: `kind:id` of an order, of a checklist item or of a visit."""
_ABOUT: Final = "about:"

_NOTES: Final = "SELECT name, value FROM screen_note WHERE substr(name, 1, instr(name, ':') - 1) IN {}"
_HERE: Final = f"""
SELECT id FROM work_order WHERE id {AMONG} AND deleted_at IS NULL
UNION SELECT i.id FROM checklist_item i JOIN work_order o ON o.id = i.aggregate_id AND o.deleted_at IS NULL
  WHERE i.id {AMONG} AND i.deleted_at IS NULL
UNION SELECT l.id FROM work_log l JOIN work_order o ON o.id = l.aggregate_id AND o.deleted_at IS NULL
  WHERE l.id {AMONG} AND l.deleted_at IS NULL"""


@dataclass(frozen=True, slots=True)
class LeftText:
    """A text under its name. `about`: number and title of its order when it was typed, "" where nobody noted them."""

    name: str
    kind: str
    about: str
    value: str


def about_of(name: str) -> str:
    """Under which name it is kept what a text is about."""
    return f"{_ABOUT}{name}"


def kind_of(name: str) -> str:
    """Which kind of text has this name."""
    return name.partition(":")[0]


def left_texts(reading: Reading) -> tuple[LeftText, ...]:
    """Texts whose order, item or visit is not here any more, by name."""
    kinds = ", ".join(f"'{kind}'" for kind in sorted((*TOLD, _ABOUT.rstrip(":"))))
    notes = dict(reading.cursor.execute(_NOTES.format(f"({kinds})")).fetchall())
    texts = {name: value for name, value in notes.items() if kind_of(name) in TOLD}
    here = _here(reading, (_thing(name) for name in texts))
    return tuple(
        LeftText(name, kind_of(name), notes.get(about_of(name), ""), value)
        for name, value in sorted(texts.items())
        if _thing(name) not in here
    )


def _thing(name: str) -> str:
    return name.partition(":")[2]


def _here(reading: Reading, ids: Iterable[str]) -> set[str]:
    wanted = packed(ids)
    return {row_id for (row_id,) in reading.cursor.execute(_HERE, (wanted, wanted, wanted)).fetchall()}

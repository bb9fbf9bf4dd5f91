"""What was half entered about an order or an asset that is not on this device: nobody else would show it. Frozen rows.

Names and values of such texts are the screens'; this knows of them which thing each belongs to, and which words of it a
person typed: what has none is told nowhere. Nothing here drops a draft.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from cmms_desktop.application.queries.lookups import AMONG, packed
from cmms_desktop.replica.transaction import Reading

TOLD: Final = frozenset(
    {
        *("comment", "pause", "answer", "arrive", "caption", "follow-up", "hand-on", "cost"),
        *("sign-customer-reason", "review-reason"),
    }
)
"""Kinds of texts that a person typed: `kind:id` of an order, an asset, a checklist item or a visit."""
_FIELDS: Final = {
    "answer": ("value", "note"),
    "arrive": ("chip", "text"),
    "cost": ("amount", "note"),
    "follow-up": ("title", "description"),
    "hand-on": ("reason",),
}
"""Kinds whose value is more than one text, with those that a person typed."""
_DECODER: Final = msgspec.json.Decoder(dict[str, str])
_ABOUT: Final = "about:"

_NOTES: Final = "SELECT name, value FROM screen_note WHERE substr(name, 1, instr(name, ':') - 1) IN {}"
_HERE: Final = f"""
SELECT id FROM work_order WHERE id {AMONG} AND deleted_at IS NULL
UNION SELECT i.id FROM checklist_item i JOIN work_order o ON o.id = i.aggregate_id AND o.deleted_at IS NULL
  WHERE i.id {AMONG} AND i.deleted_at IS NULL
UNION SELECT l.id FROM work_log l JOIN work_order o ON o.id = l.aggregate_id AND o.deleted_at IS NULL
  WHERE l.id {AMONG} AND l.deleted_at IS NULL
UNION SELECT id FROM asset WHERE id {AMONG} AND deleted_at IS NULL"""


@dataclass(frozen=True, slots=True)
class LeftText:
    """A text under its name. `about`: number and title of its order when it was typed, "" where nobody noted them.

    `words`: every text in it that a person typed, at least one.
    """

    name: str
    kind: str
    about: str
    words: tuple[str, ...]


def about_of(name: str) -> str:
    """Under which name it is kept what a text is about."""
    return f"{_ABOUT}{name}"


def kind_of(name: str) -> str:
    """Which kind of text has this name."""
    return name.partition(":")[0]


def left_texts(reading: Reading) -> tuple[LeftText, ...]:
    """Texts whose order, asset, item or visit is not here any more, by name; what has no word in it is left out."""
    return tuple(left for left in _left(reading) if left.words)


def wordless_drafts(reading: Reading) -> tuple[str, ...]:
    """Names of drafts of such things in which nobody typed a word, such as a press on *Fail*: nobody can see them."""
    return tuple(left.name for left in _left(reading) if not left.words)


def _left(reading: Reading) -> Iterator[LeftText]:
    kinds = ", ".join(f"'{kind}'" for kind in sorted((*TOLD, _ABOUT.rstrip(":"))))
    notes = dict(reading.cursor.execute(_NOTES.format(f"({kinds})")).fetchall())
    texts = {name: value for name, value in notes.items() if kind_of(name) in TOLD}
    here = _here(reading, (_thing(name) for name in texts))
    for name, value in sorted(texts.items()):
        if _thing(name) not in here:
            yield LeftText(name, kind_of(name), notes.get(about_of(name), ""), words_in(name, value))


def words_in(name: str, value: str) -> tuple[str, ...]:
    """Every text that a person typed into the draft of a name; a value that cannot be read is told as it stands."""
    kind = kind_of(name)
    texts: tuple[str, ...] = (value,)
    if kind in _FIELDS:
        try:
            values = _DECODER.decode(value)
        except msgspec.DecodeError:
            return (value,)
        texts = tuple(values.get(field, "").strip() for field in _FIELDS[kind])
    return tuple(text for text in texts if text.strip())


def _thing(name: str) -> str:
    return name.partition(":")[2]


def _here(reading: Reading, ids: Iterable[str]) -> set[str]:
    wanted = packed(ids)
    return {row_id for (row_id,) in reading.cursor.execute(_HERE, (wanted,) * 4).fetchall()}

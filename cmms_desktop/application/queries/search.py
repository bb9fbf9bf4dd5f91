"""Searching this device: orders, assets and parts that say every word, with the places where they say it.

The store narrows down (case of ASCII letters aside), Python decides, so that every script is found without its case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.lookups import asset_label, held_aggregates, state_of, text_of
from cmms_desktop.application.queries.order_list import folded
from cmms_desktop.replica.transaction import Reading

Span = tuple[int, int]
"""Where a match begins and ends in a text, as Python counts characters."""

LONGEST_QUESTION: Final = 100
MOST_CANDIDATES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found. `id`: of the order, asset or part. `note`: an order's state, an asset's open orders."""

    kind: str
    id: str
    title: str
    title_spans: tuple[Span, ...]
    detail: str
    detail_spans: tuple[Span, ...]
    status: str | None = None
    due_at: str | None = None
    open_orders: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind (`order`, `asset` or `part`): the best ones first, and how many there are in all."""

    kind: str
    hits: tuple[Hit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search, and what was searched."""

    groups: tuple[Group, ...]
    orders: int
    assets: int
    parts: int
    as_of: str | None
    """Last complete sync, in wire form."""


_ORDERS: Final = """
SELECT 'order', w.id, w.number, w.title, coalesce(a.code, st.code), coalesce(a.name, st.name), w.asset_text, s.name,
  w.status, w.due_at, 0 FROM work_order w LEFT JOIN site s ON s.id = w.site_id
LEFT JOIN asset a ON a.id = w.asset_id LEFT JOIN asset_stub st ON st.asset_id = w.asset_id AND a.id IS NULL
WHERE w.deleted_at IS NULL AND {} ORDER BY w.status IN ('completed', 'closed', 'cancelled', 'rejected'),
  w.due_at DESC, w.number LIMIT {}"""
_ORDER_TEXT: Final = (
    "coalesce(w.number, '') || ' ' || coalesce(w.title, '') || ' ' || coalesce(a.code, st.code, '') || ' '"
    " || coalesce(a.name, st.name, '') || ' ' || coalesce(w.asset_text, '') || ' ' || coalesce(s.name, '')"
)
_ASSETS: Final = """
SELECT 'asset', st.asset_id, st.code, st.name, st.serial, st.qr_code, NULL, s.name, NULL, NULL,
  (SELECT count(*) FROM work_order w WHERE w.asset_id = st.asset_id AND w.deleted_at IS NULL
   AND w.status IN ('new', 'assigned', 'in_progress', 'on_hold'))
FROM asset_stub st LEFT JOIN site s ON s.id = st.site_id WHERE st.deleted_at IS NULL AND {} ORDER BY st.code LIMIT {}"""
_ASSET_TEXT: Final = (
    "coalesce(st.code, '') || ' ' || coalesce(st.name, '') || ' ' || coalesce(st.serial, '') || ' '"
    " || coalesce(st.qr_code, '') || ' ' || coalesce(s.name, '')"
)
_PARTS: Final = """
SELECT 'part', p.id, p.code, p.name, p.barcode, p.unit, NULL, NULL, NULL, NULL, 0 FROM part p
WHERE p.deleted_at IS NULL AND {} ORDER BY p.code LIMIT {}"""
_PART_TEXT: Final = "coalesce(p.code, '') || ' ' || coalesce(p.name, '') || ' ' || coalesce(p.barcode, '')"

_KINDS: Final = (("asset", _ASSETS, _ASSET_TEXT), ("order", _ORDERS, _ORDER_TEXT), ("part", _PARTS, _PART_TEXT))


def search(reading: Reading, text: str, limit: int = 5) -> Found:
    """Find what says every word of a text: assets, orders, parts, at most `limit` of each. Empty text finds nothing."""
    words = folded(text[:LONGEST_QUESTION]).split()
    groups = [_group(reading, *kind, words=words, limit=limit) for kind in _KINDS] if words else []
    held = held_aggregates(reading)
    return Found(
        tuple(group for group in groups if group.hits),
        orders=held.get("work_order", 0),
        assets=held.get("asset_stub", 0),
        parts=held.get("part", 0),
        as_of=state_of(reading).last_sync_at,
    )


def _group(reading: Reading, kind: str, sql: str, said: str, *, words: Sequence[str], limit: int) -> Group:
    narrowed = " AND ".join([f"{said} LIKE ? ESCAPE '\\'"] * len(words))
    lines = reading.cursor.execute(
        sql.format(narrowed, MOST_CANDIDATES), [pattern_of(word) for word in words]
    ).fetchall()
    kept = sorted((_rank(line, words), place) for place, line in enumerate(lines) if _says(line, words))
    return Group(kind, tuple(_hit(lines[place], words) for _, place in kept[:limit]), len(kept))


def pattern_of(word: str) -> str:
    """A pattern that is never narrower than the word: LIKE knows the case of ASCII letters only, and no ß for ss."""
    inner = "".join(f"\\{c}" if c in "%_\\" else c if c.isascii() else "%" for c in word)
    return f"%{inner.replace('ss', '%')}%"


def _says(line: Sequence[Any], words: Sequence[str]) -> bool:
    said = folded(" ".join(text_of(cell) for cell in line[2:8]))
    return all(word in said for word in words)


def _rank(line: Sequence[Any], words: Sequence[str]) -> int:
    """0: its number or code is what was asked for; 1: begins with it; 2: says it somewhere."""
    code, asked = folded(text_of(line[2])), " ".join(words)
    return 0 if code == asked else 1 if code.startswith(asked) else 2


def _hit(line: Sequence[Any], words: Sequence[str]) -> Hit:
    kind, id_, code, name, third, fourth, text, site, status, due_at, open_orders = line
    title = " ".join(text_of(part) for part in (code, name) if part)
    about = {
        "order": (asset_label(third, fourth, text), site),
        "asset": (site, f"serial {third}" if third else None),
        "part": (third, None),
    }[kind]
    detail = " · ".join(part for part in about if part)
    return Hit(
        kind=kind,
        id=text_of(id_),
        title=title,
        title_spans=spans_of(title, words),
        detail=detail,
        detail_spans=spans_of(detail, words),
        status=status,
        due_at=due_at,
        open_orders=open_orders,
    )


def spans_of(text: str, words: Sequence[str]) -> tuple[Span, ...]:
    """Where words (folded) stand in a text: merged, in order. A letter that folds into two counts as one."""
    plain, places = [], []
    for place, character in enumerate(text):
        for each in character.casefold():
            plain.append(each)
            places.append(place)
    said = "".join(plain)
    marked = {places[at + offset] for word in words for at in _places(said, word) for offset in range(len(word))}
    return tuple(_runs(sorted(marked)))


def _places(said: str, word: str) -> Iterator[int]:
    at = said.find(word) if word else -1
    while at >= 0:
        yield at
        at = said.find(word, at + len(word))


def _runs(marked: Sequence[int]) -> Iterator[Span]:
    starts = [place for number, place in enumerate(marked) if number == 0 or marked[number - 1] != place - 1]
    ends = [place + 1 for number, place in enumerate(marked) if marked[number + 1 : number + 2] != [place + 1]]
    return zip(starts, ends, strict=True)

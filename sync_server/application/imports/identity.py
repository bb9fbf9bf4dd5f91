"""The external id of every row: what makes a second import of the same file change nothing.

A column of ids counts where there is one. Otherwise a row is known by the hash of all its cells, not only of the mapped
ones, so that another mapping finds the same orders again; of rows that are alike to the letter, each is an order of its
own and known by its number among them. The order of the rows never matters.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from sync_server.application.imports.cell_text import clean, is_missing, one_line
from sync_server.application.imports.reading import SheetRow
from sync_server.contract.rules.numbers import ALPHABET

HASHED = "sha256"
"""What an external id made of a hash begins with."""
NUMBER_CHARACTERS = 8
"""Of a number made up for an order without one: 40 bits, a clash in 10,000 orders is 1 in 20,000 and only a badge."""
LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """The external id of one row. `repeats` tells which id it would have had, were it not taken by another row."""

    row: int
    external_id: str
    repeats: str | None = None


def row_digest(cells: Sequence[str]) -> str:
    """SHA-256, hex, of all cells in canonical JSON: NFC, line feeds, no blanks around, no empty cells at the end."""
    plain = [clean(cell) for cell in cells]
    while plain and not plain[-1]:
        plain.pop()
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def identities(rows: Iterable[SheetRow], id_column: int | None) -> list[Identity]:
    """Give each row its external id, in the order of the rows.

    Args:
        rows: All rows of the sheet.
        id_column: Position of the column of ids; None when the sheet has none.
    """
    hashed: Counter[str] = Counter()
    stated: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    found: list[Identity] = []
    for position, row in enumerate(rows):
        digest, stated_id = row_digest(row.cells), _stated_id(row, id_column)
        if stated_id is None:
            hashed[digest] += 1
            found.append(Identity(row.number, f"{HASHED}:{digest}:{hashed[digest]}"))
        else:
            stated[stated_id].append((digest, position))
            found.append(Identity(row.number, stated_id))
    for stated_id, holders in stated.items():
        for n, (_, position) in zip(_suffixes(stated_id, stated), sorted(holders)[1:], strict=False):
            found[position] = Identity(found[position].row, f"{stated_id}#{n}", repeats=stated_id)
    return found


def made_up_number(external_id: str) -> str:
    """Give the number that people read: the stated id itself when it is short enough, else one made of its hash."""
    if not external_id.startswith(f"{HASHED}:") and len(external_id) <= LONGEST_NUMBER:
        return external_id
    bits = int.from_bytes(hashlib.sha256(external_id.encode()).digest()[:5])
    return "IMP-" + "".join(ALPHABET[bits >> 5 * i & 31] for i in reversed(range(NUMBER_CHARACTERS)))


def _stated_id(row: SheetRow, id_column: int | None) -> str | None:
    if id_column is None or id_column >= len(row.cells) or is_missing(row.cells[id_column]):
        return None
    return one_line(clean(row.cells[id_column])) or None


def _suffixes(stated_id: str, stated: Container[str]) -> Iterator[int]:
    """Count up from 2, past ids that the file itself states."""
    return (n for n in count(2) if f"{stated_id}#{n}" not in stated)

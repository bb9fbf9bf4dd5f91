"""What the cells of a column look like, from a sample spread over the sheet, and which fields such cells can fill.

Content only ever speaks against what a header suggests, or breaks no tie: five letters that repeat may be assets as
well as types, and nobody is served by a silent guess.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync_server.application.imports.amounts import is_amount
from sync_server.application.imports.cell_text import is_missing
from sync_server.application.imports.dates import is_date
from sync_server.application.imports.reading import Sheet

SAMPLE_ROWS = 1_000
FEW_ROWS = 20
"""Below this, repetition says nothing."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Figures of one column; the shares are of the cells that hold a value, 0 to 1."""

    rows: int
    """Sampled rows, with and without a value."""
    filled: int
    distinct: int
    dates: float
    amounts: float
    characters: float
    """Mean length of a value."""
    words: float
    """Mean number of words of a value."""

    @property
    def is_free_text(self) -> bool:
        """Whether people wrote sentences here rather than picked words."""
        varied = self.filled < FEW_ROWS or self.distinct >= 0.1 * self.filled
        return self.words >= 1.5 and varied and self.dates < 0.5 and self.amounts < 0.5

    @property
    def is_choice(self) -> bool:
        """Whether few short words repeat."""
        return self.characters <= 40 and self.distinct <= max(FEW_ROWS, self.filled // 20)


def profiles(sheet: Sheet) -> tuple[ColumnProfile, ...]:
    """Describe each column of a sheet, in the order of its headers."""
    step = max(1, sheet.row_count // SAMPLE_ROWS)
    sample = [row.cells for position, row in enumerate(sheet.rows()) if position % step == 0]
    return tuple(
        _profile([cells[position] for cells in sample if position < len(cells)], rows=len(sample))
        for position in range(len(sheet.headers))
    )


def _profile(cells: Sequence[str], *, rows: int) -> ColumnProfile:
    values = [cell.strip() for cell in cells if not is_missing(cell)]
    count = max(1, len(values))
    return ColumnProfile(
        rows=rows,
        filled=len(values),
        distinct=len(set(values)),
        dates=sum(map(is_date, values)) / count,
        amounts=sum(map(is_amount, values)) / count,
        characters=sum(map(len, values)) / count,
        words=sum(len(value.split()) for value in values) / count,
    )


def fits(field: str, profile: ColumnProfile) -> bool:
    """Whether the cells of a column can fill a field. A sheet without rows contradicts nothing."""
    return profile.rows == 0 or (profile.filled > 0 and FITS[field](profile))


def _is_identifier(profile: ColumnProfile) -> bool:
    present = profile.filled >= 0.9 * profile.rows
    return present and profile.distinct >= 0.9 * profile.filled and profile.characters <= 60 and profile.dates < 0.5


def _is_title(profile: ColumnProfile) -> bool:
    return profile.filled >= 0.5 * profile.rows and profile.dates < 0.5 and profile.amounts < 0.5


def _is_code(profile: ColumnProfile) -> bool:
    return profile.characters <= 60 and profile.dates < 0.5


FITS: dict[str, Callable[[ColumnProfile], bool]] = {
    "external_id": _is_identifier,
    "title": _is_title,
    "description": lambda profile: profile.is_free_text,
    "asset_code": _is_code,
    "type": lambda profile: profile.is_choice and profile.dates < 0.5,
    "status": lambda profile: profile.is_choice and profile.amounts < 0.5,
    "priority": lambda profile: profile.is_choice and profile.dates < 0.5,
    "cost": lambda profile: profile.amounts >= 0.6,
    "created_on": lambda profile: profile.dates >= 0.6,
    "due_on": lambda profile: profile.dates >= 0.6,
    "completion_note": lambda profile: profile.is_free_text,
    "site_code": _is_code,
}
"""Field → what its cells look like at least."""

"""Finds out which column of a sheet fills which field of a work order, by the words of its header and by its cells.

Required is a title; everything else may be absent. Two columns that suit a field equally well are never decided by
their order: a person is asked.
"""

from collections.abc import Sequence

from sync_server.application.imports.dates import is_date
from sync_server.application.imports.mapping import ColumnMapping, NeedsMapping, listed, quoted, stated_mapping
from sync_server.application.imports.profiling import ColumnProfile, fits, profiles
from sync_server.application.imports.reading import Sheet
from sync_server.application.imports.vocabulary import (
    BY_NAME,
    FIELD_NAMES,
    IGNORE,
    TARGET_FIELDS,
    is_ruled_out,
    strength,
)

WEAK = 3.0
"""Below this a header alone does not make a title: its cells must be free text as well."""
CERTAIN_SHARE = 0.95
"""Share of dates from which the only column of dates is the date, whatever it is called."""

Candidates = dict[str, dict[int, float]]
"""Field → column → how strongly its header speaks for it; columns whose cells cannot fill the field are left out."""


def guess_mapping(sheet: Sheet, options: Sequence[str] = ()) -> ColumnMapping:
    """Map the columns of a sheet; what `--map` options state goes before any guess.

    Raises:
        NeedsMapping: No column is surely the title, or two suit a field equally well.
        Refused: An option names what is not there.
    """
    stated = stated_mapping(sheet.headers, options)
    found = profiles(sheet)
    candidates = _candidates(sheet, stated, found)
    columns, ties = dict(stated.columns), dict[str, list[int]]()
    _assign_title(columns, ties, candidates)
    _assign_strongest(columns, ties, candidates)
    if "created_on" not in ties:
        _assign_only_date(columns, sheet, stated, found)
    if ties or "title" not in columns:
        raise NeedsMapping(_question(sheet, ties, found, has_title="title" in columns or "title" in ties))
    return ColumnMapping(columns, stated.ignored, stated.day_orders, stated.decimal_marks)


def _candidates(sheet: Sheet, stated: ColumnMapping, found: Sequence[ColumnProfile]) -> Candidates:
    free = set(range(len(sheet.headers))) - stated.ignored - set(stated.columns.values())
    candidates: Candidates = {}
    for field in TARGET_FIELDS:
        if field.name in stated.columns:
            continue
        strengths = {i: strength(field, sheet.headers[i]) for i in free if fits(field.name, found[i])}
        candidates[field.name] = {
            i: value
            for i, value in strengths.items()
            if value >= WEAK or (value > 0 and (field.name != "title" or found[i].is_free_text))
        }
    return candidates


def _assign_title(columns: dict[str, int], ties: dict[str, list[int]], candidates: Candidates) -> None:
    """The title goes first: a sheet whose only text is a `description` has its titles there."""
    best = _best(candidates.get("title", {}))
    if len(best) == 1:
        columns["title"] = best[0]
    elif best:
        ties["title"] = best


def _assign_strongest(columns: dict[str, int], ties: dict[str, list[int]], candidates: Candidates) -> None:
    """Give each column to at most one field, the strongest claims first."""
    claims = sorted(
        ((value, -FIELD_NAMES.index(name), name) for name, by in candidates.items() for value in by.values()),
        reverse=True,
    )
    for value, _, name in claims:
        if name in columns or name in ties:
            continue
        taken = {*columns.values(), *(i for tied in ties.values() for i in tied)}
        best = [i for i, each in candidates[name].items() if each == value and i not in taken]
        if len(best) == 1:
            columns[name] = best[0]
        elif best:
            ties[name] = best


def _assign_only_date(
    columns: dict[str, int], sheet: Sheet, stated: ColumnMapping, found: Sequence[ColumnProfile]
) -> None:
    """Take the only column of dates for the day of creation, unless its header says something else."""
    dates = [i for i, profile in enumerate(found) if profile.filled and profile.dates >= CERTAIN_SHARE]
    if "created_on" in columns or len(dates) != 1 or dates[0] in {*columns.values(), *stated.ignored}:
        return
    header = sheet.headers[dates[0]]
    if not is_ruled_out(BY_NAME["created_on"], header) and not is_date(header):
        columns["created_on"] = dates[0]


def _best(by_column: dict[int, float]) -> list[int]:
    most = max(by_column.values(), default=0.0)
    return [i for i, value in by_column.items() if value == most]


def _question(sheet: Sheet, ties: dict[str, list[int]], found: Sequence[ColumnProfile], *, has_title: bool) -> str:
    reasons = [
        f"{' and '.join(quoted(sheet.headers[i]) for i in columns)} suit {name} equally well"
        for name, columns in ties.items()
    ]
    if not has_title:
        reasons.insert(0, "no column is surely the title")
    field, columns = next(iter(ties.items())) if has_title else ("title", _likely_titles(sheet, found))
    example = f"--map {quoted(sheet.headers[columns[0]])}={field}"
    return (
        f"{sheet.name}: {'; '.join(reasons)}. Its columns are {listed(sheet.headers)}."
        f" Say what they mean with --map COLUMN=field, for example {example};"
        f" the fields are {', '.join(FIELD_NAMES)} and {IGNORE}."
    )


def _likely_titles(sheet: Sheet, found: Sequence[ColumnProfile]) -> list[int]:
    """Columns in the order in which they look like titles, by content alone; good enough to suggest, not to assume."""
    return sorted(
        range(len(sheet.headers)),
        key=lambda i: (not found[i].is_free_text, found[i].dates + found[i].amounts, -found[i].words * found[i].filled),
    )

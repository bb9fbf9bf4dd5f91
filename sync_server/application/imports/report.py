"""Tells a person, or a program, what an import will do or has done."""

from sync_server.application.imports.file_text import printable
from sync_server.application.imports.mapping import ColumnMapping, listed
from sync_server.application.imports.planning import ImportPlan
from sync_server.application.imports.reading import DELIMITERS, Sheet
from sync_server.application.imports.vocabulary import FIELD_NAMES

MOST_PRINTED = 20
"""Rejected rows, and notes, that are printed one by one; the rest is counted."""

JsonReport = dict[str, int | list[dict[str, int | str]]]


def as_json(plan: ImportPlan) -> JsonReport:
    """Give the plan as {new, changed, unchanged, rejected: [{row, reason}]}; every rejected row is in it."""
    return {
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": len(plan.unchanged),
        "rejected": [{"row": each.row, "reason": each.reason} for each in plan.rejected],
    }


def preview(plan: ImportPlan, sheet: Sheet, mapping: ColumnMapping) -> str:
    """Describe file, columns and plan in plain sentences, a line each."""
    lines = [
        f"{sheet.name}: {sheet.row_count:,} rows, {sheet.encoding}, separated by {DELIMITERS[sheet.delimiter]}.",
        *_columns(sheet, mapping),
        f"New {len(plan.new):,}, changed {len(plan.changed):,}, unchanged {len(plan.unchanged):,},"
        f" rejected {len(plan.rejected):,}.",
        *_some([f"Row {each.row}: {each.reason}" for each in plan.rejected], what="rejected rows"),
        *_some(plan.notes, what="notes"),
    ]
    if plan.rejected:
        lines.append("Rows are counted as a spreadsheet does: the header is row 1.")
    return "\n".join(lines)


def _columns(sheet: Sheet, mapping: ColumnMapping) -> list[str]:
    by_field = sorted(mapping.columns.items(), key=lambda pair: FIELD_NAMES.index(pair[0]))
    used = ", ".join(f"{printable(sheet.headers[position])} as {field}" for field, position in by_field)
    left = [name for i, name in enumerate(sheet.headers) if i not in mapping.columns.values()]
    return [f"Columns: {used}.", *([f"Not imported: {listed(left)}."] if left else [])]


def _some(lines: list[str] | tuple[str, ...], *, what: str) -> list[str]:
    more = len(lines) - MOST_PRINTED
    return [*lines[:MOST_PRINTED], *([f"And {more:,} more {what}."] if more > 0 else [])]

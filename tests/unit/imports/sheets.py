"""Builders for import tests: a sheet from lines, a plan from a sheet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sync_server.application.imports.guessing import guess_mapping
from sync_server.application.imports.planning import ImportPlan, plan_import
from sync_server.application.imports.reading import Sheet, read_sheet


def sheet_of(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\n", name: str = "orders.csv") -> Sheet:
    """Write the lines into a file of the folder and read it as an import does."""
    return sheet_of_bytes(folder, "".join(line + end for line in lines).encode(encoding), name=name)


def sheet_of_bytes(folder: Path, content: bytes, *, name: str = "orders.csv") -> Sheet:
    path = folder / name
    path.write_bytes(content)
    return read_sheet(path)


def cells_of(sheet: Sheet) -> list[list[str]]:
    return [row.cells for row in sheet.rows()]


def plan_of(sheet: Sheet, *options: str, existing: Mapping[str, str] | None = None) -> ImportPlan:
    return plan_import(sheet, guess_mapping(sheet, options), existing=existing or {})


def digests_of(plan: ImportPlan) -> dict[str, str]:
    """What is stored once a plan has been carried out on an empty organization."""
    return {draft.external_id: draft.digest for draft in (*plan.new, *plan.changed, *plan.unchanged)}


def fields_of(sheet: Sheet, options: Sequence[str] = ()) -> dict[str, str]:
    """Field → header, as guessed."""
    return {field: sheet.headers[i] for field, i in guess_mapping(sheet, options).columns.items()}

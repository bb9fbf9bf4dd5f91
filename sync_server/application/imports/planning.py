"""The plan of an import: which orders are new, changed or unchanged, and which rows make none.

Pure: reads a sheet and what is stored, writes nothing. The dry run shows this plan, the commit carries it out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sync_server.application.imports.converting import Converter
from sync_server.application.imports.drafts import OrderDraft, Rejection
from sync_server.application.imports.file_text import printable
from sync_server.application.imports.identity import identities
from sync_server.application.imports.mapping import ColumnMapping
from sync_server.application.imports.notation import notation_of
from sync_server.application.imports.reading import Sheet


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will do, each row of the file in exactly one place, in the order of the file."""

    new: tuple[OrderDraft, ...] = ()
    changed: tuple[OrderDraft, ...] = ()
    unchanged: tuple[OrderDraft, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know although nothing is wrong, as sentences."""


def plan_import(
    sheet: Sheet,
    mapping: ColumnMapping,
    *,
    existing: Mapping[str, str],
    known_sites: Collection[str] | None = None,
) -> ImportPlan:
    """Compare a sheet with what is stored.

    Args:
        sheet: The file.
        mapping: Its columns.
        existing: External id → digest of what the last import told about that order (`OrderDraft.digest`).
        known_sites: Codes of the organization's sites; a row that names another is rejected. None accepts all.

    Raises:
        NeedsMapping: Dates or amounts of a column can be read in two ways.
    """
    converter = Converter(sheet, mapping, notation_of(sheet, mapping))
    named = identities(sheet.rows(), mapping.columns.get("external_id"))
    groups: dict[str, list[OrderDraft]] = {"new": [], "changed": [], "unchanged": []}
    rejected: list[Rejection] = []
    for row, identity in zip(sheet.rows(), named, strict=True):
        draft = _on_known_site(converter.convert(row, identity), known_sites)
        if isinstance(draft, Rejection):
            rejected.append(draft)
        else:
            groups[_kind(draft, existing)].append(draft)
    notes = tuple(
        f"Row {each.row} repeats the id {printable(each.repeats)} and becomes {printable(each.external_id)}."
        for each in named
        if each.repeats
    )
    return ImportPlan(
        new=tuple(groups["new"]),
        changed=tuple(groups["changed"]),
        unchanged=tuple(groups["unchanged"]),
        rejected=tuple(rejected),
        notes=notes,
    )


def _kind(draft: OrderDraft, existing: Mapping[str, str]) -> str:
    stored = existing.get(draft.external_id)
    if stored is None:
        return "new"
    return "unchanged" if stored == draft.digest else "changed"


def _on_known_site(draft: OrderDraft | Rejection, known_sites: Collection[str] | None) -> OrderDraft | Rejection:
    if isinstance(draft, Rejection) or known_sites is None or draft.site_code is None:
        return draft
    if draft.site_code in known_sites:
        return draft
    return Rejection(draft.row, f'Its site "{printable(draft.site_code)}" is none of this organization.')

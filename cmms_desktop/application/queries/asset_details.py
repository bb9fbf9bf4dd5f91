"""What is known of an asset beside its card: specifications, papers, and the assets it works with. Frozen rows."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import asset_label, rows_of, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading


@dataclass(frozen=True, slots=True)
class Specification:
    """One value of a plate or a paper, as it stands there."""

    name: str
    value: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class AssetDocument:
    """A paper. `expires_on`: last day on which it is valid, as text; None: it does not expire."""

    kind: str
    title: str
    reference: str | None
    kept_at: str | None
    expires_on: str | None


@dataclass(frozen=True, slots=True)
class AssetRelation:
    """Another asset. `is_told_there`: the relation is told from the other asset's side. `name` None: not here."""

    kind: str
    name: str | None
    is_told_there: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class AssetDetails:
    """All of it, in the order in which it is read."""

    specifications: tuple[Specification, ...]
    documents: tuple[AssetDocument, ...]
    relations: tuple[AssetRelation, ...]


_RELATIONS: Final = """
SELECT r.kind, r.note, r.asset_id <> ?1, coalesce(a.code, s.code), coalesce(a.name, s.name) FROM asset_relation r
LEFT JOIN asset a ON a.id = CASE r.asset_id WHEN ?1 THEN r.other_asset_id ELSE r.asset_id END AND a.deleted_at IS NULL
LEFT JOIN asset_stub s ON s.asset_id = CASE r.asset_id WHEN ?1 THEN r.other_asset_id ELSE r.asset_id END
  AND s.deleted_at IS NULL
WHERE (r.aggregate_id = ?1 OR r.other_asset_id = ?1) AND r.deleted_at IS NULL
ORDER BY 3, r.kind, 4, r.id"""


def asset_details(reading: Reading, asset_id: str) -> AssetDetails:
    """Read it; what is not on this device is left out."""
    specifications = rows_of(reading, "asset_specification", [asset_id]).get(asset_id, [])
    documents = rows_of(reading, "asset_document", [asset_id]).get(asset_id, [])
    relations = reading.cursor.execute(_RELATIONS, (asset_id,)).fetchall()
    return AssetDetails(
        tuple(
            Specification(text_of(row["name"]), text_of(row["value"]), text_or_none(row["unit"]))
            for row in specifications
        ),
        tuple(
            AssetDocument(
                text_of(row["kind"]),
                text_of(row["title"]),
                text_or_none(row["reference"]),
                text_or_none(row["kept_at"]),
                text_or_none(row["expires_on"]),
            )
            for row in documents
        ),
        tuple(
            AssetRelation(text_of(kind), asset_label(code, name, None), bool(is_told_there), text_or_none(note))
            for kind, note, is_told_there, code, name in relations
        ),
    )

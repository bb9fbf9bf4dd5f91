"""Takes over what a model says about assets, from a CSV file: all of its rows or none, each reason with its row.

A file that comes again changes nothing; what a model has said once is never said otherwise (D-211).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.imports.file_text import printable
from sync_server.application.imports.reading import Sheet, SheetRow, read_sheet
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import derived_id
from sync_server.errors import Refused
from sync_server.storage import activity_log, predictions
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.tables_predictions import PREDICTED

COLUMNS = (
    *("site", "asset", "kind", "expected_from", "expected_until", "probability", "model", "model_version"),
    "made_at",
)
MOST_ROWS = 50_000
EARLY = timedelta(hours=1)
"""So far may the clock of whoever runs the model be ahead."""
NUMBER = re.compile(r"[01]|[01]?\.\d{1,17}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Assets = Mapping[tuple[str, str], str]
"""Code of the site and of the asset → its id."""
_ASSETS = """
select s.code, a.code, a.id::text from asset a
join site s on s.organization_id = %(organization)s and s.id = a.site_id
where a.organization_id = %(organization)s and a.deleted_at is null and not a.code_conflict and s.deleted_at is null
  and not s.code_conflict and (s.code, a.code) in (select * from unnest(%(sites)s::text[], %(assets)s::text[]))
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many predictions were new, and how many were there already."""

    new: int
    known: int


def import_predictions(database: Database, organization_id: str, path: Path, *, now: datetime) -> Taken:
    """Take over the predictions of a file.

    Raises:
        Refused: it cannot be read, a row cannot be, or a model would have said two things at once; nothing is written.
    """
    sheet = read_sheet(path)
    cells = _cells(sheet)
    with database.transaction("worker", organization_id) as connection:
        assets = _assets(connection, organization_id, cells)
        rows = _rows(cells, assets, now)
        new, otherwise = predictions.add(connection, organization_id, list(rows.values()))
        _refuse(dict.fromkeys(_named(rows, otherwise), "this model has said something else at that instant."))
        taken = Taken(new, len({row["id"] for row in rows.values()}) - new)
        told: Row = {"file_name": sheet.name, "sha256": sheet.sha256, "new": taken.new, "known": taken.known}
        activity_log.append(connection, [Entry("predictions.imported", new=told, personal=frozenset({"file_name"}))])
    return taken


def _cells(sheet: Sheet) -> dict[int, dict[str, str]]:
    """Give the cells of each row by the name of their column."""
    places = {name.strip().lower(): place for place, name in enumerate(sheet.headers)}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        raise Refused("bad_request", f"{sheet.name} has no column {missing[0]}. It needs {', '.join(COLUMNS)}.")
    if sheet.row_count > MOST_ROWS:
        raise Refused("bad_request", f"{sheet.name} has more than {MOST_ROWS:,} rows; import it in several parts.")
    return {row.number: {name: _cell(row, places[name]) for name in COLUMNS} for row in sheet.rows()}


def _cell(row: SheetRow, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _assets(connection: Connection[TupleRow], organization_id: str, cells: Mapping[int, Mapping[str, str]]) -> Assets:
    pairs = sorted({(each["site"], each["asset"]) for each in cells.values()})
    asked = {
        "organization": organization_id,
        "sites": [each[0] for each in pairs],
        "assets": [each[1] for each in pairs],
    }
    return {(site, asset): id_ for site, asset, id_ in connection.execute(_ASSETS, asked)}


def _rows(cells: Mapping[int, Mapping[str, str]], assets: Assets, now: datetime) -> dict[int, Row]:
    """Give the prediction of each row; refuse all of them when there is a reason for any."""
    rows: dict[int, Row] = {}
    reasons: dict[int, str] = {}
    said: dict[object, Row] = {}
    for number, each in cells.items():
        try:
            rows[number] = _row(each, assets, now)
        except ValueError as error:
            reasons[number] = str(error)
            continue
        if said.setdefault(rows[number]["id"], rows[number]) != rows[number]:
            reasons[number] = "another row has this model say something else at that instant."
    _refuse(reasons)
    return rows


def _row(cells: Mapping[str, str], assets: Assets, now: datetime) -> Row:
    """Read one row. Raises ValueError with the reason, in words."""
    asset_id = assets.get((cells["site"], cells["asset"]))
    if asset_id is None:
        raise ValueError(f"there is no asset {printable(cells['asset'])} at {printable(cells['site'])}.")
    if cells["kind"] not in PREDICTED:
        raise ValueError(f"the kind is one of {', '.join(PREDICTED)}.")
    if not NUMBER.fullmatch(cells["probability"]) or not 0 <= float(cells["probability"]) <= 1:
        raise ValueError("the probability is a number from 0 to 1, such as 0.35.")
    begin, end = (_day(cells[name]) for name in ("expected_from", "expected_until"))
    if end < begin:
        raise ValueError("it is expected until a day before it is expected.")
    model, version = (_name(cells[name], name) for name in ("model", "model_version"))
    made_at = _instant(cells["made_at"], now)
    return {
        "id": derived_id(asset_id, "\n".join((cells["kind"], model, version, made_at))),
        "asset_id": asset_id,
        "kind": cells["kind"],
        "expected_from": begin.isoformat(),
        "expected_until": end.isoformat(),
        "probability": float(cells["probability"]),
        "model_name": model,
        "model_version": version,
        "made_at": made_at,
    }


def _day(text: str) -> date:
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("a day is written like 2026-03-01.")


def _name(text: str, column: str) -> str:
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise ValueError(f"{column} has 1 to 100 characters.")
    return text


def _instant(text: str, now: datetime) -> str:
    try:
        told = datetime.fromisoformat(text)
        at = None if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise ValueError("the instant is written like 2026-03-01T06:00:00Z.")
    if at > now + EARLY:
        raise ValueError("it was made in the future.")
    return instant_text(at)


def _named(rows: Mapping[int, Row], ids: set[str]) -> list[int]:
    return [number for number, row in rows.items() if row["id"] in ids]


def _refuse(reasons: Mapping[int, str]) -> None:
    """Refuse with the first reason, and how many there are. Nothing when there is none."""
    if not reasons:
        return
    number, reason = next(iter(sorted(reasons.items())))
    others = len(reasons) - 1
    more = f" {others:,} other row{'s' * (others > 1)} cannot be either." if others else ""
    raise Refused("invalid_value", f"Row {number}: {reason}{more}")

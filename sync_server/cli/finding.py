"""Looks for something in an organization, as its office would, on all of its sites. Changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import contractors as companies
from sync_server.application import office_metrics, office_nearest, office_predictions, office_search, office_stock
from sync_server.application.office_lists import whole_office_reading
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.storage.tables_dashboard import METRICS


def search(slug: str, words: str, *, limit: int) -> Answer:
    """Find by words, the best first."""
    with _reading(slug) as (connection, organization_id):
        found = office_search.found(connection, organization_id, words, limit=limit)
    lines = [f"{each.code}  {each.title}" + (f": {each.text}" if each.text else "") for each in found]
    return {"found": [msgspec.to_builtins(each) for each in found]}, lines_of(lines) or "Nothing was found."


def nearest(slug: str, latitude: float, longitude: float, *, limit: int) -> Answer:
    """Find the assets nearest to a position."""
    with _reading(slug) as (connection, organization_id):
        found = office_nearest.found(connection, organization_id, latitude=latitude, longitude=longitude, limit=limit)
    lines = [f"{each.distance_m:.0f} m  {each.code}  {each.name}" for each in found]
    return {"nearest": [msgspec.to_builtins(each) for each in found]}, lines_of(lines) or "No asset has a position."


def metrics(slug: str) -> Answer:
    """Tell the numbers of each site as they were counted last."""
    with _reading(slug) as (connection, organization_id):
        found = office_metrics.told(connection, organization_id, now=datetime.now(UTC))
    lines = [f"{each.code}, {each.age_s // 3600} hours ago: {_counts(each.numbers)}" for each in found]
    return {"metrics": [msgspec.to_builtins(each) for each in found]}, lines_of(lines) or "Nothing was counted yet."


def predictions(slug: str, *, limit: int) -> Answer:
    """Tell what models expect of assets, the likeliest first."""
    today = datetime.now(UTC).date()
    with _reading(slug) as (connection, organization_id):
        found = office_predictions.said(connection, organization_id, asset_id=None, limit=limit, today=today)
    lines = [
        f"{each.probability:.0%}  {each.code}  {each.name}: {each.kind}, {each.expected_from} to {each.expected_until}"
        f" ({each.model_name} {each.model_version})"
        for each in found
    ]
    return {"predictions": [msgspec.to_builtins(each) for each in found]}, lines_of(lines) or "Nothing is expected."


def low_stock(slug: str) -> Answer:
    """Tell what is to be reordered, with how much and from whom."""
    with _reading(slug) as (connection, organization_id):
        found = office_stock.low(connection, organization_id, limit=office_stock.MOST)
    lines = [f"{each.site_code}  {each.code}  {each.name}: {_short(each)}" for each in found]
    return {"low": [msgspec.to_builtins(each) for each in found]}, lines_of(lines) or "Nothing is to be reordered."


def _short(line: office_stock.LowStock) -> str:
    there = f"{line.quantity} {line.unit} there, {line.on_its_way} on its way, to be reordered at {line.reorder_point}"
    order = "" if line.to_order is None else f"; order {line.to_order}"
    return there + order + ("" if line.vendor is None else f" from {line.vendor}")


def contractors(slug: str) -> Answer:
    """Tell which contractors there are, what they have open, and what of it they would do uninsured."""
    with _reading(slug) as (connection, organization_id):
        found = companies.told(connection, organization_id, now=datetime.now(UTC))
    lines = [
        f"{each.code}  {each.name}: {each.people} people, {each.open_orders} open orders;"
        f" insured until {each.insured_until or 'nobody said'}"
        + (f", {each.uninsured_orders} orders later than that" if each.uninsured_orders else "")
        + ("; gets no orders any more" if each.has_ended else "")
        for each in found
    ]
    return {"contractors": [msgspec.to_builtins(each) for each in found]}, lines_of(
        lines
    ) or f"{slug} has no contractors."


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{numbers[name]} {name.replace('_', ' ')}" for name in METRICS if name in numbers)


@contextmanager
def _reading(slug: str) -> Iterator[tuple[Connection[TupleRow], str]]:
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        with whole_office_reading(database, organization_id) as connection:
            yield connection, organization_id

"""Looks for something in an organization, as its office would, on all of its sites. Changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import office_nearest, office_search
from sync_server.application.office_lists import whole_office_reading
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.config import ServerSettings


def search(slug: str, words: str, *, limit: int) -> Answer:
    """Find by words, the best first."""
    with _reading(slug) as (connection, organization_id):
        found = office_search.found(connection, organization_id, words, limit=limit)
    lines = [f"{each.code}  {each.title}" + (f": {each.text}" if each.text else "") for each in found]
    return {"found": [msgspec.to_builtins(each) for each in found]}, "\n".join(lines) or "Nothing was found."


def nearest(slug: str, latitude: float, longitude: float, *, limit: int) -> Answer:
    """Find the assets nearest to a position."""
    with _reading(slug) as (connection, organization_id):
        found = office_nearest.found(connection, organization_id, latitude=latitude, longitude=longitude, limit=limit)
    lines = [f"{each.distance_m:.0f} m  {each.code}  {each.name}" for each in found]
    return {"nearest": [msgspec.to_builtins(each) for each in found]}, "\n".join(lines) or "No asset has a position."


@contextmanager
def _reading(slug: str) -> Iterator[tuple[Connection[TupleRow], str]]:
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        with whole_office_reading(database, organization_id) as connection:
            yield connection, organization_id

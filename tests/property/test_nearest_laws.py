"""Nearest assets: whatever PostgreSQL orders by is only a help; one rule says who is near, at poles and date line."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.office_nearest import found
from sync_server.contract.rules.nearest import Place, nearest
from sync_server.errors import Refused
from tests.support.postgres import DEBIAN_15, EMBEDDED, Clusters, why_not_debian

ORGANIZATION, OTHER = str(UUID(int=1)), str(UUID(int=2))
SITE, ELSEWHERE = str(UUID(int=3)), str(UUID(int=4))
COMMIT = "select set_config('app.organization_id', %s, true), set_config('app.commit_seq', '1', true)"
SEES = "select set_config('app.organization_id', %s, true), set_config('app.site_ids', %s, true)"
ORGANIZATIONS = """
insert into organization (id, slug, name, created_at, updated_at) values (%s, %s, 'Organization', now(), now())
"""
SITES = """
insert into site (organization_id, id, aggregate_id, code, name, time_zone, created_at, updated_at, sync_seq)
values (%s, %s, %s, %s, 'Site', 'UTC', now(), now(), 1)
"""
ASSETS = """
insert into asset (organization_id, id, aggregate_id, site_id, code, name, latitude, longitude, created_at, updated_at,
  sync_seq) values (%s, %s, %s, %s, %s, 'Asset', %s, %s, now(), now(), 1)
"""
DEGREES = st.floats(-90, 90) | st.sampled_from([90.0, -90.0, 89.999999, 0.0, -0.0, 5e-324, 45.0])
HALF_TURNS = st.floats(-180, 180) | st.sampled_from([180.0, -180.0, 179.999999, -179.999999, 0.0, -5e-324])
POSITIONS = st.tuples(DEGREES, HALF_TURNS)
CROWDS = st.lists(POSITIONS, max_size=25).flatmap(lambda each: st.permutations(each + each[:10]))
"""Some of them stand at one place."""


@pytest.fixture(scope="module", params=[EMBEDDED, DEBIAN_15])
def owner_url(request: pytest.FixtureRequest, clusters: Clusters) -> Iterator[str]:
    """A database on the newest and on the oldest supported PostgreSQL."""
    end = str(request.param)
    if end == DEBIAN_15 and (reason := why_not_debian()) is not None:
        pytest.skip(reason)
    name = clusters.new_database(end, migrated=True)
    url = clusters.get(end).url(name)
    with psycopg.connect(url) as connection:
        for organization in (ORGANIZATION, OTHER):
            connection.execute(ORGANIZATIONS, (organization, organization))
            connection.execute(COMMIT, (organization,))
            for site in (SITE, ELSEWHERE):
                connection.execute(SITES, (organization, site, site, site))
    yield url
    clusters.drop(end, name)


def put(connection: Connection[TupleRow], organization: str, site: str, places: list[Place]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            ASSETS,
            [(organization, each.id, each.id, site, each.id, each.latitude, each.longitude) for each in places],
        )


def numbered(positions: list[tuple[float, float]], *, first: int = 1_000) -> list[Place]:
    return [Place(str(UUID(int=first + number)), *position) for number, position in enumerate(positions)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crowd=CROWDS, here=POSITIONS, limit=st.integers(1, 12))
def test_every_way_of_ordering_gives_what_the_rule_gives_of_all(
    owner_url: str, crowd: list[tuple[float, float]], here: tuple[float, float], limit: int
) -> None:
    """Beside assets of another site and of another organization at the very place that is asked for."""
    places, foreign = numbered(crowd), numbered([here, here], first=900_000)
    latitude, longitude = here
    with psycopg.connect(owner_url) as connection:
        for organization, site, those in ((ORGANIZATION, SITE, places), (OTHER, SITE, foreign)):
            connection.execute(COMMIT, (organization,))
            put(connection, organization, site, those)
        connection.execute(COMMIT, (ORGANIZATION,))
        put(connection, ORGANIZATION, ELSEWHERE, numbered([here], first=800_000))
        connection.execute("set local role cmms_app_office")
        connection.execute("set local enable_seqscan = off")
        connection.execute(SEES, (ORGANIZATION, SITE))
        there = found(connection, ORGANIZATION, latitude=latitude, longitude=longitude, limit=limit)
        connection.rollback()
    meant = nearest(places, latitude=latitude, longitude=longitude, limit=limit)
    assert [(each.id, each.distance_m) for each in there] == [(each.id, each.distance_m) for each in meant]


def test_more_equals_than_one_look_holds_are_told_by_id(owner_url: str) -> None:
    crowd = numbered([(10.0, 20.0)] * 450)
    with psycopg.connect(owner_url) as connection:
        connection.execute(COMMIT, (ORGANIZATION,))
        put(connection, ORGANIZATION, SITE, list(reversed(crowd)))
        connection.execute(SEES, (ORGANIZATION, SITE))
        there = found(connection, ORGANIZATION, latitude=10, longitude=20, limit=3)
        connection.rollback()
    assert [each.id for each in there] == [each.id for each in crowd[:3]]


def test_the_index_gives_the_order_behind_row_security(owner_url: str) -> None:
    """A few hundred rows of thousands are looked at: the order comes out of the index."""
    grid = numbered([(at / 100 - 40, at % 170 - 85.0) for at in range(3_000)])
    with psycopg.connect(owner_url) as connection:
        connection.execute(COMMIT, (ORGANIZATION,))
        put(connection, ORGANIZATION, SITE, grid)
        connection.execute("analyze asset")
        connection.execute("set local role cmms_app_office")
        connection.execute(SEES, (ORGANIZATION, SITE))
        found(connection, ORGANIZATION, latitude=1, longitude=2, limit=5)
        connection.execute("reset role")
        scans = connection.execute(
            "select indexrelname, pg_stat_get_xact_numscans(indexrelid), pg_stat_get_xact_tuples_returned(indexrelid)"
            " from pg_stat_user_indexes where indexrelname = 'ix_asset_place'"
        ).fetchall()
        connection.rollback()
    used = {name: (count, read) for name, count, read in scans if count}
    assert used.keys() == {"ix_asset_place"}
    assert all(count == 1 and read < 1_000 for count, read in used.values()), used


@pytest.mark.parametrize("here", [(90.1, 0), (0, 180.1), (float("nan"), 0), (0, float("inf")), (-91, -181)])
def test_what_is_no_position_is_refused(owner_url: str, here: tuple[float, float]) -> None:
    with psycopg.connect(owner_url) as connection, pytest.raises(Refused) as refused:
        found(connection, ORGANIZATION, latitude=here[0], longitude=here[1], limit=5)
    assert refused.value.code == "invalid_value"


@given(POSITIONS, st.integers(-3, 3))
def test_nothing_is_near_where_nothing_stands(here: tuple[float, float], limit: int) -> None:
    assert nearest((), latitude=here[0], longitude=here[1], limit=limit) == []

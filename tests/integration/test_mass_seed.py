"""Seeds to measure with: whole, the same each time, and with an index that is what its rows say."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.organizations import create_organization, find_organization
from sync_server.application.seeding import mass
from sync_server.application.seeding.content import Content
from sync_server.application.seeding.demonstration import plan_organization
from sync_server.application.seeding.mass import MassOrganization, seed_mass
from sync_server.application.seeding.profile import HOSPITAL
from sync_server.application.seeding.sizes import SIZES, Size
from sync_server.authz.passwords import Passwords
from sync_server.contract.entities import REGISTRY
from sync_server.errors import Bug, Refused
from sync_server.routines.recompute import compare
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from tests.support.postgres import TEST_SECRET, Clusters, both_postgres_ends

FEW = Size(organizations=2, orders=400, assets=60, readings=300)
TODAY = datetime.now(UTC).date()
CHEAP = Passwords(cheap=True)
COUNTS = {
    "site": 10, "person": 23, "asset": 60, "asset_stub": 60, "meter": 60, "work_order": 400,
    "work_order_assignment": 380, "comment": 100, "meter_reading": 300, "search_entry": 560, "notification": 20,
}  # fmt: skip
"""Of what a seed makes many, besides what a small demonstration has."""
SEARCHED = ("work_order", "asset", "asset_document", "comment")


def besides() -> Counter[str]:
    """What a small demonstration has, which each organization begins with."""
    rows = {key for unit in plan_organization(HOSPITAL, today=TODAY).content.units for key in unit}
    found = Counter(entity for entity, _ in rows)
    found["search_entry"] = sum(found[entity] for entity in SEARCHED)
    found["meter_reading"] = found["meter"]
    found["person"] -= len(("manager", "planner", "supervisor"))  # they are the same ones
    return found


@both_postgres_ends
def test_a_seed_is_whole_and_its_index_is_right(database: Database) -> None:
    made = seeded(database)
    assert [each.slug for each in made] == ["seed-00", "seed-01"]
    for each in made:
        with database.transaction("worker", each.organization_id, read_only=True) as connection:
            for table, count in COUNTS.items():
                found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
                assert found == (count + besides()[table],), table
            numbered = "select count(distinct status) from work_order where number like 'WO-_______'"
            assert connection.execute(numbered.encode()).fetchone() == (7,)
        assert compare(database, each.organization_id).first == []


def seeded(database: Database, size: Size = FEW) -> list[MassOrganization]:
    return list(seed_mass(database, size, today=TODAY, passwords=CHEAP, store=BlobStore.in_memory()))


def rows_of(database: Database, organization_id: str) -> dict[str, list[object]]:
    """Every synced row and every reading, without what chance and the hour stamp on them."""
    with database.transaction("worker", organization_id, read_only=True) as connection:
        found = {
            entity: connection.execute(
                f"select to_jsonb(t) - 'row_hash' from {entity} t order by organization_id, id".encode()
            ).fetchall()
            for entity in REGISTRY
        }
        read = "select id, meter_id, value, read_at, read_by from meter_reading order by 1"
        return {**found, "meter_reading": connection.execute(read).fetchall()}


@pytest.fixture
def elsewhere(clusters: Clusters, postgres_end: str) -> Iterator[Database]:
    """Another database like the first one."""
    name = clusters.new_database(postgres_end, migrated=True)
    with Database(clusters.get(postgres_end).url(name), TEST_SECRET, allow_old_postgres=True) as opened:
        yield opened
    clusters.drop(postgres_end, name)


def test_the_same_day_gives_the_same_rows_and_a_second_run_leaves_them_alone(
    database: Database, elsewhere: Database
) -> None:
    first, again, other = (
        {each.slug: rows_of(at, each.organization_id) for each in seeded(at)} for at in (database, database, elsewhere)
    )
    assert first == again == other
    assert first["seed-00"] != first["seed-01"]


@both_postgres_ends
def test_what_is_referred_to_is_looked_up_by_its_key(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection keeps plans that it made of empty tables; by them each reference reads the whole organization."""
    found: Counter[str] = Counter()

    def read(connection: Connection[TupleRow]) -> Counter[str]:
        asked = "select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables"
        return Counter(dict(connection.execute(asked).fetchall()))

    def made(connection: Connection[TupleRow], *given: Any) -> dict[str, list[str]]:
        before = read(connection)  # of earlier transactions, until this session hands its counts over
        ids = make(connection, *given)
        found.update({name.partition("_p")[0]: rows for name, rows in (read(connection) - before).items()})
        return ids

    make = mass._made
    monkeypatch.setattr(mass, "_made", made)
    seeded(database, Size(organizations=1, orders=1_500, assets=2_000, readings=2_000))
    at_orders = 1_420 + 375 + 375  # assignments, remarks, and where to find their words
    for table, times in {"meter": 2_000, "asset": 2_000 + 2_000 + 1_500, "work_order": at_orders}.items():
        assert times <= found[table] <= 2 * times, table


@pytest.mark.parametrize("broken", ["meter", "comment", "meter_reading"])
def test_one_that_was_made_half_way_is_named_and_left_with_whole_commits(
    database: Database, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    statements = next(each for each in (mass.ASSETS, mass.ORDERS, mass.READINGS) if broken in each)
    with monkeypatch.context() as patch:
        patch.setitem(statements, broken, "select of_nothing")
        with pytest.raises(Bug):
            seeded(database)
    organization_id = find_organization(database, "seed-00")
    assert organization_id is not None
    assert compare(database, organization_id).first == []
    with database.transaction("worker", organization_id, read_only=True) as connection:
        counted = connection.execute(
            "select (select count(*) from asset where code like 'A-______'),"
            " (select count(*) from work_order where number like 'WO-_______'),"
            " (select count(*) from work_order_assignment), (select count(*) from meter_reading)"
        ).fetchone()
    orders, assigned = (400, 380) if broken == "meter_reading" else (0, 0)
    assigned += besides()["work_order_assignment"]
    assert counted == (0 if broken == "meter" else 60, orders, assigned, besides()["meter_reading"])
    with pytest.raises(Refused, match="no whole seed"):
        seeded(database)


def test_when_one_fails_those_beside_it_are_finished_and_no_other_is_begun(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    people = mass._add_people

    def add_people(content: Content) -> None:
        begun.append(content.slug)
        if content.slug == "seed-00":
            raise KeyboardInterrupt
        people(content)

    many = dataclasses.replace(FEW, organizations=12)
    with monkeypatch.context() as patch:
        patch.setattr(mass, "_add_people", add_people)
        with pytest.raises(KeyboardInterrupt):
            seeded(database, many)
    assert set(begun) in ({"seed-00", "seed-01"}, {"seed-00", "seed-01", "seed-02"})
    with pytest.raises(Refused, match="seed-00 exists and is no whole seed"):
        seeded(database, FEW)
    assert find_organization(database, "seed-11") is None
    for slug in sorted(set(begun))[1:]:
        made = find_organization(database, slug)
        assert made is not None
        assert len(rows_of(database, made)["meter_reading"]) == 300 + besides()["meter_reading"]


def test_an_organization_of_somebody_is_never_filled(database: Database) -> None:
    create_organization(database, "seed-00", "Somebody's")
    with pytest.raises(Refused, match="no whole seed"):
        seeded(database)


def test_the_sizes_are_what_is_promised() -> None:
    large = SIZES["large"]
    assert (large.organizations, large.organizations * large.orders) == (50, 1_000_000)
    assert (large.organizations * large.assets, large.organizations * large.readings) == (200_000, 5_000_000)

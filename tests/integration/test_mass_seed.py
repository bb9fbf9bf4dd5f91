"""Seeds to measure with: whole, the same each time, and with an index that is what its rows say."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from sync_server.application.organizations import create_organization
from sync_server.application.seeding import mass
from sync_server.application.seeding.demonstration import plan_organization
from sync_server.application.seeding.mass import seed_mass
from sync_server.application.seeding.profile import HOSPITAL
from sync_server.application.seeding.sizes import SIZES, Size
from sync_server.authz.passwords import Passwords
from sync_server.errors import Refused
from sync_server.routines.recompute import compare
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from tests.support.postgres import both_postgres_ends

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
    made = list(seed_mass(database, FEW, today=TODAY, passwords=CHEAP, store=BlobStore.in_memory()))
    assert [each.slug for each in made] == ["seed-00", "seed-01"]
    for each in made:
        with database.transaction("worker", each.organization_id, read_only=True) as connection:
            for table, count in COUNTS.items():
                found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
                assert found == (count + besides()[table],), table
            numbered = "select count(distinct status) from work_order where number like 'WO-_______'"
            assert connection.execute(numbered.encode()).fetchone() == (7,)
        assert compare(database, each.organization_id).first == []


def test_the_same_day_gives_the_same_rows_and_a_second_run_leaves_them_alone(database: Database) -> None:
    def rows() -> list[object]:
        (made, _) = seed_mass(database, FEW, today=TODAY, passwords=CHEAP, store=BlobStore.in_memory())
        with database.transaction("worker", made.organization_id, read_only=True) as connection:
            return connection.execute(
                "select id, number, title, description, status from work_order order by 1"
            ).fetchall()

    first = rows()
    assert rows() == first
    assert len({str(row) for row in first}) == 400 + besides()["work_order"]


def test_one_that_was_made_half_way_is_named_and_left(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(mass, "_spans", stop)
        with pytest.raises(KeyboardInterrupt):
            list(seed_mass(database, FEW, today=TODAY, passwords=CHEAP, store=BlobStore.in_memory()))
    with pytest.raises(Refused, match="no whole seed"):
        list(seed_mass(database, FEW, today=TODAY, passwords=CHEAP, store=BlobStore.in_memory()))


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_organization_of_somebody_is_never_filled(database: Database) -> None:
    create_organization(database, "seed-00", "Somebody's")
    with pytest.raises(Refused, match="no whole seed"):
        list(seed_mass(database, FEW, today=TODAY, passwords=CHEAP, store=BlobStore.in_memory()))


def test_the_sizes_are_what_is_promised() -> None:
    large = SIZES["large"]
    assert (large.organizations, large.organizations * large.orders) == (50, 1_000_000)
    assert (large.organizations * large.assets, large.organizations * large.readings) == (200_000, 5_000_000)

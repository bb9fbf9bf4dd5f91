"""Seeds to measure with: whole, the same each time, and with an index that is what its rows say."""

from datetime import UTC, datetime

import pytest

from sync_server.application.organizations import create_organization
from sync_server.application.seeding.mass import seed_mass
from sync_server.application.seeding.sizes import SIZES, Size
from sync_server.authz.passwords import Passwords
from sync_server.errors import Refused
from sync_server.routines.recompute import compare
from sync_server.storage.engine import Database
from tests.support.postgres import both_postgres_ends

FEW = Size(organizations=2, orders=400, assets=60, readings=300)
TODAY = datetime.now(UTC).date()
CHEAP = Passwords(cheap=True)
COUNTS = {
    "site": 10, "person": 23, "asset": 60, "asset_stub": 60, "meter": 60, "work_order": 400,
    "work_order_assignment": 380, "comment": 100, "meter_reading": 300, "search_entry": 560,
}  # fmt: skip


@both_postgres_ends
def test_a_seed_is_whole_and_its_index_is_right(database: Database) -> None:
    made = list(seed_mass(database, FEW, today=TODAY, passwords=CHEAP))
    assert [each.slug for each in made] == ["seed-00", "seed-01"]
    for each in made:
        with database.transaction("worker", each.organization_id, read_only=True) as connection:
            for table, count in COUNTS.items():
                assert connection.execute(f"select count(*) from {table}".encode()).fetchone() == (count,), table
            states = connection.execute("select count(distinct status) from work_order").fetchone()
            assert states == (7,)
        assert compare(database, each.organization_id).first == []


def test_the_same_day_gives_the_same_rows_and_a_second_run_leaves_them_alone(database: Database) -> None:
    def rows() -> list[object]:
        (made, _) = seed_mass(database, FEW, today=TODAY, passwords=CHEAP)
        with database.transaction("worker", made.organization_id, read_only=True) as connection:
            return connection.execute(
                "select id, number, title, description, status from work_order order by 1"
            ).fetchall()

    first = rows()
    assert rows() == first
    assert len({str(row) for row in first}) == 400


def test_an_organization_of_somebody_is_never_filled(database: Database) -> None:
    create_organization(database, "seed-00", "Somebody's")
    with pytest.raises(Refused, match="no whole seed"):
        list(seed_mass(database, FEW, today=TODAY, passwords=CHEAP))


def test_the_sizes_are_what_is_promised() -> None:
    large = SIZES["large"]
    assert (large.organizations, large.organizations * large.orders) == (50, 1_000_000)
    assert (large.organizations * large.assets, large.organizations * large.readings) == (200_000, 5_000_000)

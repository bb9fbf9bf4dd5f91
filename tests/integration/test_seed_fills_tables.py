"""After a seed no table of organizations is empty but those that are named here with a reason: asked of the catalog."""

from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from sync_server.application import office_records
from sync_server.application.maintenance import making, schedules
from sync_server.application.seeding import furnishing
from sync_server.application.seeding import sheet as sheets
from sync_server.application.seeding.demonstration import SeedSummary, seed, seed_organization
from sync_server.application.seeding.mass import seed_mass
from sync_server.application.seeding.profile import HOSPITAL
from sync_server.application.seeding.sizes import Size
from sync_server.authz.passwords import Passwords
from sync_server.authz.visibility import Caller
from sync_server.routines.first_night import first_night
from sync_server.routines.recompute import compare
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.blobs import Owned
from sync_server.storage.engine import Database
from sync_server.storage.tenant_tables import tenant_tables
from tests.support.postgres import both_postgres_ends

NOW = datetime.now(UTC)
CHEAP = Passwords(cheap=True)
DEVICES = "comes with a device, which alone has its keys"
EMPTY = {
    "device": DEVICES,
    "device_scope": DEVICES,
    "device_command": DEVICES,
    "user_session": DEVICES,
    "enrolment_code": "is handed to one person for one device",
    "push_subscription": DEVICES,
    "sealed_outbox": DEVICES,
    "sealed_part": DEVICES,
    "held_mutation": "is what a device has sealed, word by word",
    "signature": "is signed with the key of a device: nobody makes one up",
    "personal_value": "belongs to a signature",
    "applied_mutation": "is the verdict about what a device or the office has sent",
    "ended_epoch": "is written when a database was restored",
    "routine_run": "is written by a server that runs at night",
    "scope_window": "is written at night, once an order has been over for weeks",
    "activity_checkpoint": "is signed with the server's secret, at night",
}
"""Table → why a seed leaves it empty."""


def empty_tables(url: str, organization_ids: list[str]) -> set[str]:
    """Tables that hold no row of any of the organizations, of all that the catalog has."""
    with psycopg.connect(url) as connection:
        ask = SQL("select exists (select from {} where organization_id = any(%s::uuid[]))")
        return {
            table.name
            for table in tenant_tables(connection)
            if connection.execute(ask.format(Identifier(table.name)), (organization_ids,)).fetchone() == (False,)
        }


def small(database: Database, store: BlobStore) -> tuple[SeedSummary, ...]:
    """What `seed --size small` makes."""
    made = seed(database, today=NOW.date(), passwords=CHEAP, store=store)
    for each in made:
        first_night(database, each.organization_id, at=NOW)
    return made


@both_postgres_ends
def test_a_small_seed_leaves_no_table_empty_but_those_with_a_reason(database: Database, database_url: str) -> None:
    made = small(database, BlobStore.in_memory())
    assert empty_tables(database_url, [each.organization_id for each in made]) == set(EMPTY)
    for each in made:
        assert compare(database, each.organization_id).first == []


def test_each_organization_of_a_large_seed_leaves_none_empty_either(database: Database, database_url: str) -> None:
    few = Size(organizations=2, orders=40, assets=12, readings=20)
    for each in seed_mass(database, few, today=NOW.date(), passwords=CHEAP, store=BlobStore.in_memory()):
        first_night(database, each.organization_id, at=NOW)
        assert empty_tables(database_url, [each.organization_id]) == set(EMPTY)


def test_what_is_seeded_is_what_the_office_reads(database: Database) -> None:
    store = BlobStore.in_memory()
    for made in small(database, store):
        planner = Caller(made.organization_id, made.person("planner").person_id, "")
        (project,) = office_records.listed(database, planner, "projects")
        orders = office_records.shown(database, planner, "projects", str(project["id"]))["project-work-orders"]
        assert len(orders) == 2
        for document in office_records.listed(database, planner, "documents"):
            parts = office_records.shown(database, planner, "documents", str(document["id"]))
            for version in parts["document-versions"]:
                name = Owned(made.organization_id, "", str(version["sha256"])).name
                content = b"".join(store.pieces(name, size=store.size(name) or 0))
                assert sha256(content).hexdigest() == version["sha256"]
        assert len(schedules.listed(database, made.organization_id)) == 2
        assert making.ready(database, made.organization_id, at=NOW) == []


def test_a_seed_that_was_interrupted_at_the_office_is_completed(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BlobStore.in_memory()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sheets, "WRITERS", {"worker": sheets.WRITERS["worker"]})
        patch.setattr(furnishing, "_bill", stop)
        with pytest.raises(KeyboardInterrupt):
            seed_organization(database, HOSPITAL, today=NOW.date(), passwords=CHEAP, store=store)
    half = counts(database_url)
    assert (half["contractor"], half["project"], half["invoice"]) == (1, 0, 0)
    once = seed_organization(database, HOSPITAL, today=NOW.date(), passwords=CHEAP, store=store)
    before = counts(database_url)
    assert seed_organization(database, HOSPITAL, today=NOW.date(), passwords=CHEAP, store=store) == once
    assert counts(database_url) == before
    assert (before["contractor"], before["project"], before["invoice"]) == (1, 1, 1)


def counts(url: str) -> Counter[str]:
    """Rows of every table, but for the activity log: that passwords were set stands there each time."""
    with psycopg.connect(url) as connection:
        ask = SQL("select count(*) from {}")
        found = ((table.name, connection.execute(ask.format(Identifier(table.name))).fetchone())
                 for table in tenant_tables(connection) if not table.name.startswith("activity_"))  # fmt: skip
        return Counter({name: row[0] for name, row in found if row})

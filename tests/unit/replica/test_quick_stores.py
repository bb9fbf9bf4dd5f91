"""A store that a fleet makes quickly is the one that the migrations make, and they make all others."""

from pathlib import Path

import pytest

from cmms_desktop.replica import migrate
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.transaction import Replica
from tests.support import quick_stores
from tests.support.replicas import KEY


@pytest.fixture
def migrated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is known yet; one entry for each time that the migrations have run."""
    runs: list[str] = []
    real = quick_stores._migrate
    monkeypatch.setattr(quick_stores, "_made", [])
    monkeypatch.setattr(quick_stores, "_migrate", lambda *args: (runs.append("run"), real(*args)))
    return runs


def content(path: Path) -> list[str]:
    """All that is in a store, and what it says of itself."""
    with ReplicaDatabase.open(path, KEY) as database, database.reader() as handle:
        told = [handle.cursor.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")]
        return [str(told), *quick_stores.statements(handle.connection)]


def test_a_store_that_is_made_quickly_is_the_one_that_the_migrations_make(tmp_path: Path, migrated: list[str]) -> None:
    Replica.open(tmp_path / "usual.db", KEY).close()
    with quick_stores.quick_stores():
        for name in ("first", "second", "third"):
            Replica.open(tmp_path / f"{name}.db", KEY).close()
    assert migrated == ["run", "run"]
    usual = content(tmp_path / "usual.db")
    assert len(usual) > 100
    assert [content(tmp_path / f"{name}.db") for name in ("first", "second", "third")] == [usual] * 3


def test_outside_of_the_block_and_for_what_is_there_the_migrations_run(tmp_path: Path, migrated: list[str]) -> None:
    with quick_stores.quick_stores():
        Replica.open(tmp_path / "first.db", KEY).close()
        with ReplicaDatabase.open(tmp_path / "old.db", KEY) as old, old.schema_writer() as handle:
            handle.connection.exec_driver_sql("CREATE TABLE kept (id INTEGER)")
        Replica.open(tmp_path / "old.db", KEY).close()
    Replica.open(tmp_path / "later.db", KEY).close()
    assert migrated == ["run"] * 3
    with ReplicaDatabase.open(tmp_path / "old.db", KEY) as old:
        assert migrate.revision_of(old) == migrate.newest(migrate.MIGRATIONS)

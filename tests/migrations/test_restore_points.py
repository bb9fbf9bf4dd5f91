"""Before a schema changes, PostgreSQL's log has a mark to come back to; without one the schema changes all the same."""

import re

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sync_server.cli.administration import migrate_database
from sync_server.storage.migrating import current_revision, downgrade, head_revision, migrate
from tests.support.postgres import TEST_SECRET, both_postgres_ends

BEFORE = f"{int(head_revision()) - 1:04}"
SEGMENT = "SELECT pg_read_binary_file('pg_wal/' || pg_walfile_name(pg_current_wal_insert_lsn()))"


def is_in_the_log(owner_url: str, name: str) -> bool:
    """Whether the newest segment of PostgreSQL's log holds a name."""
    with psycopg.connect(owner_url) as connection:
        (segment,) = connection.execute(SEGMENT).fetchone() or (b"",)
    return name.encode() + b"\0" in bytes(segment)


@both_postgres_ends
def test_a_point_lies_before_revisions_that_run_up_and_down_and_before_no_others(database_url: str) -> None:
    assert migrate(database_url, TEST_SECRET) is None, "nothing to do"
    down = downgrade(database_url, TEST_SECRET, BEFORE)
    up = migrate(database_url, TEST_SECRET)
    for point, stood in ((down, head_revision()), (up, BEFORE)):
        assert point is not None
        assert point.name is not None
        assert re.fullmatch(rf"cmms_{stood}_[0-9]{{8}}T[0-9]{{6}}Z", point.name)
        assert is_in_the_log(database_url, point.name)
    assert migrate(database_url, TEST_SECRET, revision=head_revision()) is None


def test_before_a_first_schema_there_is_nothing_to_come_back_to(empty_database_url: str) -> None:
    assert migrate(empty_database_url, TEST_SECRET) is None


def test_who_may_write_none_changes_the_schema_and_is_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    downgrade(database_url, TEST_SECRET, BEFORE)
    url = make_conninfo(database_url, user="cmms_migrator")
    monkeypatch.setenv("CMMS_DATABASE_URL", url)
    monkeypatch.setenv("CMMS_SECRET_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
    answer, said = migrate_database()
    assert answer == {"before": BEFORE, "revision": head_revision(), "restore_point": None}
    assert said.endswith("No restore point lies before it: this database user may not.")
    assert current_revision(database_url) == head_revision()

"""The high-water mark outside of PostgreSQL: a database that was put back is noticed by the server itself."""

import errno
import os
import threading
from pathlib import Path

import msgspec
import psycopg
import pytest

from sync_server.application.history_watch import BELOW, FILE, OTHER_CLUSTER, HighWater, HistoryWatch
from sync_server.application.organizations import create_organization
from sync_server.errors import EnvironmentFailure
from sync_server.storage.engine import Database
from tests.support.postgres import both_postgres_ends


@pytest.fixture
def organization_id(database: Database) -> str:
    return create_organization(database, "north", "North")


@pytest.fixture
def watch(database: Database, tmp_path: Path) -> HistoryWatch:
    return HistoryWatch(database, tmp_path / "data" / FILE)


def set_clock(url: str, seq: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("update org_clock set seq = %s", (seq,))


def ended(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select last_seq, reason from ended_epoch order by number").fetchall()


@both_postgres_ends
@pytest.mark.expects_warnings
def test_invariant_23_a_clock_below_its_mark_begins_a_new_epoch_once(
    watch: HistoryWatch, organization_id: str, database_url: str
) -> None:
    set_clock(database_url, 10)
    assert watch.look() == []
    set_clock(database_url, 9)
    assert watch.look() == [organization_id]
    assert watch.look() == []
    assert ended(database_url) == [(9, BELOW)]


def test_a_clock_that_goes_on_is_no_loss(watch: HistoryWatch, organization_id: str, database_url: str) -> None:
    for seq in (0, 4, 4, 5):
        set_clock(database_url, seq)
        assert watch.look() == []
    assert ended(database_url) == []


@pytest.mark.expects_warnings
@pytest.mark.parametrize("what", ["identifier", "timeline"])
def test_another_cluster_or_timeline_begins_a_new_epoch(
    watch: HistoryWatch, organization_id: str, database_url: str, tmp_path: Path, what: str
) -> None:
    watch.look()
    path = tmp_path / "data" / FILE
    mark = msgspec.json.decode(path.read_bytes(), type=HighWater)
    identifier, timeline = mark.cluster
    other = ("1", timeline) if what == "identifier" else (identifier, timeline + 1)
    path.write_bytes(msgspec.json.encode(HighWater(other, mark.clocks)))
    assert watch.look() == [organization_id]
    assert ended(database_url) == [(0, OTHER_CLUSTER)]


def test_a_runbook_that_has_begun_a_new_epoch_is_not_told_again(
    watch: HistoryWatch, organization_id: str, database_url: str
) -> None:
    set_clock(database_url, 10)
    watch.look()
    set_clock(database_url, 3)
    with psycopg.connect(database_url) as connection:
        connection.execute("update org_clock set epoch = gen_random_uuid()")
    assert watch.look() == []
    assert ended(database_url) == []


@pytest.mark.expects_warnings
def test_a_damaged_mark_is_written_anew(
    watch: HistoryWatch, organization_id: str, database_url: str, tmp_path: Path
) -> None:
    watch.look()
    (tmp_path / "data" / FILE).write_text("{")
    assert watch.look() == []
    set_clock(database_url, 5)
    watch.look()
    set_clock(database_url, 1)
    assert watch.look() == [organization_id]


@pytest.mark.expects_warnings
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_mark_that_cannot_be_written_leaves_no_files_and_one_warning(
    watch: HistoryWatch,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    organization_id: str,
    step: str,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fail_twice() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            for _ in range(2):
                with pytest.raises(EnvironmentFailure, match="cannot be written: No space left"):
                    watch.look()

    fail_twice()
    assert list((tmp_path / "data").iterdir()) == []
    assert watch.look() == []
    set_clock(database_url, 5)
    fail_twice()
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE]
    warned = [record for record in caplog.records if "cannot be written" in record.message]
    assert [record.levelname for record in warned] == ["WARNING"] * 2  # one each time that it begins to fail


def test_a_watch_that_stops_remembers_where_everything_stands(
    watch: HistoryWatch, organization_id: str, database_url: str, tmp_path: Path
) -> None:
    watch.start()
    set_clock(database_url, 7)
    watch.stop()
    mark = msgspec.json.decode((tmp_path / "data" / FILE).read_bytes(), type=HighWater)
    assert mark.clocks[organization_id][0] == 7
    assert not [thread for thread in threading.enumerate() if thread.name == "history-watch"]


def test_processes_that_share_a_mark_take_nothing_for_a_loss(
    database: Database, organization_id: str, database_url: str, tmp_path: Path
) -> None:
    watches = [HistoryWatch(database, tmp_path / FILE) for _ in range(3)]
    is_over = threading.Event()
    found: list[list[str]] = []

    def look(watch: HistoryWatch) -> None:
        while not is_over.is_set():
            found.append(watch.look())

    threads = [threading.Thread(target=look, args=(watch,)) for watch in watches]
    for thread in threads:
        thread.start()
    for seq in range(1, 60):
        set_clock(database_url, seq)
    is_over.set()
    for thread in threads:
        thread.join(60)
    assert [each for each in found if each] == []

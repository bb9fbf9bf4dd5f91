"""The first sync of a device: staged in the replica and exchanged for what is empty; the schema stays to the byte."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmms_desktop.replica import bootstrap, open_guard
from cmms_desktop.replica.apply import AnswerCutShort
from cmms_desktop.replica.exchange import drop_staged, exchange, make_like
from cmms_desktop.replica.open_guard import SettingNotKept
from cmms_desktop.replica.transaction import Replica
from tests.support.replicas import KEY, SCOPE, Field, uid

Schema = list[tuple[str, str, str, str | None]]


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Field]:
    """A device that has pulled nothing, of a technician with six orders and an item of each."""
    made = Field(tmp_path)
    for number in range(20, 26):
        order = made.add_order(number)
        made.add("checklist_item", number + 100, order, checklist_id=order, key="a", kind="pass_fail", prompt="Tight?")
    yield made
    made.replica.close()


def schema(replica: Replica) -> Schema:
    with replica.read() as reading:
        lines = reading.cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
    return [(str(kind), str(name), str(table), sql) for kind, name, table, sql in lines]


def is_sound(replica: Replica) -> bool:
    with replica.read() as reading:
        return bool(reading.cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


def pages_of(replica: Replica, name: str) -> int:
    with replica.read() as reading:
        found = reading.cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return int(found[0])


def exchange_and_fail(replica: Replica) -> None:
    with replica.database.writer() as handle:
        make_like(handle.cursor, "work_order")
        assert exchange(handle.cursor, "work_order")
        raise RuntimeError


def take(field: Field, count: int, *, scope: str = SCOPE) -> None:
    """Take so many slices of two orders."""
    with field.replica.bootstrapping(scope) as fetch:
        for _ in range(count):
            fetch.add(field.server.bootstrap(scope, fetch.token, field.replica.state().cursor, limit=2))


def test_an_empty_table_is_exchanged_and_the_schema_stays_the_same_to_the_byte(fresh: Field) -> None:
    before, root = schema(fresh.replica), pages_of(fresh.replica, "work_order")
    fresh.pull()
    assert schema(fresh.replica) == before
    assert pages_of(fresh.replica, "work_order") != root
    assert is_sound(fresh.replica)
    assert not (fresh.folder / "bootstrap.db").exists()
    fresh.assert_converged()


def test_rows_are_found_by_the_indexes_that_came_along_also_after_a_restart(fresh: Field) -> None:
    fresh.pull()
    fresh.restart()
    with fresh.replica.read() as reading:
        plan = reading.cursor.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM work_order WHERE number = ?", ("7",)
        ).fetchall()
        found = reading.cursor.execute("SELECT count(*) FROM work_order INDEXED BY work_order_number").fetchone()
    assert "USING INDEX work_order_number" in str(plan)
    assert found == (6,)
    assert is_sound(fresh.replica)


def test_edits_and_pulls_after_an_exchange_find_the_new_tables(fresh: Field) -> None:
    fresh.pull()
    with fresh.replica.write() as write:
        write.set("work_order", uid(20), priority="critical")
    fresh.server.change("work_order", uid(21), title="Newer")
    fresh.sync()
    fresh.assert_converged()


def test_a_reader_that_has_begun_before_the_exchange_sees_what_was_there(fresh: Field) -> None:
    with fresh.replica.read() as before:
        assert before.cursor.execute("SELECT count(*) FROM work_order").fetchone() == (0,)
        fresh.pull()
        assert before.cursor.execute("SELECT count(*) FROM work_order").fetchone() == (0,)
    with fresh.replica.read() as after:
        assert after.cursor.execute("SELECT count(*) FROM work_order").fetchone() == (6,)


def test_an_order_that_was_made_here_meanwhile_keeps_its_table(fresh: Field) -> None:
    fresh.pull_once()
    with fresh.replica.write() as write:
        made = write.create("work_order", {"number": "X", "title": "Mine", "site_id": uid(5)})
    root = pages_of(fresh.replica, "work_order")
    fresh.pull()
    assert pages_of(fresh.replica, "work_order") == root
    assert fresh.replica.get("work_order", made) is not None
    fresh.sync()
    fresh.assert_converged()


def test_an_exchange_that_is_rolled_back_has_changed_nothing(fresh: Field) -> None:
    fresh.pull_once()
    before = schema(fresh.replica)
    with pytest.raises(RuntimeError):
        exchange_and_fail(fresh.replica)
    assert schema(fresh.replica) == before
    fresh.pull()
    assert schema(fresh.replica) == before
    fresh.assert_converged()


@pytest.mark.parametrize(
    "different",
    [
        "ALTER TABLE work_order ADD COLUMN shoe_size INTEGER",
        "DROP INDEX staged_work_order_number",
        "CREATE TRIGGER noting AFTER DELETE ON work_order BEGIN SELECT 1; END",
    ],
)
def test_a_table_that_would_lose_something_is_not_exchanged(fresh: Field, different: str) -> None:
    with fresh.replica.database.writer() as handle:
        make_like(handle.cursor, "work_order")
        handle.cursor.execute(different)
        assert not exchange(handle.cursor, "work_order")
        drop_staged(handle.cursor)


def with_another_rule(sql: str) -> str:
    """The statement of a table with one more rule, which no list of columns shows."""
    end = sql.rindex(")")
    return f"{sql[:end]}, CHECK (length(id) > 1){sql[end:]}"


@pytest.mark.parametrize(("name", "is_table"), [("work_order", True), ("work_order_number", False)])
def test_a_staged_table_from_before_an_update_of_its_statements_is_not_exchanged(
    fresh: Field, name: str, is_table: bool
) -> None:
    """The same columns and names of indexes, but another rule, or an index over something else."""
    with fresh.replica.database.writer() as handle:
        make_like(handle.cursor, "work_order")
        find = "SELECT sql FROM sqlite_master WHERE name = ?"
        if is_table:
            (sql,) = handle.cursor.execute(find, ("staged_work_order",)).fetchone()
            indexes = handle.cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'staged_work_order' AND sql > ''"
            ).fetchall()
            handle.cursor.execute("DROP TABLE staged_work_order")
            handle.cursor.execute(with_another_rule(sql))
            for (index,) in indexes:
                handle.cursor.execute(index)
        else:
            handle.cursor.execute(f"DROP INDEX {name}")
            handle.cursor.execute(f"CREATE INDEX {name} ON work_order (title)")
        assert not exchange(handle.cursor, "work_order")
        drop_staged(handle.cursor)


def test_a_first_fetch_goes_on_where_it_stopped_and_is_not_visible_before(fresh: Field) -> None:
    fresh.pull_once()
    take(fresh, 2)
    fresh.restart()
    assert fresh.replica.get("work_order", uid(20)) is None
    take(fresh, 1)
    fresh.pull_once()
    fresh.assert_converged()


def test_what_a_crash_has_left_in_the_replica_goes_before_anything_is_staged_beside_it(fresh: Field) -> None:
    """The first fetch stopped; then everything was complete by another way: the tables must not be taken for others."""
    fresh.pull_once()
    take(fresh, 2)
    fresh.replica.remember(last_sync_at="2026-03-02T08:00:00.000000Z")
    fresh.restart()
    fresh.pull()
    with fresh.replica.read() as reading:
        sql = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'staged%'"
        assert reading.cursor.execute(sql).fetchone() == (0,)
    fresh.assert_converged()


def test_a_second_scope_of_a_first_sync_collects_beside_what_people_work_on_already(fresh: Field) -> None:
    site = "site:first"
    fresh.server.allowed.append(site)
    for number in range(30, 36):
        fresh.add_order(number, scope=site)
    fresh.pull_once()
    fresh.fetch(SCOPE)
    root = pages_of(fresh.replica, "work_order")
    assert fresh.replica.state().last_sync_at is None
    assert fresh.replica.get("work_order", uid(20)) is not None
    take(fresh, 2, scope=site)
    assert not any(name.startswith("staged") for _, name, _, _ in schema(fresh.replica))
    assert (fresh.folder / "bootstrap.db").exists()
    fresh.restart()
    take(fresh, 1, scope=site)
    fresh.pull_once()
    assert not (fresh.folder / "bootstrap.db").exists()
    assert pages_of(fresh.replica, "work_order") == root
    fresh.assert_converged()


def test_a_first_scope_that_holds_nothing_leaves_the_next_one_its_place(fresh: Field) -> None:
    fresh.server.allowed.insert(0, "org:catalog")
    fresh.pull_once()
    fresh.fetch("org:catalog")
    take(fresh, 1)
    assert any(name == "staged_work_order" for _, name, _, _ in schema(fresh.replica))
    fresh.pull()
    fresh.assert_converged()


def test_a_scope_that_is_lost_during_the_first_fetch_leaves_nothing(fresh: Field) -> None:
    fresh.pull_once()
    take(fresh, 1)
    before = len(schema(fresh.replica))
    fresh.server.allowed.remove(SCOPE)
    fresh.pull()
    assert len(schema(fresh.replica)) < before
    assert not any(name.startswith("staged") for _, name, _, _ in schema(fresh.replica))


def settings(replica: Replica) -> tuple[object, object]:
    """What every ordinary commit has to find: synchronous=FULL, and a checkpoint every 1,000 pages."""
    with replica.database.writer() as handle:
        names = ("synchronous", "wal_autocheckpoint")
        found = [handle.cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    return found[0], found[1]


def test_after_a_slice_every_commit_is_durable_again(fresh: Field) -> None:
    fresh.pull_once()
    take(fresh, 1)
    assert settings(fresh.replica) == (2, 1000)
    with fresh.replica.bootstrapping(SCOPE) as fetch:
        lines = fresh.server.bootstrap(SCOPE, fetch.token, fresh.replica.state().cursor, limit=2)
        with pytest.raises(AnswerCutShort):
            fetch.add(lines[:-1])
    assert settings(fresh.replica) == (2, 1000)


def unmoved_pages(replica: Replica) -> int:
    """Pages that the next commit of somebody would find in the WAL and move, after a thousand of them."""
    with replica.read() as reading:
        _, in_log, moved = reading.cursor.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    return int(in_log - moved)


@pytest.fixture
def wordy(tmp_path: Path) -> Iterator[Field]:
    """A device that has pulled nothing, of a technician with 60 orders of 80 kB each: five slices of 250 pages."""
    made = Field(tmp_path)
    for number in range(20, 80):
        made.add_order(number, description="tight " * 14_000)
    made.pull_once()
    yield made
    made.replica.close()


def test_an_edit_between_slices_and_the_first_one_after_them_find_nothing_to_move(wordy: Field) -> None:
    with wordy.replica.bootstrapping(SCOPE) as fetch:
        while not fetch.is_complete:
            fetch.add(wordy.server.bootstrap(SCOPE, fetch.token, wordy.replica.state().cursor, limit=12))
            assert unmoved_pages(wordy.replica) == 0
    with wordy.replica.write() as write:
        write.set("work_order", uid(20), priority="critical")
    assert 0 < unmoved_pages(wordy.replica) < 100, "the large row and its shadow, nothing else"


def test_slices_are_moved_while_somebody_reads_and_never_by_keeping_a_writer_waiting(wordy: Field) -> None:
    """What a reader keeps in the WAL goes with the next slice. A writer waits for none."""
    with wordy.replica.read() as before:
        assert before.cursor.execute("SELECT count(*) FROM work_order").fetchone() == (0,)
        take(wordy, 1)
        assert unmoved_pages(wordy.replica) > 20
    with wordy.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE sync_state SET value = value")
        wordy.replica.database.move_log()
        assert unmoved_pages(wordy.replica) == 0


def test_what_a_killed_first_fetch_has_left_in_the_log_is_moved_before_anybody_edits(
    wordy: Field, tmp_path: Path
) -> None:
    with wordy.replica.bootstrapping(SCOPE) as fetch:
        for _ in range(3):
            fetch.add(wordy.server.bootstrap(SCOPE, fetch.token, wordy.replica.state().cursor, limit=12))
    wordy.replica.remember(offset_ms=5)
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("replica.db", "replica.db-wal"):  # as a kill leaves them: nothing closed, no memory that is shared
        shutil.copy(tmp_path / name, killed / name)
    with Replica.open(killed / "replica.db", KEY) as replica:
        assert replica.was_killed
        assert unmoved_pages(replica) == 0
        with replica.bootstrapping(SCOPE) as fetch:
            assert fetch.token is not None


@pytest.mark.parametrize("failing", ["DOWNLOAD_PRAGMAS", "WRITER_PRAGMAS"])
def test_settings_of_a_slice_that_fail_on_the_way_in_or_back_never_meet_an_ordinary_commit(
    fresh: Field, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    fresh.pull_once()
    apply, refused = open_guard.apply_pragmas, [getattr(open_guard, failing)]

    def apply_or_refuse(connection: object, pragmas: open_guard.Pragmas) -> None:
        if pragmas in refused:  # once: after some of them were set, on the way in; before, on the way back
            refused.clear()
            if failing == "DOWNLOAD_PRAGMAS":
                apply(connection, pragmas)
            raise SettingNotKept("Refused.")
        apply(connection, pragmas)

    monkeypatch.setattr(open_guard, "apply_pragmas", apply_or_refuse)
    with pytest.raises(SettingNotKept):
        take(fresh, 1)
    assert refused == []
    assert settings(fresh.replica) == (2, 1000)
    fresh.pull()
    fresh.assert_converged()

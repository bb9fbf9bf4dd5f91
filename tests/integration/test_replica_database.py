"""The replica's file: transactions, threads, one window, close and open again."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2 as driver

from cmms_desktop.errors import Bug, ReplicaUnavailable
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.driver_errors import DiskFull, ReplicaDamaged, environment_errors
from cmms_desktop.replica.instance_lock import AlreadyOpen
from cmms_desktop.replica.open_guard import key_literal

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "organization" / "person" / "replica.db"


@pytest.fixture
def database(path: Path) -> Iterator[ReplicaDatabase]:
    with ReplicaDatabase.open(path, KEY) as opened:
        with opened.writer() as write:
            write.cursor.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        yield opened


def add(database: ReplicaDatabase, text: str) -> None:
    with database.writer() as write:
        write.cursor.execute("INSERT INTO note (text) VALUES (?)", (text,))


def texts(database: ReplicaDatabase) -> list[str]:
    with database.reader() as read:
        return [row[0] for row in read.cursor.execute("SELECT text FROM note ORDER BY id")]


def test_a_commit_is_there_after_closing_and_opening_again(database: ReplicaDatabase, path: Path) -> None:
    add(database, "kept")
    database.close()
    with ReplicaDatabase.open(path, KEY) as again:
        assert texts(again) == ["kept"]


def test_an_exception_rolls_back_the_whole_write(database: ReplicaDatabase) -> None:
    def failing() -> None:
        with database.writer() as write:
            write.cursor.execute("INSERT INTO note (text) VALUES ('half')")
            write.connection.exec_driver_sql("INSERT INTO note (text) VALUES ('other half')")
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    assert texts(database) == []


def test_both_faces_of_a_handle_share_one_transaction(database: ReplicaDatabase) -> None:
    with database.writer() as write:
        write.cursor.execute("INSERT INTO note (text) VALUES ('raw')")
        assert write.connection.execute(sa.text("SELECT count(*) FROM note")).scalar_one() == 1


def test_ddl_is_transactional_as_migrations_need_it(database: ReplicaDatabase) -> None:
    def failing() -> None:
        with database.writer() as write:
            write.connection.execute(sa.text("CREATE TABLE later (id INTEGER)"))
            write.connection.execute(sa.text("ALTER TABLE note ADD COLUMN colour TEXT"))
            write.cursor.execute("DROP TABLE note")
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    with database.reader() as read:
        names = [row[0] for row in read.cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = [row[1] for row in read.cursor.execute("PRAGMA table_info(note)")]
    assert (names, columns) == (["note"], ["id", "text"])


def test_a_write_inside_a_write_is_a_bug_and_rolls_back(database: ReplicaDatabase) -> None:
    def nested() -> None:
        with database.writer() as outer:
            outer.cursor.execute("INSERT INTO note (text) VALUES ('outer')")
            with database.writer():
                pass

    with pytest.raises(Bug):
        nested()
    add(database, "afterwards")
    assert texts(database) == ["afterwards"]


def test_writers_of_many_threads_queue_up_and_never_meet_a_locked_store(database: ReplicaDatabase) -> None:
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(25):
                add(database, f"{name} {number}")
                texts(database)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"thread {index}",)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert len(texts(database)) == 150


def test_a_write_holds_the_stores_write_lock_before_its_first_statement(database: ReplicaDatabase, path: Path) -> None:
    stranger = driver.connect(str(path), isolation_level=None, timeout=0)
    stranger.execute(f'PRAGMA key = "{key_literal(KEY)}"')
    try:
        with database.writer(), pytest.raises(driver.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
        stranger.execute("BEGIN IMMEDIATE")
        stranger.execute("ROLLBACK")
    finally:
        stranger.close()


def test_a_reader_keeps_its_snapshot_while_a_write_commits(database: ReplicaDatabase) -> None:
    add(database, "before")
    with database.reader() as read:
        assert read.cursor.execute("SELECT count(*) FROM note").fetchone() == (1,)
        add(database, "during")
        assert read.cursor.execute("SELECT count(*) FROM note").fetchone() == (1,)
    assert texts(database) == ["before", "during"]


def test_a_reader_cannot_write(database: ReplicaDatabase) -> None:
    with database.reader() as read, pytest.raises(ReplicaUnavailable) as caught, environment_errors():
        read.cursor.execute("INSERT INTO note (text) VALUES ('sneaked in')")
    assert "readonly" in str(caught.value.__cause__)
    assert texts(database) == []


def test_closing_moves_the_wal_into_the_file_and_is_idempotent(database: ReplicaDatabase, path: Path) -> None:
    add(database, "kept")
    database.close()
    database.close()
    assert not path.with_name("replica.db-wal").exists() or path.with_name("replica.db-wal").stat().st_size == 0
    with pytest.raises(Bug):
        texts(database)
    with pytest.raises(Bug):
        add(database, "too late")


def test_a_second_window_is_refused_until_the_first_closes(database: ReplicaDatabase, path: Path) -> None:
    with pytest.raises(AlreadyOpen) as caught:
        ReplicaDatabase.open(path, KEY)
    assert "already open in another window" in caught.value.sentence
    add(database, "the first still works")
    database.close()
    ReplicaDatabase.open(path, KEY).close()


def test_a_second_process_is_refused_and_a_killed_one_leaves_no_lock(database: ReplicaDatabase, path: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from cmms_desktop.replica.database import ReplicaDatabase\n"
        "from cmms_desktop.errors import ReplicaUnavailable\n"
        "try:\n"
        "    ReplicaDatabase.open(pathlib.Path(sys.argv[1]), bytes(range(32)))\n"
        "except ReplicaUnavailable as error:\n"
        "    print(type(error).__name__); sys.exit(0)\n"
        "print('opened', flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).resolve().parents[2]

    def second() -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)], cwd=root, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout.strip()

    assert second() == "AlreadyOpen"
    database.close()
    assert second() == "opened"
    assert second() == "opened"


def test_a_committed_write_survives_a_kill_and_an_open_one_leaves_nothing(path: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from cmms_desktop.replica.database import ReplicaDatabase\n"
        "database = ReplicaDatabase.open(pathlib.Path(sys.argv[1]), bytes(range(32)))\n"
        "with database.writer() as write:\n"
        "    write.cursor.execute('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)')\n"
        "    write.cursor.execute(\"INSERT INTO note (text) VALUES ('acknowledged')\")\n"
        "with database.writer() as write:\n"
        "    write.cursor.execute(\"INSERT INTO note (text) VALUES ('never committed')\")\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=root, timeout=60, check=False)
    assert done.returncode != 0
    with ReplicaDatabase.open(path, KEY) as again:
        assert texts(again) == ["acknowledged"]


def test_a_full_disk_rolls_back_says_so_and_writing_goes_on_when_there_is_room(database: ReplicaDatabase) -> None:
    add(database, "before")
    with database.writer() as write:
        pages = write.cursor.execute("PRAGMA page_count").fetchone()[0]
        write.cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull):
        add(database, "x" * 100_000)
    with database.writer() as write:
        write.cursor.execute("PRAGMA max_page_count = 1000000")
    add(database, "after")
    assert texts(database) == ["before", "after"]


def test_after_damage_nothing_more_is_written_or_read_until_it_is_opened_again(
    database: ReplicaDatabase, path: Path
) -> None:
    for number in range(200):
        add(database, f"{number} " + "x" * 500)
    database.close()
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with ReplicaDatabase.open(path, KEY) as again:
        with pytest.raises(ReplicaDamaged):
            texts(again)
        with pytest.raises(ReplicaDamaged):
            add(again, "no")


def test_a_statement_error_is_not_the_surroundings_fault(database: ReplicaDatabase) -> None:
    add(database, "one")
    with pytest.raises(sa.exc.IntegrityError), database.writer() as write:
        write.connection.exec_driver_sql("INSERT INTO note (id, text) VALUES (1, 'secret words')")
    with pytest.raises(sa.exc.IntegrityError) as caught, database.writer() as write:
        write.connection.execute(sa.text("INSERT INTO note (id, text) VALUES (1, :text)"), {"text": "secret words"})
    assert "secret words" not in str(caught.value)
    add(database, "two")


def test_a_store_emptied_under_its_wal_is_not_mistaken_for_a_new_one(database: ReplicaDatabase, path: Path) -> None:
    add(database, "in the wal")
    wal = path.with_name("replica.db-wal").read_bytes()
    database.close()
    path.write_bytes(b"")
    path.with_name("replica.db-wal").write_bytes(wal)
    with pytest.raises(ReplicaDamaged):
        ReplicaDatabase.open(path, KEY)
    assert path.with_name("replica.db-wal").read_bytes() == wal


def test_a_schema_change_runs_without_foreign_keys_and_they_are_on_again_afterwards(database: ReplicaDatabase) -> None:
    with database.schema_writer() as write:
        write.cursor.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, note_id INTEGER REFERENCES note (id))")
        write.cursor.execute("INSERT INTO child VALUES (1, 7)")
        write.cursor.execute("INSERT INTO note VALUES (7, 'parent comes later')")
    with database.writer() as write:
        assert write.cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_schema_change_that_breaks_a_reference_is_rolled_back(database: ReplicaDatabase) -> None:
    def breaking() -> None:
        with database.schema_writer() as write:
            write.cursor.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, note_id INTEGER REFERENCES note (id))")
            write.cursor.execute("INSERT INTO child VALUES (1, 7)")

    with pytest.raises(Bug):
        breaking()
    with database.writer() as write:
        assert write.cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert write.cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = 'child'").fetchone() == (0,)


def test_a_bootstrap_is_merged_from_a_store_beside_it_in_one_transaction(database: ReplicaDatabase, path: Path) -> None:
    bootstrap = database.open_beside("bootstrap.db")
    with bootstrap.writer() as write:
        write.cursor.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        write.cursor.executemany("INSERT INTO note (text) VALUES (?)", [(f"row {n}",) for n in range(500)])
    bootstrap.close()
    with database.bootstrap_writer(bootstrap.path) as write:
        write.cursor.execute("INSERT INTO main.note SELECT * FROM bootstrap.note")
    with database.writer() as write:
        assert write.cursor.execute("PRAGMA cache_size").fetchone() == (-16_384,)
        assert [row[1] for row in write.cursor.execute("PRAGMA database_list")] == ["main"]
    assert len(texts(database)) == 500
    with database.open_beside("bootstrap.db") as opened:
        opened.discard()
    assert sorted(file.name for file in path.parent.glob("bootstrap*")) == ["bootstrap.db.lock"]


def test_a_bootstrap_that_fails_half_way_leaves_the_live_store_as_it_was(database: ReplicaDatabase) -> None:
    with database.open_beside("bootstrap.db") as bootstrap, bootstrap.writer() as write:
        write.cursor.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        write.cursor.execute("INSERT INTO note (text) VALUES ('downloaded')")

    def failing() -> None:
        with database.bootstrap_writer(bootstrap.path) as write:
            write.cursor.execute("INSERT INTO main.note SELECT * FROM bootstrap.note")
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    add(database, "afterwards")
    assert texts(database) == ["afterwards"]


def test_a_backup_is_encrypted_whole_and_opens_with_the_same_key(database: ReplicaDatabase, path: Path) -> None:
    add(database, "copied")
    target = path.with_name("before-upgrade.db")
    database.back_up_to(target)
    add(database, "later")
    database.back_up_to(target)
    add(database, "not in the copy")
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in path.parent.glob("before-upgrade*")) == ["before-upgrade.db"]
    with ReplicaDatabase.open(target, KEY) as copy:
        assert texts(copy) == ["copied", "later"]


def test_full_text_search_with_triggers_works_without_a_trusted_schema(database: ReplicaDatabase) -> None:
    with database.writer() as write:
        write.cursor.execute("CREATE VIRTUAL TABLE note_search USING fts5(text, content='note', content_rowid='id')")
        write.cursor.execute(
            "CREATE TRIGGER note_search_insert AFTER INSERT ON note BEGIN "
            "INSERT INTO note_search (rowid, text) VALUES (new.id, new.text); END"
        )
    add(database, "hydraulic pump leaks")
    with database.reader() as read:
        found = read.cursor.execute("SELECT rowid FROM note_search WHERE note_search MATCH 'pump'").fetchall()
    assert found == [(1,)]


def test_the_key_is_in_no_log_and_no_representation(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ReplicaDatabase.open(path, KEY) as database:
        with database.writer() as write:
            write.connection.exec_driver_sql("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
        texts(database)
        seen = caplog.text + repr(database) + repr(vars(database)["_writer"])
    assert KEY.hex() not in seen.lower()
    assert repr(KEY) not in seen


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX file modes")
def test_folder_and_files_are_readable_by_this_account_alone(database: ReplicaDatabase, path: Path) -> None:
    add(database, "x")
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(["replica.db", "replica.db-wal", "replica.db-shm", "replica.db.lock"], "0o600")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.path.exists(path)

"""The open guard: nothing readable ever reaches the disk, and nothing unsafe is opened."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as driver

from cmms_desktop.errors import ReplicaUnavailable
from cmms_desktop.replica import connections, open_guard
from cmms_desktop.replica.database import READERS, ReplicaDatabase
from cmms_desktop.replica.private_folders import FolderNotWritable

KEY = bytes(range(32))
SENTINEL = "forty-two-quartz-heron"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "replica.db"


@contextmanager
def unprivileged() -> Iterator[None]:
    """Run as somebody whom file modes bind; root passes them all."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_the_danger_is_real_a_store_without_a_key_is_plaintext(path: Path) -> None:
    """The control: what naive code does with the None a null keyring gives back."""
    connection = driver.connect(str(path))
    connection.execute("CREATE TABLE note (text TEXT)")
    connection.execute("INSERT INTO note VALUES (?)", (SENTINEL,))
    connection.commit()
    connection.close()
    assert SENTINEL.encode() in path.read_bytes()


@pytest.mark.parametrize(
    "key",
    [None, b"", b"short", bytes(32), b"\xff" * 32, bytes(range(31)), bytes(range(33)), "0" * 32, bytearray(range(32))],
)
def test_anything_but_a_32_byte_key_is_refused_before_a_file_exists(path: Path, key: bytes) -> None:
    with pytest.raises(open_guard.KeyNotUsable):
        ReplicaDatabase.open(path, key)
    assert list(path.parent.iterdir()) == []


def test_a_plain_sqlite_library_is_refused_before_a_file_exists(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = types.SimpleNamespace(connect=sqlite3.connect, sqlite_version_info=(3, 53, 0), Error=sqlite3.Error)
    monkeypatch.setattr(connections, "driver", plain)
    with pytest.raises(open_guard.LibraryNotUsable):
        ReplicaDatabase.open(path, KEY)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("version", [(3, 46, 0), (3, 51, 2)])
def test_a_library_with_the_wal_reset_bug_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(open_guard.LibraryNotUsable):
        open_guard.require_sound_sqlite(version)


def test_an_unsound_library_never_touches_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = types.SimpleNamespace(connect=driver.connect, sqlite_version_info=(3, 50, 4), Error=driver.Error)
    monkeypatch.setattr(connections, "driver", old)
    with pytest.raises(open_guard.LibraryNotUsable):
        ReplicaDatabase.open(path, KEY)
    assert list(path.parent.iterdir()) == []


def test_the_installed_library_is_sound() -> None:
    open_guard.require_sound_sqlite(driver.sqlite_version_info)


def test_an_existing_unencrypted_file_is_refused_and_left_alone(path: Path) -> None:
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE note (text TEXT)")
    plain.commit()
    plain.close()
    before = path.read_bytes()
    with pytest.raises(open_guard.FileNotEncrypted):
        ReplicaDatabase.open(path, KEY)
    assert path.read_bytes() == before


def test_a_wrong_key_is_refused_without_noise_and_the_right_one_opens_afterwards(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ReplicaDatabase.open(path, KEY).close()
    before = path.read_bytes()
    with pytest.raises(open_guard.WrongKey):
        ReplicaDatabase.open(path, KEY[::-1])
    assert path.read_bytes() == before
    assert capfd.readouterr().err == ""
    ReplicaDatabase.open(path, KEY).close()


def test_a_flipped_bit_in_the_first_page_is_refused(path: Path) -> None:
    ReplicaDatabase.open(path, KEY).close()
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(open_guard.WrongKey):
        ReplicaDatabase.open(path, KEY)


def test_a_fresh_file_has_no_sqlite_header(path: Path) -> None:
    ReplicaDatabase.open(path, KEY).close()
    assert path.stat().st_size >= 4096
    assert not path.read_bytes().startswith(b"SQLite format 3")


def test_no_word_of_the_person_is_readable_in_file_wal_or_temporary_files(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(scratch))
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with ReplicaDatabase.open(path, KEY) as database:
        with database.writer() as write:
            write.cursor.execute(f"CREATE TABLE {SENTINEL.replace('-', '_')} (id INTEGER PRIMARY KEY, text TEXT)")
            write.cursor.executemany(
                f"INSERT INTO {SENTINEL.replace('-', '_')} (text) VALUES (?)",
                [(f"{SENTINEL} {number} " + "x" * 300,) for number in range(20_000)],
            )
            write.cursor.execute(f"CREATE INDEX by_text ON {SENTINEL.replace('-', '_')} (text DESC)")
        with database.reader() as read:
            read.cursor.execute(f"SELECT text FROM {SENTINEL.replace('-', '_')} ORDER BY text || id").fetchone()
            during = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.name.endswith(("-wal", "-shm"))}
            assert any(name.name.endswith("-wal") and content for name, content in during.items())
            assert list(scratch.iterdir()) == []
    after = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert any(len(content) > 5_000_000 for content in after.values())
    words = (SENTINEL.encode(), SENTINEL.replace("-", "_").encode(), SENTINEL.encode("utf-16-le"))
    readable = [f.name for found in (during, after) for f, content in found.items() if any(w in content for w in words)]
    assert readable == []


def test_every_pooled_connection_is_full_and_guarded(path: Path) -> None:
    common = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "trusted_schema": 0, "temp_store": 2}
    with ReplicaDatabase.open(path, KEY) as database, ExitStack() as stack:
        held = [(stack.enter_context(database.writer()), {**common, "query_only": 0, "cache_size": -16_384})]
        for _ in range(READERS):
            held.append((stack.enter_context(database.reader()), {**common, "query_only": 1, "cache_size": -8_192}))
        distinct = {id(handle.connection.connection.dbapi_connection) for handle, _ in held}
        assert len(distinct) == 1 + READERS
        for handle, expected in held:
            found = {name: handle.cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in expected}
            assert found == expected


def test_a_connection_made_again_by_the_pool_passes_the_guard_again(path: Path) -> None:
    with ReplicaDatabase.open(path, KEY) as database:
        with database.writer() as write:
            write.cursor.execute("CREATE TABLE note (text TEXT)")
        database._writer_connection().invalidate()
        with database.writer() as write:
            assert write.cursor.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize(
    ("name", "weak"), [("synchronous", "NORMAL"), ("journal_mode", "DELETE"), ("foreign_keys", "OFF")]
)
def test_a_setting_that_does_not_hold_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, weak: str
) -> None:
    ReplicaDatabase.open(path, KEY).close()
    _, expected = open_guard.WRITER_PRAGMAS[name]
    monkeypatch.setattr(open_guard, "WRITER_PRAGMAS", {**open_guard.WRITER_PRAGMAS, name: (weak, expected)})
    with pytest.raises(open_guard.SettingNotKept):
        ReplicaDatabase.open(path, KEY)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX file modes")
def test_a_read_only_data_folder_is_said_in_words(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    try:
        with unprivileged(), pytest.raises(FolderNotWritable):
            ReplicaDatabase.open(folder / "replica.db", KEY)
        with unprivileged(), pytest.raises(FolderNotWritable):
            ReplicaDatabase.open(folder / "person" / "replica.db", KEY)
        assert list(folder.iterdir()) == []
    finally:
        folder.chmod(0o755)
        folder.rmdir()


def test_a_data_folder_that_is_a_file_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(FolderNotWritable):
        ReplicaDatabase.open(tmp_path / "data" / "replica.db", KEY)


def test_a_refused_opening_leaves_no_lock_behind(path: Path) -> None:
    ReplicaDatabase.open(path, KEY).close()
    with pytest.raises(ReplicaUnavailable):
        ReplicaDatabase.open(path, KEY[::-1])
    ReplicaDatabase.open(path, KEY).close()


def test_a_bootstrap_written_in_plaintext_is_never_attached(path: Path) -> None:
    beside = path.with_name("bootstrap.db")
    plain = sqlite3.connect(beside)
    plain.execute("CREATE TABLE note (text TEXT)")
    plain.close()
    with ReplicaDatabase.open(path, KEY) as database, pytest.raises(open_guard.FileNotEncrypted):
        database.bootstrap_writer(beside).__enter__()

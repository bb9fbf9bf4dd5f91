"""An archive of an organization: everything of it by the catalog's own list, nothing of another, and no secret."""

import hashlib
import json
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sync_server.application.tenants import exporting, overview
from sync_server.application.tenants.export_content import LEFT_OUT_COLUMNS, LEFT_OUT_TABLES
from sync_server.errors import EnvironmentFailure, RetryLater
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.tables import ABOVE_TENANTS, metadata
from tests.migrations.filling import NORTH, SOUTH, fill, row_id
from tests.support.postgres import both_postgres_ends

CONTENT = b"A picture of a pump." * 100_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ABOVE = {"organization_directory"} | ABOVE_TENANTS
"""Names of the organization itself, which the manifest and its own row tell; and what belongs to nobody."""


@pytest.fixture
def filled(database_url: str) -> str:
    """Two organizations with a row in every table, and a content each has a row of."""
    for organization_id in (NORTH, SOUTH):
        fill(database_url, organization_id)
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE blob SET sha256 = %s, size_bytes = %s", (SHA256, len(CONTENT)))
    return database_url


@pytest.fixture
def store() -> BlobStore:
    found = BlobStore.in_memory()
    for organization_id in (NORTH, SOUTH):
        found.put(f"{organization_id}/{SHA256[:2]}/{SHA256}", CONTENT)
    return found


def exported(database: Database, store: BlobStore, file: Path, organization_id: object = NORTH) -> dict[str, bytes]:
    """Name → content of everything in an archive."""
    exporting.export(database, str(organization_id), slug="north", store=store, file=file)
    with tarfile.open(file) as archive:
        names = archive.getnames()
        assert names[-1] == "manifest.json"
        assert len(names) == len(set(names))
        return {name: found.read() for name in names if (found := archive.extractfile(name)) is not None}


def rows_in(files: dict[str, bytes]) -> dict[str, list[Any]]:
    """Table → rows in an archive."""
    found: dict[str, list[Any]] = {}
    for name, content in files.items():
        if name.endswith(".jsonl"):
            found.setdefault(name.partition("/")[0], []).extend(map(json.loads, content.splitlines()))
    return found


@both_postgres_ends
def test_an_archive_holds_every_row_of_one_organization_and_nothing_of_another(
    filled: str, database: Database, store: BlobStore, tmp_path: Path
) -> None:
    files = exported(database, store, tmp_path / "north.tar.gz")
    rows = rows_in(files)
    assert rows.keys() | LEFT_OUT_TABLES.keys() | ABOVE == set(metadata.tables)
    with psycopg.connect(filled) as connection:
        for table, found in rows.items():
            own = "id" if table == "organization" else "organization_id"
            query = f"SELECT to_jsonb(t) FROM {table} AS t WHERE {own} = %s"
            connection.execute("SET timezone TO 'UTC'")
            stored = [row for (row,) in connection.execute(query.encode(), (NORTH,)).fetchall()]
            if table == "archive":  # its own record comes when it is there
                stored = [row for row in stored if row["kind"] != "export"]
            hidden = LEFT_OUT_COLUMNS.get(table, {})
            assert found == [{name: row[name] for name in row if name not in hidden} for row in stored], table
    foreign = [row_id(SOUTH, table) for table in metadata.tables] + [str(SOUTH)]
    assert [each for each in foreign for content in files.values() if each.encode() in content] == []
    assert files[f"blobs/{SHA256}"] == CONTENT


def test_the_manifest_tells_what_is_in_the_archive_and_what_is_not(
    filled: str, database: Database, store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART_BYTES", 1)
    fill(filled, NORTH, "second")
    with psycopg.connect(filled) as connection:
        connection.execute("UPDATE blob SET complete_at = NULL WHERE sha256 <> %s", (SHA256,))
    files = exported(database, store, tmp_path / "north.tar.gz")
    manifest = json.loads(files.pop("manifest.json"))
    assert (manifest["format"], manifest["organization_id"], manifest["slug"]) == (1, str(NORTH), "north")
    parts = {name: content for name, content in files.items() if not name.startswith("blobs/")}
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "rows": 1} for name, content in parts.items()
    }
    assert "person/0002.jsonl" in parts
    assert (manifest["blobs"], manifest["blob_bytes"], manifest["missing"]) == (1, len(CONTENT), [])
    assert set(manifest["left_out"]) == {
        *LEFT_OUT_TABLES,
        *(f"{table}.{name}" for table, names in LEFT_OUT_COLUMNS.items() for name in names),
    }


def test_no_secret_is_handed_out(filled: str, database: Database, store: BlobStore, tmp_path: Path) -> None:
    """Planted where each secret lies; and what is left out by name is there to be left out."""
    planted = "planted-secret"
    with psycopg.connect(filled) as connection:
        connection.execute("SELECT set_config('app.commit_seq', '1', true)")
        connection.execute("UPDATE user_credential SET password_hash = %(it)s, totp = %(it)s", {"it": planted})
        connection.execute("UPDATE user_session SET refresh_hash = %(it)s, previous_hash = %(it)s", {"it": b"planted"})
        connection.execute("UPDATE device SET lease_nonce = %(it)s, lease_nonce_previous = %(it)s", {"it": planted})
        connection.execute("UPDATE personal_value SET salt = %s", (planted,))
    files = exported(database, store, tmp_path / "north.tar.gz")
    hidden = (planted.encode(), b"planted".hex().encode())
    assert [name for name, content in files.items() for each in hidden if each in content] == []
    columns = {table: set(metadata.tables[table].columns.keys()) for table in LEFT_OUT_COLUMNS}
    assert all(names.keys() <= columns[table] for table, names in LEFT_OUT_COLUMNS.items())
    assert LEFT_OUT_TABLES.keys() <= set(metadata.tables)


def test_a_column_that_looks_like_a_secret_is_left_out_or_known_to_be_none() -> None:
    """Who adds one decides about it here."""
    known = {
        *("device.public_key", "organization.recovery_public_key", "applied_mutation.body_digest"),
        *("import_batch.key", "org_clock.nonce", "org_commit.nonce", "device.chain_head"),
    }
    words = ("password", "secret", "token", "nonce", "salt", "totp", "stamp", "_key", "refresh")
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        if table.name not in LEFT_OUT_TABLES
        for column in table.columns
        if any(word in column.name for word in words) and column.name not in LEFT_OUT_COLUMNS.get(table.name, {})
    }
    assert found <= known


def test_what_the_store_has_lost_is_named(filled: str, database: Database, tmp_path: Path) -> None:
    lost = exporting.export(database, str(NORTH), slug="north", store=BlobStore.in_memory(), file=tmp_path / "a.tar.gz")
    assert (lost.blobs, lost.missing, lost.damaged) == (0, [SHA256], [])
    store = BlobStore.in_memory()
    store.put(f"{NORTH}/{SHA256[:2]}/{SHA256}", b"x" * len(CONTENT))
    damaged = exporting.export(database, str(NORTH), slug="north", store=store, file=tmp_path / "b.tar.gz")
    assert (damaged.missing, damaged.damaged) == ([], [SHA256])


def test_an_archive_follows_no_link_that_somebody_plants_where_it_is_made(
    filled: str, database: Database, store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder where others may write, too, such as /tmp: between looking and making there is time for it."""
    file, others = tmp_path / "north.tar.gz", tmp_path / "others"
    others.write_bytes(b"read by others")
    unlink = Path.unlink

    def planted(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        monkeypatch.setattr(Path, "unlink", unlink)
        path.symlink_to(others)

    monkeypatch.setattr(Path, "unlink", planted)
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        exporting.export(database, str(NORTH), slug="north", store=store, file=file)
    assert others.read_bytes() == b"read by others"
    assert not file.exists()


def test_an_archive_is_there_whole_or_not_at_all(
    filled: str, database: Database, store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "north.tar.gz"
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_write_blobs", lambda *_: _fail())
        with pytest.raises(RetryLater):
            exporting.export(database, str(NORTH), slug="north", store=store, file=file)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        exporting.export(database, str(NORTH), slug="north", store=store, file=tmp_path / "no folder" / "a.tar.gz")
    (tmp_path / "north.tar.gz.making").write_bytes(b"left by a run that was killed")
    exporting.export(database, str(NORTH), slug="north", store=store, file=file)
    written = file.read_bytes()
    with pytest.raises(EnvironmentFailure, match="already"):
        exporting.export(database, str(NORTH), slug="north", store=store, file=file)
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (written, [file])
    assert file.stat().st_mode & 0o077 == 0


def _fail() -> None:
    raise RetryLater("The storage of photos does not answer.")


def test_memory_does_not_grow_with_what_is_handed_out(
    filled: str, database: Database, store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty megabytes of rows, in parts of a quarter of one."""
    monkeypatch.setattr(exporting, "PART_BYTES", 1 << 18)
    with psycopg.connect(filled) as connection:
        connection.execute(
            "INSERT INTO routine_run (organization_id, routine, day, claimed_at, result)"
            " SELECT %s, n, '2026-03-02', now(), repeat('x', 100000) FROM generate_series(1, 400) AS n",
            (NORTH,),
        )
    tracemalloc.start()
    made = exporting.export(database, str(NORTH), slug="north", store=store, file=tmp_path / "north.tar.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    parts = [part.rows for name, part in made.files.items() if name.startswith("routine_run/")]
    assert (sum(parts), len(parts) > 100) == (401, True)
    assert peak < 12 << 20


def test_the_neighbour_has_an_archive_of_his_own(
    filled: str, database: Database, store: BlobStore, tmp_path: Path
) -> None:
    files = exported(database, store, tmp_path / "south.tar.gz", SOUTH)
    (row,) = rows_in(files)["organization"]
    assert row["id"] == str(SOUTH)
    assert len(overview.organizations(database)) == 2

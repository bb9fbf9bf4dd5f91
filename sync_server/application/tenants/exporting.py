"""Handing an organization out: everything that it has, and nothing of another, in one archive that anybody can read.

    manifest.json            last in the archive: an archive without it is none
    organization/0001.jsonl  its own row; then a folder for each table: one JSON object a line, by primary key
    work_order/0001.jsonl    …
    blobs/<sha256>           photos and documents

A gzipped tar. Times are in UTC, bytes are hex, numbers as PostgreSQL keeps them: `row_hash` and others of 64 bits have
more digits than JavaScript holds. The manifest names each file of rows with its SHA-256 and how many rows are in it; a
blob's name is its digest.

All rows are of one moment, read by the owner of the tables, whom row security binds to the one organization. Memory
holds one part of a table and one piece of a file, however much there is.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier, Literal

from sync_server.application.tenants.export_content import LEFT_OUT_COLUMNS, LEFT_OUT_TABLES, left_out
from sync_server.contract.column_types import instant_text
from sync_server.errors import EnvironmentFailure
from sync_server.storage import activity_log, archives, blobs, tenant_tables
from sync_server.storage.activity_log import Entry
from sync_server.storage.archives import Archive
from sync_server.storage.backup_folder import MAKING, sync
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.blobs import Owned
from sync_server.storage.engine import Database

FORMAT = 1
PART_BYTES = 4 << 20
"""Of one file of rows; the last row of it may make it longer."""
CONTENTS = 500
"""Names of contents that are asked for at a time."""
COMPRESSION = 6
UNTIL_IT_IS_DONE = ("statement_timeout", "idle_in_transaction_session_timeout")
COMPLETE = """
SELECT sha256, array_agg(author_id::text ORDER BY author_id), min(size_bytes) FROM blob
WHERE organization_id = %(id)s AND complete_at IS NOT NULL AND sha256 > %(after)s
GROUP BY sha256 ORDER BY sha256 LIMIT %(limit)s
"""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file of rows."""

    sha256: str
    rows: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds.

    Attributes:
        files: Name → what is in it, of all files of rows.
        blobs: How many contents there are, and their bytes together.
        missing: Digests of contents that should be there and are not in the store.
        damaged: Digests under which other bytes lie than they say; those are in the archive.
        left_out: What the organization is not handed, and why.
    """

    format: int
    made_at: str
    organization_id: str
    slug: str
    revision: str
    files: dict[str, Part]
    blobs: int
    blob_bytes: int
    missing: list[str]
    damaged: list[str]
    left_out: dict[str, str]


@dataclass(slots=True)
class _Written:
    """What is in the archive by now."""

    files: dict[str, Part] = field(default_factory=dict)
    blobs: int = 0
    blob_bytes: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def export(database: Database, organization_id: str, *, slug: str, store: BlobStore, file: Path) -> Manifest:
    """Write everything of an organization into a new file. Others go on working meanwhile.

    Args:
        database: Migrated.
        organization_id: Which.
        slug: Its slug, for who reads the archive.
        store: Where its photos lie.
        file: Where to; must not be there yet. It appears whole, or not at all.

    Raises:
        EnvironmentFailure: The file is there already, or cannot be written.
        RetryLater: Database or store do not answer.
    """
    with database.transaction("worker", organization_id) as connection:  # first: nothing is handed out without its line
        activity_log.append(connection, [Entry("organization.exported", row_id=organization_id)])
    with _appearing(file) as making, _one_moment(database, organization_id) as connection:
        written = _Written()
        with tarfile.open(making, "w:gz", compresslevel=COMPRESSION, format=tarfile.PAX_FORMAT) as archive:
            _write_rows(connection, organization_id, archive, written)
            _write_blobs(connection, organization_id, archive, store, written)
            manifest = _manifest(connection, organization_id, slug, written)
            _add(archive, "manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    _record(database, organization_id, file, sum(part.rows for part in manifest.files.values()))
    return manifest


def _record(database: Database, organization_id: str, file: Path, rows: int) -> None:
    """Leave the organization a record of what it was handed; the archive itself cannot have it."""
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    with database.transaction("worker", organization_id) as connection:
        until = datetime.now(UTC).date()
        archives.insert(connection, organization_id, Archive("export", file.name, None, until, rows, sha256))


@contextmanager
def _appearing(file: Path) -> Iterator[Path]:
    """Give a name to write to, which becomes `file` when everything went well, and is gone otherwise."""
    making = file.with_name(file.name + MAKING)
    try:
        if file.exists():
            raise EnvironmentFailure(f"There is something in {file} already. Choose another name.")
        making.unlink(missing_ok=True)
        making.touch(mode=0o600, exist_ok=False)
        try:
            yield making
            sync(making)
            making.rename(file)
        finally:
            making.unlink(missing_ok=True)
        sync(file.absolute().parent)
    except OSError as error:
        raise EnvironmentFailure(f"The archive cannot be written to {file}: {error.strerror}.") from error


@contextmanager
def _one_moment(database: Database, organization_id: str) -> Iterator[Connection[TupleRow]]:
    """Read as the owner of the tables, as one moment shows this organization, for as long as it takes."""
    with database.transaction(
        "migrator", organization_id, isolation=IsolationLevel.REPEATABLE_READ, read_only=True
    ) as connection:
        connection.execute("set local role cmms_owner")
        connection.execute("set local timezone to 'UTC'")
        for name in UNTIL_IT_IS_DONE:
            connection.execute("select set_config(%s, '0', true)", (name,))
        yield connection


def _write_rows(
    connection: Connection[TupleRow], organization_id: str, archive: tarfile.TarFile, written: _Written
) -> None:
    tables: list[tuple[str, str, tuple[str, ...]]] = [("organization", "id", ("id",))]
    tables += [(each.name, "organization_id", each.key) for each in tenant_tables.tenant_tables(connection)]
    for table, own, key in tables:
        if table not in LEFT_OUT_TABLES:
            lines = _lines(connection, _query(table, own, key, organization_id))
            for number, (content, rows) in enumerate(_parts(lines), start=1):
                name = f"{table}/{number:04d}.jsonl"
                _add(archive, name, content)
                written.files[name] = Part(sha256=hashlib.sha256(content).hexdigest(), rows=rows)


def _query(table: str, own: str, key: Iterable[str], organization_id: str) -> Composed:
    """Compose what gives the rows of an organization, each as one JSON object."""
    hidden = SQL("").join(SQL(" - {}").format(Literal(name)) for name in LEFT_OUT_COLUMNS.get(table, ()))
    row = SQL("to_jsonb(t){}").format(hidden) if table in LEFT_OUT_COLUMNS else SQL("row_to_json(t)")
    return SQL("COPY (SELECT {} FROM {} AS t WHERE {} = {} ORDER BY {}) TO STDOUT").format(
        row, Identifier(table), Identifier(own), Literal(organization_id), SQL(", ").join(map(Identifier, key))
    )


def _lines(connection: Connection[TupleRow], query: Composed) -> Iterator[bytes]:
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        copy.set_types(["text"])
        for (line,) in copy.rows():
            yield line.encode() + b"\n"


def _parts(lines: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Put lines together into parts, with how many are in each; no part is empty."""
    part, size = [], 0
    for line in lines:
        part.append(line)
        size += len(line)
        if size >= PART_BYTES:
            yield b"".join(part), len(part)
            part, size = [], 0
    if part:
        yield b"".join(part), len(part)


def _write_blobs(
    connection: Connection[TupleRow],
    organization_id: str,
    archive: tarfile.TarFile,
    store: BlobStore,
    written: _Written,
) -> None:
    after = ""
    while True:
        values = {"id": organization_id, "after": after, "limit": CONTENTS}
        found = connection.execute(COMPLETE, values).fetchall()
        for sha256, author_ids, size in found:
            owned = (Owned(organization_id, author_id, sha256) for author_id in author_ids)
            name = next(filter(None, (blobs.whole_name(store, each, size_bytes=size) for each in owned)), None)
            if name is None:
                written.missing.append(sha256)
            else:
                _write_blob(archive, sha256, store.pieces(name, size=size), size, written)
        if len(found) < CONTENTS:
            return
        after = found[-1][0]


def _write_blob(archive: tarfile.TarFile, sha256: str, pieces: Iterator[bytes], size: int, written: _Written) -> None:
    digest = hashlib.sha256()

    def seen() -> Iterator[bytes]:
        for piece in pieces:
            digest.update(piece)
            yield piece

    _add_stream(archive, f"blobs/{sha256}", seen(), size=size)
    if digest.hexdigest() != sha256:
        written.damaged.append(sha256)
    written.blobs += 1
    written.blob_bytes += size


def _manifest(connection: Connection[TupleRow], organization_id: str, slug: str, written: _Written) -> Manifest:
    (revision,) = connection.execute("select version_num from alembic_version").fetchone() or ("",)
    return Manifest(
        format=FORMAT,
        made_at=instant_text(datetime.now(UTC)),
        organization_id=organization_id,
        slug=slug,
        revision=revision,
        files=written.files,
        blobs=written.blobs,
        blob_bytes=written.blob_bytes,
        missing=written.missing,
        damaged=written.damaged,
        left_out=left_out(),
    )


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    _add_stream(archive, name, iter([content]), size=len(content))


def _add_stream(archive: tarfile.TarFile, name: str, pieces: Iterator[bytes], *, size: int) -> None:
    """Put a file of a known size into the archive, which forgets at once that it has it: many would fill the memory."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, _Pieces(pieces))
    archive.getmembers().clear()


class _Pieces(io.RawIOBase):
    """Pieces of bytes, to be read like a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes, fewer only at the end. `size`: how many, at most a piece or two at a time."""
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        given, self._left = self._left[:size], self._left[size:]
        return given

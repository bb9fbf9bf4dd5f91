"""Backups: made while the server works, proved by restoring them somewhere else, put in place of what was lost.

A command that fails leaves no half backup and no half database. What each does for the devices is told in
sync_server/RUNBOOK.md.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Scalar
from sync_server.errors import CmmsError, EnvironmentFailure
from sync_server.storage import activity_log, backup_blobs, backup_folder, dumping, embedded, epochs, index_check
from sync_server.storage.activity_log import Entry
from sync_server.storage.backup_folder import BLOBS, DUMP, MAKING, ClockThen, Manifest
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.blobs import Owned
from sync_server.storage.engine import Database
from sync_server.storage.migrating import current_revision, head_revision, migrate
from sync_server.storage.roles import ensure_roles, role_password
from sync_server.storage.scratch_folder import scratch_folder

CLOCKS = """
SELECT c.organization_id::text, c.seq, c.epoch::text, coalesce(o.nonce, 0) FROM org_clock AS c
LEFT JOIN org_commit AS o ON o.organization_id = c.organization_id AND o.seq = c.seq
"""
COMPLETE_BLOBS = "SELECT organization_id::text, author_id::text, sha256 FROM blob WHERE complete_at IS NOT NULL"
DURABLE = """
UPDATE org_clock AS c SET durable_seq = greatest(c.durable_seq, %(seq)s) FROM org_commit AS o
WHERE c.organization_id = %(id)s AND c.epoch = %(epoch)s AND c.seq >= %(seq)s
  AND o.organization_id = c.organization_id AND o.seq = %(seq)s AND o.nonce = %(nonce)s
"""
SESSIONS = r"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'cmms\_%'"
"""Of all our roles: a server that nobody talks to keeps only one of its routines."""
RELATIONS = """
SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
"""
"""Whatever somebody made; what came with an extension is no content."""
LEAVING_S = 10.0
"""How long the session of a program that has ended may still be there."""
POLL_S = 0.05
REASON = "a backup was restored"


def back_up(owner_url: str, secret: bytes, *, folder: Path, store: BlobStore) -> tuple[Path, Manifest]:
    """Write a backup into a folder of its own below `folder`; give it and what it holds. The server may go on.

    Raises:
        EnvironmentFailure: the database cannot be read, a file is damaged, or there is no room.
    """
    now = datetime.now(UTC)
    target = folder.absolute() / f"cmms-backup-{now:%Y%m%dT%H%M%SZ}"
    making = target.with_name(target.name + MAKING)
    try:
        if target.exists():
            raise EnvironmentFailure(f"There is a backup in {target} already. Try again in a second.")
        with _making(making), _snapshot(owner_url, secret) as (connection, url, snapshot):
            dumping.dump(url, making / DUMP, snapshot=snapshot)
            backup_folder.sync(making / DUMP)
            files = backup_blobs.fetch(store, making / BLOBS, _blob_names(connection, store))
            manifest = Manifest(
                format=backup_folder.FORMAT,
                made_at=instant_text(now),
                revision=_require_revision(owner_url),
                postgres=dumping.major_of(owner_url),
                clocks=_clocks(connection),
                files={DUMP: backup_folder.digest_of(making / DUMP)}
                | {f"{BLOBS}/{name}": digest for name, digest in files.items()},
            )
            backup_folder.write(making, manifest)
            making.rename(target)
            backup_folder.sync(target.parent)
        _tell_made(owner_url, secret, target, manifest)
    except OSError as error:
        raise EnvironmentFailure(f"The backup cannot be written to {folder}: {error.strerror}.") from error
    return target, manifest


def _tell_made(owner_url: str, secret: bytes, made: Path, manifest: Manifest) -> None:
    """Let each organization's log tell of a backup. Raises EnvironmentFailure where they cannot; it is kept anyway."""
    try:
        with (
            Database(owner_url, secret, allow_old_postgres=True) as database,
            database.transaction("migrator", None) as connection,
        ):
            there = connection.execute(
                "select id::text from organization where id = any(%s::uuid[]) and removal_began_at is null",
                (sorted(manifest.clocks),),
            ).fetchall()
            activity_log.append_to_each(
                connection,
                {
                    id_: Entry("backup.made", new={"backup": made.name, "seq": manifest.clocks[id_].seq})
                    for (id_,) in there
                },
            )
    except CmmsError as problem:  # a database that cannot be written to is one that is backed up in a hurry
        said = f"The backup is whole and lies in {made}, but the activity logs do not tell of it. {problem.sentence}"
        raise EnvironmentFailure(said) from problem


@contextmanager
def _making(folder: Path) -> Iterator[None]:
    """A folder that is gone afterwards, unless it was renamed."""
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _snapshot(owner_url: str, secret: bytes) -> Iterator[tuple[Connection[TupleRow], str, str]]:
    """Hold one snapshot as the backup's role; give the connection, its URL, and the snapshot's name for pg_dump."""
    url = make_conninfo(owner_url, user="cmms_backup", password=role_password(secret, "backup"))
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            (name,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            yield connection, url, name
    except psycopg.Error as error:
        raise EnvironmentFailure("The database cannot be read for a backup. Run migrate first.") from error


def _clocks(connection: Connection[TupleRow]) -> dict[str, ClockThen]:
    lines = connection.execute(CLOCKS).fetchall()
    return {id_: ClockThen(seq=seq, epoch=epoch, nonce=nonce) for id_, seq, epoch, nonce in lines}


def _complete(connection: Connection[TupleRow]) -> list[Owned]:
    return [Owned(*line) for line in connection.execute(COMPLETE_BLOBS).fetchall()]


def _blob_names(connection: Connection[TupleRow], store: BlobStore) -> list[str]:
    """Names of complete contents in the store; that of one which is missing says so when it is fetched."""
    names = {each.former_name if _is_former(store, each) else each.name for each in _complete(connection)}
    return sorted(names)


def _is_former(store: BlobStore, owned: Owned) -> bool:
    return store.size(owned.name) is None and store.size(owned.former_name) is not None


def _require_revision(owner_url: str) -> str:
    stands, needed = current_revision(owner_url), head_revision()
    if stands != needed:
        raise EnvironmentFailure(f"The database stands at revision {stands}, not {needed}. Run migrate first.")
    return needed


def prove(folder: Path, secret: bytes, database: Database) -> dict[str, int]:
    """Restore a backup into a database that is thrown away, look at everything, and tell the server that it is good.

    Devices may forget what a proven backup holds. Gives the commit up to which it holds everything, by organization;
    one whose history is another one by now is left out.

    Raises:
        EnvironmentFailure: the backup is damaged, or does not add up.
    """
    manifest = backup_folder.read(folder)
    backup_folder.require_whole(folder, manifest)
    try:
        with _scratch(secret) as url:
            dumping.load(url, folder / DUMP)
            _require_content(url, manifest)
    except OSError as error:
        raise EnvironmentFailure(f"There is no place for proving the backup: {error.strerror}.") from error
    return {
        organization_id: then.seq
        for organization_id, then in manifest.clocks.items()
        if _note_durable(database, organization_id, then, name=folder.absolute().name)
    }


@contextmanager
def _scratch(secret: bytes) -> Iterator[str]:
    """An empty database with our roles, in a cluster of its own that is gone afterwards."""
    with scratch_folder() as folder, embedded.start(folder, durable=False) as cluster:
        with dumping.connected(cluster.url()) as connection:
            ensure_roles(connection, secret)
        yield dumping.make_database(cluster.url(), "proof")


def _require_content(url: str, manifest: Manifest) -> None:
    """Compare a loaded database with the list of its backup, and with itself."""
    with dumping.connected(url) as connection:
        if _clocks(connection) != manifest.clocks:
            raise EnvironmentFailure("The backup holds another state than its list says.")
        names = {name.removeprefix(f"{BLOBS}/") for name in manifest.files}
        missing = [each for each in _complete(connection) if names.isdisjoint({each.name, each.former_name})]
        if missing:
            raise EnvironmentFailure(f"The backup lacks {len(missing)} files.")
        if sentences := index_check.faults(connection):
            raise EnvironmentFailure("The backup does not add up: " + " ".join(sentences))


def _note_durable(database: Database, organization_id: str, then: ClockThen, *, name: str) -> bool:
    """Note up to where a proven backup holds everything, and let the log tell it; False: of another history."""
    values = {"id": organization_id, "seq": then.seq, "epoch": then.epoch, "nonce": then.nonce}
    with database.transaction("worker", organization_id) as connection:
        is_noted = connection.execute(DURABLE, values).rowcount == 1
        if is_noted:
            activity_log.append(connection, [Entry("backup.verified", new={"backup": name, "seq": then.seq})])
    return is_noted


def restore(folder: Path, owner_url: str, secret: bytes, *, store: BlobStore) -> tuple[Manifest, str | None]:
    """Put a backup in place of the database, with a new epoch for every organization. The server must be stopped.

    Gives what was restored, and the name under which the former database is kept; None: there was none.

    Raises:
        EnvironmentFailure: the backup is damaged or of a newer release, the server still runs, or the database is
            another program's. Nothing is changed.
    """
    manifest = backup_folder.read(folder)
    backup_folder.require_whole(folder, manifest)
    _require_replaceable(owner_url)
    with dumping.connected(owner_url) as connection:
        ensure_roles(connection, secret)
    live = dumping.name_of(owner_url)
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    new, former = f"{live}_restoring_{stamp}", f"{live}_replaced_{stamp}"
    try:
        url = dumping.make_database(owner_url, new)
        dumping.load(url, folder / DUMP)
        _require_content(url, manifest)
        migrate(url, secret)
        _begin_epochs(url, secret, {"backup": folder.absolute().name, "made_at": manifest.made_at})
        names = [name.removeprefix(f"{BLOBS}/") for name in manifest.files if name != DUMP]
        backup_blobs.give_back(folder / BLOBS, store, names)
        _require_replaceable(owner_url)  # again: loading takes long, and somebody may have started the server
        dumping.exchange(owner_url, new, old_becomes=former)
    except OSError as error:
        raise EnvironmentFailure(f"The files of the backup cannot be restored: {error.strerror}.") from error
    finally:
        dumping.drop_database(owner_url, new)
    if _relations(make_conninfo(owner_url, dbname=former)):
        return manifest, former
    dumping.drop_database(owner_url, former)
    return manifest, None


def _require_replaceable(url: str) -> None:
    """Raise EnvironmentFailure while a server works in a database, or when it holds something and nothing of ours."""
    if _is_worked_in(url):
        raise EnvironmentFailure(
            "The server, one of its commands or its PgBouncer is connected. Stop it before you restore."
        )
    if (found := _relations(url) - {"alembic_version"}) and "org_clock" not in found:
        raise EnvironmentFailure("The database holds tables of another program. Restore into an empty one.")


def _is_worked_in(url: str) -> bool:
    """Whether one of our roles has a session that stays; one whose program has just ended takes a moment to go."""
    deadline = time.monotonic() + LEAVING_S
    with dumping.connected(url) as connection:
        while connection.execute(SESSIONS.encode()).fetchone() != (0,):
            if time.monotonic() > deadline:
                return True
            time.sleep(POLL_S)
    return False


def _relations(url: str) -> set[str]:
    with dumping.connected(url) as connection:
        return {name for (name,) in connection.execute(RELATIONS.encode())}


def _begin_epochs(url: str, secret: bytes, told: Mapping[str, Scalar]) -> None:
    with Database(url, secret, allow_old_postgres=True) as database:
        epochs.rotate_all(database, reason=REASON, told=told)

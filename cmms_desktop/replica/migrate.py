"""Bringing a replica's schema up to date: backup, upgrade in one transaction, verify, open (sync.md §10).

Never needs an empty outbox. Interrupted anywhere, the file is the old one or the new one. The copy made before an
upgrade stays beside the file until the upgraded one was opened once more.

Alembic is loaded only when there is something to upgrade: it costs a quarter of a second and 12 MB.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from cmms_desktop.errors import ReplicaUnavailable
from cmms_desktop.replica.connections import unlink_store
from cmms_desktop.replica.database import ReplicaDatabase

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

MIGRATIONS: Final = Path(__file__).parent / "migrations"
BACKUP_SUFFIX: Final = ".before-upgrade"
_alembic: Final = Lock()
"""Alembic keeps the run that is under way in module globals: two threads would get into each other's way."""


class ReplicaNewer(ReplicaUnavailable):
    """A newer version of this program wrote the file; it was not touched."""


class ProgramReplaced(ReplicaUnavailable):
    """An installer put another version in this program's place while it ran; the file was not touched."""


class UpgradeFailed(ReplicaUnavailable):
    """The upgraded store did not pass its checks; the old one is unchanged."""


def upgrade(database: ReplicaDatabase, *, folder: Path = MIGRATIONS) -> None:
    """Make the schema current; does nothing but one read when it is.

    Args:
        folder: Where the revisions lie.

    Raises:
        ProgramReplaced: the revisions that lie on the disk are not those of this program.
        ReplicaNewer: the file has a revision that this program does not know.
        UpgradeFailed: the checks before the commit failed.
    """
    if folder == MIGRATIONS and newest(folder) != NEWEST_AT_START:
        raise ProgramReplaced("This program was updated while it was open. Close its window and start it again.")
    current = revision_of(database)
    backup = database.path.with_name(database.path.name + BACKUP_SUFFIX)
    if current is not None and current == newest(folder):
        unlink_store(backup)
        return
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(folder))
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise ReplicaNewer("A newer version of this program wrote your local store. Update this program to open it.")
    if current is not None:
        database.back_up_to(backup)
    with database.schema_writer() as handle:
        before = _counts(handle.cursor)
        run(handle.connection, scripts)
        _verify(handle.cursor, before)


def newest(folder: Path) -> str | None:
    """Give the newest revision by the name of its file, NNNN_verb_noun.py; None: there is none."""
    return max((path.name.partition("_")[0] for path in (folder / "versions").glob("[0-9]*_*.py")), default=None)


NEWEST_AT_START: Final = newest(MIGRATIONS)
"""What this program knows. An upgrade of the package changes the folder under a program that runs."""


def revision_of(database: ReplicaDatabase) -> str | None:
    """Give the revision of a file; None: it is empty."""
    with database.reader() as handle:
        if not handle.cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        line = handle.cursor.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if line is None else str(line[0])


def run(connection: Connection, scripts: ScriptDirectory) -> None:
    """Run the missing revisions in the transaction that is open on the connection."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    def missing(revision: Any, _: object) -> Any:
        return scripts._upgrade_revs("head", revision)

    with _alembic, EnvironmentContext(Config(), scripts, fn=missing, destination_rev="head") as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def _counts(cursor: Any) -> dict[str, int]:
    names = cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return {name: cursor.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}


def _verify(cursor: Any, before: dict[str, int]) -> None:
    """Compare the rows of tables that stayed, and let SQLite look at every page; the door checks foreign keys."""
    after = _counts(cursor)
    shared = (before.keys() & after.keys()) - {"alembic_version"}
    changed = [name for name in shared if before[name] != after[name]]
    (verdict,) = cursor.execute("PRAGMA integrity_check(1)").fetchone()
    if changed or verdict != "ok":
        raise UpgradeFailed(
            "Your local store could not be brought up to date. It is unchanged; tell the administrator."
        )

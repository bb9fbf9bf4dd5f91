"""Upgrading a replica with a full outbox: whole or not at all, never for a newer file, with a way back."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event

from cmms_desktop.errors import Bug
from cmms_desktop.replica import migrate
from cmms_desktop.replica.connections import unlink_store
from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.draft_revision import draft
from cmms_desktop.replica.migrate import BACKUP_SUFFIX, MIGRATIONS, ReplicaNewer, UpgradeFailed, upgrade
from cmms_desktop.replica.tables import METADATA
from tests.architecture.source_tree import ROOT
from tests.support.replicas import KEY, TECHNICIAN, Field, sign, uid

ORDER = uid(1)
HEAD = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
AFTER = f"{int(HEAD) + 1:04}"
"""Number of the revision that comes next."""
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work_order", sa.Column("shoe_size", sa.Integer))
    op.create_table("shoe", sa.Column("id", sa.Text, primary_key=True))
    op.create_index("work_order_shoe_size", "work_order", ["shoe_size"])
    op.execute("UPDATE work_order SET shoe_size = 44")
    {more}
"""


def revisions(folder: Path, more: str = "pass") -> Path:
    """The revisions of the program, and one more."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = NEXT.format(number=AFTER, head=HEAD, more=more)
    (folder / "versions" / f"{AFTER}_add_shoe_size.py").write_text(text, "utf-8")
    return folder


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    """A replica with pulled orders and mutations in every state."""
    made = Field(tmp_path / "store")
    for number in (1, 2, 3):
        made.add_order(number)
    made.pull()
    for number, fate in ((1, "applied"), (2, "refused"), (3, "waits")):
        with made.replica.write() as write:
            write.set("work_order", uid(number), priority="critical")
            values = {"work_order_id": uid(number), "author_id": TECHNICIAN, "text": fate, "written_at": write.now}
            write.create("comment", values)
        made.server.refuse = {"comment.create"} if fate == "refused" else set()
        if fate != "waits":
            made.push()
    assert made.replica.outbox.seal_next(sign, limit=2) is not None
    with made.replica.write() as write:
        write.set("work_order", uid(3), asset_text="P-4")
    yield made
    made.replica.close()


def file_of(field: Field) -> Path:
    return field.folder / "replica.db"


def contents(path: Path) -> dict[str, list[Any]]:
    """Schema and rows of a closed store."""
    with ReplicaDatabase.open(path, KEY) as database, database.reader() as handle:
        names = [name for (name,) in handle.cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(handle.cursor.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
        schema = handle.cursor.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        return {"": schema, **found}


def fingerprint(folder: Path) -> dict[str, str]:
    """Digest of every file of a closed store."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_revisions_make_the_tables_that_are_declared(tmp_path: Path) -> None:
    with ReplicaDatabase.open(tmp_path / "replica.db", KEY) as database:
        upgrade(database)
        with database.writer() as handle:
            options = {"compare_type": True, "compare_server_default": True}
            context = MigrationContext.configure(handle.connection, opts=options)
            assert compare_metadata(context, METADATA) == []
            made = _shapes(handle.cursor)
    plain = sa.create_engine("sqlite://")
    with plain.connect() as connection:
        METADATA.create_all(connection)
        assert made == _shapes(connection.connection.cursor())


def _shapes(cursor: Any) -> dict[str, Any]:
    """What autogenerate does not compare: partial indexes, uniqueness, and tables without rowid."""
    tables = cursor.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    ).fetchall()
    indexes = cursor.execute(
        "SELECT m.name, lower(m.sql) LIKE '%unique%', lower(m.sql) LIKE '% where %' FROM sqlite_master AS m"
        " WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    left_out = {"alembic_version", "sqlite_schema"}
    return {name: rest for name, *rest in [*tables, *indexes] if name not in left_out}


def test_an_upgrade_keeps_every_row_and_every_mutation(field: Field, tmp_path: Path) -> None:
    field.replica.close()
    before = contents(file_of(field))
    with ReplicaDatabase.open(file_of(field), KEY) as database:
        upgrade(database, folder=revisions(tmp_path / "revisions"))
    after = contents(file_of(field))
    assert {name: rows for name, rows in after.items() if name not in {"", "alembic_version", "shoe"}} == {
        **{name: rows for name, rows in before.items() if name not in {"", "alembic_version"}},
        "work_order": [(*cells, 44) for cells in before["work_order"]],
    }
    assert after["alembic_version"] == [(AFTER,)]


def test_an_upgraded_replica_goes_on_with_its_full_outbox(field: Field, tmp_path: Path) -> None:
    field.replica.close()
    with ReplicaDatabase.open(file_of(field), KEY) as database:
        upgrade(database, folder=revisions(tmp_path / "revisions"))
    field.restart()
    field.server.change("work_order", uid(3), title="Newer")
    field.pull()
    row = field.replica.get("work_order", uid(3))
    assert row is not None
    assert (row["title"], row["priority"], row["asset_text"]) == ("Newer", "critical", "P-4")
    field.sync()
    field.assert_converged()
    assert len(field.replica.outbox.parked()) == 2


def test_a_current_file_is_only_read(field: Field) -> None:
    field.replica.close()
    before = fingerprint(field.folder)
    with ReplicaDatabase.open(file_of(field), KEY) as database:
        upgrade(database)
    assert fingerprint(field.folder) == before


def test_a_newer_file_is_refused_untouched(field: Field) -> None:
    with field.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE alembic_version SET version_num = '9999'")
    field.replica.close()
    before = fingerprint(field.folder)
    with (
        ReplicaDatabase.open(file_of(field), KEY) as database,
        pytest.raises(ReplicaNewer, match="Update this program"),
    ):
        upgrade(database)
    assert fingerprint(field.folder) == before


class FragileDatabase:
    """A store whose schema transaction does `fail` in place of statement number `last`."""

    def __init__(self, database: ReplicaDatabase, last: int, fail: Any) -> None:
        self._database = database
        self._last = last
        self._fail = fail

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def schema_writer(self) -> Iterator[ReplicaHandle]:
        with self._database.schema_writer() as handle:
            left = iter(range(self._last))

            def count(*_: object) -> None:
                if next(left, None) is None:
                    self._fail()

            event.listen(handle.connection, "before_cursor_execute", count)
            try:
                yield handle
            finally:
                event.remove(handle.connection, "before_cursor_execute", count)


class InterruptedUpgradeError(Exception):
    """What happens in place of a statement."""


def interrupt() -> None:
    raise InterruptedUpgradeError


def test_an_upgrade_that_fails_at_any_statement_leaves_the_old_file(field: Field, tmp_path: Path) -> None:
    folder = revisions(tmp_path / "revisions")
    field.replica.close()
    before = contents(file_of(field))
    failures = 0
    while True:
        with ReplicaDatabase.open(file_of(field), KEY) as database:
            try:
                upgrade(cast(ReplicaDatabase, FragileDatabase(database, failures, interrupt)), folder=folder)
                break
            except InterruptedUpgradeError:
                failures += 1
        assert contents(file_of(field)) == before
    assert failures > 5
    assert contents(file_of(field))["alembic_version"] == [(AFTER,)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the fault is a child process that ends itself")
def test_a_program_that_dies_at_any_statement_of_an_upgrade_leaves_the_old_file(field: Field, tmp_path: Path) -> None:
    folder = revisions(tmp_path / "revisions")
    field.replica.close()
    before = contents(file_of(field))
    deaths = 0
    while _upgrade_in_child(file_of(field), folder, deaths) == 17:
        assert contents(file_of(field)) == before
        deaths += 1
    assert deaths > 5
    assert contents(file_of(field))["alembic_version"] == [(AFTER,)]


def _upgrade_in_child(path: Path, folder: Path, last: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            fragile = FragileDatabase(ReplicaDatabase.open(path, KEY), last, lambda: os._exit(17))
            upgrade(cast(ReplicaDatabase, fragile), folder=folder)
            fragile.close()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ('op.execute("DELETE FROM outbox WHERE n = (SELECT max(n) FROM outbox)")', UpgradeFailed),
        ('op.execute("INSERT INTO work_order (id, aggregate_id) VALUES (1, 1)")', UpgradeFailed),
        (
            'op.execute("CREATE TABLE child (id INTEGER REFERENCES meter (id))"); '
            "op.execute(\"INSERT INTO child VALUES ('gone')\")",
            Bug,
        ),
    ],
    ids=["a mutation is lost", "a row appears", "a reference dangles"],
)
def test_an_upgrade_that_does_not_pass_its_checks_is_undone(
    field: Field, tmp_path: Path, more: str, error: type[Exception]
) -> None:
    field.replica.close()
    before = contents(file_of(field))
    with ReplicaDatabase.open(file_of(field), KEY) as database, pytest.raises(error):
        upgrade(database, folder=revisions(tmp_path / "revisions", more))
    assert contents(file_of(field)) == before


def test_the_copy_made_before_an_upgrade_is_the_old_store_and_encrypted(field: Field, tmp_path: Path) -> None:
    field.replica.close()
    before = contents(file_of(field))
    folder = revisions(tmp_path / "revisions")
    backup = field.folder / f"replica.db{BACKUP_SUFFIX}"
    with ReplicaDatabase.open(file_of(field), KEY) as database:
        upgrade(database, folder=folder)
    assert not backup.read_bytes().startswith(b"SQLite format 3")
    assert contents(backup) == before


def test_the_copy_goes_when_the_upgraded_store_was_opened_once_more(field: Field, tmp_path: Path) -> None:
    """Rows that left the device do not live on in it."""
    field.replica.close()
    folder = revisions(tmp_path / "revisions")
    backup = field.folder / f"replica.db{BACKUP_SUFFIX}"
    for is_there in (True, False):
        with ReplicaDatabase.open(file_of(field), KEY) as database:
            upgrade(database, folder=folder)
        assert backup.exists() == is_there


def test_a_new_store_has_no_copy(tmp_path: Path) -> None:
    with ReplicaDatabase.open(tmp_path / "replica.db", KEY) as database:
        upgrade(database)
    assert [path.name for path in tmp_path.iterdir() if BACKUP_SUFFIX in path.name] == []


def test_a_draft_names_what_the_tables_have_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "revisions"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.raises(SystemExit, match="as they are declared"):
        draft("add_nothing", folder=folder)
    wider = sa.MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(wider)
    wider.tables["part"].append_column(sa.Column("shoe_size", sa.Integer))
    monkeypatch.setattr("cmms_desktop.replica.draft_revision.METADATA", wider)
    path = draft("add_shoe_size", folder=folder)
    assert path.name == f"{AFTER}_add_shoe_size.py"
    with ReplicaDatabase.open(tmp_path / "replica.db", KEY) as database:
        upgrade(database, folder=folder)
        with database.reader() as handle:
            names = [line[1] for line in handle.cursor.execute("PRAGMA table_info(part)")]
    assert names[-1] == "shoe_size"
    assert migrate.MIGRATIONS == MIGRATIONS
    unlink_store(tmp_path / "replica.db")


def test_a_revision_is_called_like_its_file() -> None:
    """A store that stands at the last file's number is opened without asking Alembic."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    files = [path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    assert sorted(script.revision for script in scripts.walk_revisions()) == sorted(files)
    assert migrate.newest(MIGRATIONS) == scripts.get_current_head()


def test_a_store_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    field = Field(tmp_path)
    field.replica.close()
    program = (
        "import sys; from pathlib import Path; from cmms_desktop.replica.transaction import Replica\n"
        "Replica.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])).close()\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('alembic', 'mako')])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "replica.db"), KEY.hex()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stdout.strip() == "[]", answer.stderr


def test_a_store_of_the_first_window_is_upgraded_with_everything_in_it(tmp_path: Path) -> None:
    """From revision 0002, with work in every table of the outbox: nothing is lost, and the new columns are empty."""
    old = tmp_path / "old"
    shutil.copytree(MIGRATIONS, old, ignore=shutil.ignore_patterns("__pycache__", "000[3-9]_*", "00[1-9][0-9]_*"))
    path = tmp_path / "replica.db"
    common = "'m', 'g', 'comment.create', 'comment', 'r', 'a', 'sealed', 1, 'd', 3, '2026', '{}', x'7b7d'"
    names = "mutation_id, group_id, type, entity, row_id, aggregate_id, state, device_seq, digest, commit_seq, made_at"
    with ReplicaDatabase.open(path, KEY) as database:
        upgrade(database, folder=old)
        with database.writer() as handle:
            for table in ("outbox", "outbox_done"):
                handle.cursor.execute(f"INSERT INTO {table} ({names}, body, sealed) VALUES ({common})")
            handle.cursor.execute("INSERT INTO sync_state VALUES ('epoch', '\"e\"')")
    before = contents(path)
    with ReplicaDatabase.open(path, KEY) as database:
        upgrade(database)
    after = contents(path)
    assert after["outbox"] == [(*line, None) for line in before["outbox"]]
    assert after["content_sum"] == []
    kept = set(before) - {"", "outbox", "alembic_version"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}

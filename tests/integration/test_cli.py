"""The server's command line: exit codes, sentences, and processes that start and stop as they should."""

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from sync_server.application.seeding.people import PASSWORD
from sync_server.cli import main
from sync_server.storage.engine import Database
from sync_server.storage.migrating import head_revision
from tests.support.kept_logs import kept_logs
from tests.support.memory_disk import cluster_place
from tests.support.postgres import TEST_SECRET

REPOSITORY = Path(__file__).resolve().parents[2]
READY_S = 60
STOP_S = 60
DEVICE = {"id": "0190c1f0-0000-7000-8000-00000000000a", "public_key": "A" * 43, "name": "test", "app_version": "0"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the unprivileged user of an embedded database can reach; pytest's own are closed to him."""
    with tempfile.TemporaryDirectory(prefix="cmms-test-", dir=cluster_place()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The environment of a command, without a database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CMMS_")}
    secret = urlsafe_b64encode(TEST_SECRET).decode().rstrip("=")
    return kept | {"CMMS_DATA": str(folder / "data"), "CMMS_SECRET_KEY": secret, "CMMS_ALLOW_OLD_POSTGRES": "1"}


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process: as `python -m sync_server` would, without a second for its start."""

    def run(environment: dict[str, str], *words: str, stdin: str = "") -> Done:
        with monkeypatch.context() as patch, kept_logs():
            for name in [name for name in os.environ if name.startswith("CMMS_")]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            code = main(words)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


def answer(done: Done) -> dict[str, Any]:
    """The one object on standard output of a command that succeeded in silence."""
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def assert_refused(done: Done, *words: str) -> None:
    """Exit code 2, nothing on standard output, and one sentence with these words."""
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith((".", "`--help` says what can be given."))
    assert [word for word in words if word not in sentence] == []


@contextmanager
def running(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sync_server", *words],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        _, complaint = process.communicate()
        print(complaint)  # pytest shows it when the test has failed


def first_line(stream: Any) -> str:
    """The first line of a process, or '' when it says nothing for long."""
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(READY_S)
    return lines[0] if lines else ""


def sign_in(url: str, slug: str, *, login: str, password: str) -> httpx.Response:
    body = {"organization": slug, "login": login, "password": password, "device": DEVICE}
    return httpx.post(f"{url}/v1/sign-in", json=body, timeout=60)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["migrate", "now"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "-1"],
        ["serve", "--port", "http"],
        ["seed", "--size", "enormous"],
        ["demo-server"],
        ["organization"],
        ["organization", "create"],
        ["organization", "create", "one"],
        ["user", "create", "somebody"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "--help` says what can be given." in said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("CMMS_DATABASE_URL", "no url at all"), ("CMMS_PORT", "many"), ("CMMS_SECRET_KEY", "short")],
)
def test_a_malformed_environment_is_one_sentence(run: Run, environment: dict[str, str], name: str, value: str) -> None:
    assert_refused(run(environment | {name: value}, "migrate"))


def test_a_database_that_is_not_there_is_one_sentence(run: Run, environment: dict[str, str], folder: Path) -> None:
    url = f"postgresql://postgres@/none?host={folder}"
    for command in ("migrate", "serve", "seed"):
        assert_refused(run(environment | {"CMMS_DATABASE_URL": url}, command), "database")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for command in ("migrate", "serve", "seed", "demo-server", "organization", "user"):
        assert command in said


def test_migrate_makes_the_schema_once(run: Run, environment: dict[str, str], empty_database_url: str) -> None:
    environment = environment | {"CMMS_DATABASE_URL": empty_database_url}
    assert answer(run(environment, "migrate", "--json")) == {
        "before": None,
        "revision": head_revision(),
        "restore_point": None,
    }
    again = answer(run(environment, "migrate", "--json"))
    assert again == {"before": head_revision(), "revision": head_revision(), "restore_point": None}
    said = run(environment, "migrate")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"The database was already at revision {head_revision()}.\n"


def test_serve_and_seed_refuse_a_database_without_a_schema(
    run: Run, environment: dict[str, str], empty_database_url: str
) -> None:
    environment = environment | {"CMMS_DATABASE_URL": empty_database_url}
    for command in ("serve", "seed"):
        assert_refused(run(environment, command), "igrate")


def test_organizations_and_people_are_made(
    run: Run, environment: dict[str, str], database_url: str, database: Database
) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    made = answer(run(environment, "organization", "create", "one", "--name", "One", "--json"))
    assert made["slug"] == "one"
    words = ("user", "create", "boss", "--organization", "one", "--name", "Administrator", "--role", "admin", "--json")
    person = answer(run(environment, *words, stdin="a long password\n"))
    with database.transaction("worker", made["organization_id"]) as connection:
        assert connection.execute("select id::text, role from person").fetchall() == [(person["person_id"], "admin")]
    with database.transaction("authn", made["organization_id"]) as connection:
        (stored,) = connection.execute("select password_hash from user_credential").fetchall()
    assert stored[0].startswith("$argon2id$v=19$m=19456,t=2,")


def test_a_person_is_permitted_and_forbidden_something(
    run: Run, environment: dict[str, str], database_url: str, database: Database
) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    made = answer(run(environment, "organization", "create", "one", "--name", "One", "--json"))
    words = ("user", "create", "boss", "--organization", "one", "--name", "Somebody", "--role", "technician")
    run(environment, *words, stdin="a long password\n")
    about = ("boss", "part", "change", "--organization", "one")
    given = answer(run(environment, "user", "permit", *about, "--scope", "organization", "--json"))
    again = answer(run(environment, "user", "permit", *about, "--scope", "organization", "--json"))
    assert given == again, "he has it already"
    with database.transaction("worker", made["organization_id"]) as connection:
        rows = connection.execute(
            "select id::text, resource, action, scope, deleted_at from person_permission"
        ).fetchall()
    assert rows == [(given["person_permission_id"], "part", "change", "organization", None)]
    assert answer(run(environment, "user", "forbid", *about, "--json")) == {"taken": 1}
    assert answer(run(environment, "user", "forbid", *about, "--json")) == {"taken": 0}
    burn = ("boss", "part", "burn", "--organization", "one", "--scope", "site")
    assert_refused(run(environment, "user", "permit", *burn), "no permission")
    assert_refused(run(environment, "user", "permit", *about, "--scope", "far"), "scope")


def test_an_organization_is_searched_on_all_its_sites(
    run: Run, environment: dict[str, str], database_url: str, database: Database
) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    run(environment, "seed", "--size", "small")
    found = answer(run(environment, "search", "pump", "--organization", "demo-hospital", "--limit", "3", "--json"))[
        "found"
    ]
    assert len(found) == 3
    assert all("pump" in f"{each['title']} {each['text']}".lower() for each in found)
    said = run(environment, "search", "nowhere", "--organization", "demo-hospital")
    assert (said.returncode, said.stdout) == (0, "Nothing was found.\n")
    assert_refused(run(environment, "search", "pump", "--organization", "nobody"), "no organization")


def test_what_cannot_be_made_is_one_sentence(run: Run, environment: dict[str, str], database_url: str) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    answer(run(environment, "organization", "create", "one", "--name", "One", "--json"))
    assert_refused(run(environment, "organization", "create", "one", "--name", "Again"), "one", "already")
    assert_refused(run(environment, "organization", "create", "Bad Slug", "--name", "Bad"), "slug")
    user = ("user", "create", "somebody", "--name", "Somebody")
    assert_refused(run(environment, *user, "--organization", "two", "--role", "admin", stdin="long enough\n"), "two")
    assert_refused(run(environment, *user, "--organization", "one", "--role", "boss", stdin="long enough\n"), "role")
    assert_refused(run(environment, *user, "--organization", "one", "--role", "admin", stdin="short\n"), "password")
    site = ("--role", "technician", "--site", "NOWHERE")
    assert_refused(run(environment, *user, "--organization", "one", *site, stdin="long enough\n"), "site")


def test_a_person_without_a_usable_password_is_not_made(
    run: Run, environment: dict[str, str], database_url: str, database: Database
) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    made = answer(run(environment, "organization", "create", "one", "--name", "One", "--json"))
    words = ("user", "create", "boss", "--organization", "one", "--name", "Administrator", "--role", "admin")
    assert_refused(run(environment, *words, stdin="short\n"))
    with database.transaction("worker", made["organization_id"]) as connection:
        assert connection.execute("select count(*) from person").fetchone() == (0,)


def test_serve_answers_until_sigterm_and_names_no_software(environment: dict[str, str], database_url: str) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    with running(environment, "serve", "--port", "0") as server:
        said = json.loads(first_line(server.stderr))
        url = said["event"].removeprefix("serving on ")
        ready = httpx.get(f"{url}/readyz", timeout=60)
        assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
        assert "server" not in ready.headers
        assert httpx.get(f"{url}/livez?token=secret-value", timeout=60).status_code == 200
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=STOP_S)
    assert (server.returncode, out) == (0, "")
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["path"] for line in lines if line["event"] == "request"] == ["/readyz", "/livez"]
    assert "secret-value" not in err


def test_serve_refuses_an_address_that_is_taken(run: Run, environment: dict[str, str], database_url: str) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    with running(environment, "serve", "--port", "0") as server:
        port = json.loads(first_line(server.stderr))["event"].rpartition(":")[2]
        assert_refused(run(environment, "serve", "--port", port), "cannot listen", port)
        assert_refused(run(environment, "serve", "--host", "no.such.host.invalid"), "cannot listen")


def connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_demonstration_starts_answers_and_takes_its_database_along(
    environment: dict[str, str], folder: Path
) -> None:
    with running(environment, "demo-server", "--data", str(folder / "demo"), "--json") as server:
        ready = json.loads(first_line(server.stdout))
        assert set(ready) == {"url", "organizations", "database_url", "pid"}
        assert ready["pid"] == server.pid
        assert ready["url"].startswith("http://127.0.0.1:")
        assert [each["slug"] for each in ready["organizations"]] == ["demo-utilities", "demo-hospital"]
        assert httpx.get(f"{ready['url']}/readyz", timeout=60).status_code == 200
        technician = ready["organizations"][0]["people"][0]
        assert (technician["login"], technician["password"]) == ("technician", PASSWORD)
        session = sign_in(ready["url"], "demo-utilities", login="technician", password=PASSWORD)
        assert (session.status_code, session.json()["person_id"]) == (200, technician["person_id"])
        assert connects(ready["database_url"])
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=STOP_S)
    assert (server.returncode, out, err) == (0, "", "")
    assert not connects(ready["database_url"])
    assert not (folder / "demo" / "postgres" / "data" / "postmaster.pid").exists()


def test_the_demonstration_starts_again_with_what_it_held(environment: dict[str, str], folder: Path) -> None:
    found = []
    for _ in range(2):
        with running(environment, "demo-server", "--data", str(folder / "demo"), "--json") as server:
            ready = json.loads(first_line(server.stdout))
            found.append((ready["organizations"], clock_of(ready["database_url"])))
            server.stdin.close()  # type: ignore[union-attr]
            server.stdin = None
            assert server.wait(STOP_S) == 0
    assert found[0] == found[1]


def clock_of(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select seq, epoch::text from org_clock order by organization_id").fetchall()


def test_other_commands_share_the_database_of_a_running_demonstration(
    run: Run, environment: dict[str, str], folder: Path
) -> None:
    data = folder / "demo"
    with running(environment, "demo-server", "--data", str(data), "--no-seed", "--json") as server:
        ready = json.loads(first_line(server.stdout))
        assert ready["organizations"] == []
        alongside = {name: value for name, value in environment.items() if name != "CMMS_SECRET_KEY"}
        alongside["CMMS_DATA"] = str(data)
        answer(run(alongside, "organization", "create", "beside", "--name", "Beside", "--json"))
        wrong = sign_in(ready["url"], "beside", login="nobody", password=PASSWORD)
        assert (wrong.status_code, wrong.json()["code"]) == (401, "sign_in_failed")
        server.send_signal(signal.SIGTERM)
        assert server.wait(STOP_S) == 0


def test_sigterm_while_starting_leaves_no_database_behind(environment: dict[str, str], folder: Path) -> None:
    with running(environment, "demo-server", "--data", str(folder / "demo")) as server:
        socket = folder / "demo" / "postgres" / "socket" / ".s.PGSQL.5432"
        deadline = time.monotonic() + READY_S
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        server.send_signal(signal.SIGTERM)
        assert server.wait(STOP_S) == 0
    assert not socket.exists()


def test_the_command_line_is_a_module_too(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "sync_server", "serve", "--port", "many"]
    done = subprocess.run(
        words, check=False, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=READY_S
    )
    assert_refused(Done(done.returncode, done.stdout, done.stderr), "port")


def test_seed_says_what_it_made_and_hashes_in_earnest(
    run: Run, environment: dict[str, str], database_url: str, database: Database
) -> None:
    environment = environment | {"CMMS_DATABASE_URL": database_url}
    made = answer(run(environment, "seed", "--json"))
    assert [each["slug"] for each in made["organizations"]] == ["demo-utilities", "demo-hospital"]
    again = run(environment, "seed")
    assert (again.returncode, again.stderr) == (0, "")
    assert PASSWORD in again.stdout
    with database.transaction("authn", made["organizations"][0]["organization_id"]) as connection:
        hashes = connection.execute("select distinct left(password_hash, 30) from user_credential").fetchall()
    assert hashes == [("$argon2id$v=19$m=19456,t=2,p=1",)]

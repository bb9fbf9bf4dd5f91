"""Imports that go wrong leave nothing behind: files that are none, wrong words, a kill in the middle, a lost answer."""

import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sync_server.application.imports import committing, turns
from sync_server.errors import RetryLater
from sync_server.storage.import_rows import has_turn
from tests.support.import_desk import ImportDesk
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import Server

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> ImportDesk:
    desk = ImportDesk(server.organization(), tmp_path)
    desk.organization.site(code="NORTH")
    return desk


def assert_refused(desk: ImportDesk, file: Path, *options: object, says: str) -> None:
    """One sentence and exit code 2, and no row more in any table."""
    before = desk.everything()
    for more in ((), ("--json",), ("--dry-run",)):
        said = desk.say(file, *options, *more)
        assert (said.code, said.out) == (2, "")
        assert len(said.err.splitlines()) == 1
        assert says in said.err
    assert desk.everything() == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("photo.csv", PNG + bytes(200), "it is a picture"),
        ("empty.csv", b"", "it is empty"),
        ("marked.csv", b"\xef\xbb\xbf\r\n", "it is empty"),
        ("binary.csv", bytes(range(256)) * 20, "is not a CSV file"),
        ("prose.csv", b"Dear all, see below.\nThe list\nfollows\nsoon.\nRegards\nNobody\n", "is not a CSV file"),
        ("open.csv", b'Work order number,Short text\r\n1,"never closed\r\n2,b\r\n', "is never closed"),
    ],
)
def test_a_file_that_is_no_csv_is_one_sentence(desk: ImportDesk, name: str, content: bytes, says: str) -> None:
    assert_refused(desk, desk.file(content, name), says=says)


def test_a_workbook_a_folder_and_a_missing_file_are_one_sentence(desk: ImportDesk) -> None:
    with zipfile.ZipFile(desk.folder / "book.xlsx", "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
    assert_refused(desk, desk.folder / "book.xlsx", says="save the sheet as CSV first")
    assert_refused(desk, desk.folder, says="it is a folder")
    assert_refused(desk, desk.folder / "absent.csv", says="there is no such file")


def test_columns_that_cannot_be_guessed_are_asked_for_with_their_names(desk: ImportDesk) -> None:
    file = desk.file("datetime,machineID,comp\r\n" + "2024-03-01 06:00,1,comp1\r\n" * 5)
    assert_refused(desk, file, says="Its columns are datetime, machineID, comp.")
    assert desk.take(file, "--map", "comp=title")["new"] == 5


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--map", "Nothing=title"), "the columns are Work order number, Short text"),
        (("--map", "Short text=colour"), "the fields are"),
        (("--map", "Short text"), "is not of the form COLUMN=field"),
        (("--site", "NOWHERE"), "no site with the code NOWHERE; its sites are NORTH."),
        (("--site", ""), "no site with the code"),
    ],
)
def test_words_that_name_nothing_are_one_sentence(desk: ImportDesk, options: tuple[str, ...], says: str) -> None:
    assert_refused(desk, desk.list_of(3), *options, says=says)


def test_an_unknown_organization_is_one_sentence(desk: ImportDesk) -> None:
    desk.organization.slug = "nobody"
    assert_refused(desk, desk.list_of(3), says="There is no organization called nobody.")


@pytest.mark.parametrize(
    "words", [(), ("work-orders",), ("work-orders", "a.csv"), ("undo",), ("undo", "1"), ("other",)]
)
def test_a_wrong_call_is_one_sentence(desk: ImportDesk, words: tuple[str, ...]) -> None:
    said = desk.run("import", *words)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1


def test_an_order_that_the_database_refuses_takes_the_whole_import_along(desk: ImportDesk) -> None:
    before = desk.everything()
    desk.organization.ask("alter table work_order add constraint no_such_pump check (number <> 'W-1100')")
    try:
        said = desk.say(desk.list_of(1_200))
    finally:
        desk.organization.ask("alter table work_order drop constraint no_such_pump")
    assert (said.code, said.out, said.err) == (2, "", "A value cannot be stored in its field.\n")
    assert desk.everything() == before
    assert_index_is_right(desk.organization)


@pytest.mark.slow
def test_edits_during_an_import_are_never_overwritten_and_nobody_is_in_a_deadlock(desk: ImportDesk) -> None:
    organization = desk.organization
    desk.take(desk.list_of(1_500))
    orders = desk.orders()
    edited = [f"W-{number}" for number in range(1, 1_500, 75)]
    file = desk.list_of(1_500, priority="high")

    def edit(names: list[str]) -> None:
        for name in names:
            desk.edit(orders[name], title=f"{name} is loose")

    with ThreadPoolExecutor(3) as pool:
        halves = [pool.submit(edit, edited[:10]), pool.submit(edit, edited[:9:-1])]
        result = committing.run_import(organization.database, organization.id, file)
        for half in halves:
            half.result()
    after = desk.orders()
    assert [after[name]["title"] for name in edited] == [f"{name} is loose" for name in edited]
    assert sum(row["priority"] == "high" for row in after.values()) == len(result.plan.changed)
    assert all(after[name]["priority"] == "high" for name in orders if name not in edited)
    assert len(result.plan.changed) + result.settled.kept_count == 1_500
    assert_index_is_right(organization)


def writing(desk: ImportDesk, *, for_s: float) -> list[tuple[Any, ...]]:
    """Wait until an import has written something in an open transaction; give its backends."""
    deadline = time.monotonic() + for_s
    query = (
        "select pid from pg_stat_activity where usename = 'cmms_worker' and backend_xid is not null"
        " and datname = current_database()"
    )
    with psycopg.connect(desk.organization.server.owner_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            if found := connection.execute(query).fetchall():
                return found
    return []


@pytest.mark.slow
def test_a_kill_in_the_middle_of_an_import_leaves_nothing(desk: ImportDesk) -> None:
    file = desk.list_of(20_000)
    before = desk.everything()
    words = [sys.executable, "-m", "sync_server", "import", "work-orders", str(file)]
    for pause_s in (0.0, 0.6):
        with subprocess.Popen(
            [*words, "--organization", desk.organization.slug],
            cwd=REPOSITORY,
            env=desk.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            found = writing(desk, for_s=PATIENCE_S)
            assert found, "the import never began to write"
            time.sleep(pause_s)
            process.kill()
            out, _ = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out) == (-signal.SIGKILL, b"")
        gone = time.monotonic() + PATIENCE_S
        while writing(desk, for_s=0.01) and time.monotonic() < gone:
            time.sleep(0.05)
        assert desk.everything() == before
    assert desk.take(desk.list_of(20))["new"] == 20
    assert_index_is_right(desk.organization)


def test_an_import_whose_answer_is_lost_after_commit_is_told_as_done(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []
    attempt = committing._Run.attempt

    def losing(run: committing._Run) -> bool:
        done = attempt(run)
        attempts.append(done)
        if len(attempts) == 1:
            raise RetryLater("The database cannot be reached.")
        return done

    monkeypatch.setattr(committing._Run, "attempt", losing)
    organization = desk.organization
    result = committing.run_import(organization.database, organization.id, desk.list_of(5))
    assert attempts == [True, True]
    assert (len(result.plan.new), len(desk.orders())) == (5, 5)
    assert {row["import_id"] for row in desk.orders().values()} == {result.import_id}


def test_an_import_waits_for_a_turn_no_longer_than_it_may(desk: ImportDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_S", 0.2)
    organization, file = desk.organization, desk.list_of(3)
    with organization.database.transaction("worker", organization.id) as connection:
        assert has_turn(connection, organization.id)
        assert desk.say(file).err == "Another import of this organization is running; try again when it has ended.\n"
        assert desk.take(file, "--dry-run")["new"] == 3
    assert desk.take(file)["new"] == 3

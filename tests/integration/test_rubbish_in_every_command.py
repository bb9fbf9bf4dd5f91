"""Rubbish in every value of every command: one sentence and exit code 2, nothing half done; never a traceback.

The commands come from the parsers, so that none that is added is forgotten.
"""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from tests.support.command_line import Run, commands_of
from tests.support.every_command import Command, every_command, rubbish_for
from tests.support.server_side import Organization, Server

COMMANDS = every_command()
ROLL_OUT = [
    each for each in COMMANDS if each.words[0] in {"device", "enrol-code", "profile", "setup", "pgbouncer-users"}
]
OTHERS = [each for each in COMMANDS if each not in ROLL_OUT]
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
LONGEST_SENTENCE = 700
TABLES = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by c.relname
"""
STARTS_SOMETHING = {
    "demo-server": {"line break", "terminal", "long", "huge", "other digits", "option", "folder", "in nothing"}
}
"""Names of folders in which a demonstration may well begin."""

SAYS_IT_FIRST = {"organization export"}
"""Nothing is handed out without its line in the activity log, so that comes before the file."""


@pytest.fixture(scope="module")
def organization(server: Server) -> Organization:
    return server.organization()


@pytest.fixture
def run(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("CMMS_OWNER_URL", NOWHERE)
    monkeypatch.chdir(tmp_path)
    return commands_of(server, monkeypatch, capsys)


@pytest.fixture
def given(organization: Organization, tmp_path: Path) -> dict[str, str]:
    """What is said beside the rubbish: files that are there, and things as they are written."""
    (tmp_path / "file").write_text("code,title\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    with socket.socket(socket.AF_UNIX) as kept, contextlib.chdir(tmp_path / "folder"):
        kept.bind("socket")
    named = {"organization": organization.slug, "slug": organization.slug, "path_of": str(tmp_path / "file")}
    named |= {"folder": str(tmp_path / "nowhere" / "folder"), "values": "title=north", "currency": "EUR"}
    named |= {"server": "https://sync.north.example", "address": "https://sync.north.example", "float": "1.5"}
    return named | {"_day": "2026-12-01", "_moment": "2026-12-01T08:00", "_amount": "10.00"}


def stands(server: Server, folder: Path) -> frozenset[tuple[object, ...]]:
    """Every table with its rows and every file with its name: what a refused command leaves as it was."""
    with psycopg.connect(server.owner_url) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        each = SQL("select {}, count(*), coalesce(sum(hashtext(t::text)), 0) from {} t")
        asked = SQL(" union all ").join(each.format(Literal(name), Identifier(name)) for name in names)
        rows = connection.execute(asked).fetchall()
    files = {(path, path.lstat().st_size, path.is_file()) for path in folder.rglob("*")}
    return frozenset([*rows, *files])


def complaints(
    command: Command, given: dict[str, str], run: Run, look: Callable[[], frozenset[object]], *, few: bool
) -> list[str]:
    """Call it with each kind of rubbish in each place; tell what was not answered as it should be."""
    found, before = [], look()
    for action in command.values:
        for what, rubbish in rubbish_for(action, Path("folder").absolute(), few=few):
            if what in STARTS_SOMETHING.get(command.name, ()) and action.dest == "data":
                continue
            where = f"{command.name}: {action.dest} is {what}"
            try:
                code, told, said = run(*command.call(given, wrong=action, rubbish=rubbish), stdin="no password\n")
            except Exception as error:
                found.append(f"{where}: {type(error).__name__}: {str(error)[:200]}")
                continue
            if code == 0:
                before = look()
            elif (code, told, len(said.splitlines())) != (2, "", 1) or len(said) > LONGEST_SENTENCE or said[-2] != ".":
                found.append(f"{where}: {code}, {told[:100]!r}, {said[:400]!r}")
    left = look() ^ before if command.name not in SAYS_IT_FIRST else None
    return found if not left else [*found, f"{command.name}: left half done: {sorted(map(str, left))}"]


@pytest.mark.parametrize("command", ROLL_OUT, ids=lambda command: command.name)
def test_rubbish_where_devices_are_rolled_out_is_one_sentence_and_does_nothing(
    command: Command, given: dict[str, str], server: Server, run: Run, tmp_path: Path
) -> None:
    assert complaints(command, given, run, lambda: stands(server, tmp_path), few=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", OTHERS, ids=lambda command: command.name)
def test_rubbish_in_any_other_command_is_one_sentence_and_does_nothing(
    command: Command, given: dict[str, str], server: Server, run: Run, tmp_path: Path
) -> None:
    assert complaints(command, given, run, lambda: stands(server, tmp_path), few=True) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_without_its_database_every_command_says_so_in_one_sentence(
    command: Command, given: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMMS_DATABASE_URL", NOWHERE)
    code, told, said = run(*command.call(given), stdin="no password\n")
    if code == 0:
        assert command.words[0] in {"profile", "record", "permissions-page", "schema-page", "pgbouncer-users"}, (
            "it needs none"
        )
    else:
        assert (code, told, len(said.splitlines())) == (2, "", 1)

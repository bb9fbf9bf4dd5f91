"""Runs PostgreSQL's own pg_dump and pg_restore, and puts one database in place of another.

Knows no tables. A database that is replaced is renamed and stays until somebody drops it.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sync_server.errors import EnvironmentFailure
from sync_server.storage.postgres_binaries import choose_binaries

TIMEOUT_S = 6 * 3600
BESIDE = "template1"
"""Where to connect while the database itself is made, renamed or dropped."""


def major_of(url: str) -> int:
    """Major version of a running server."""
    with connected(url) as connection:
        return connection.info.server_version // 10_000


def name_of(url: str) -> str:
    """Name of the database that a URL leads to."""
    with connected(url) as connection:
        return connection.info.dbname


def dump(url: str, target: Path, *, snapshot: str) -> None:
    """Write a database as one exported snapshot shows it.

    Raises:
        EnvironmentFailure: it cannot be dumped.
    """
    command: list[str | Path] = ["--format=custom", "--compress=6", f"--snapshot={snapshot}", "--file", target]
    _run("pg_dump", url, command, "The database could not be backed up")


def load(url: str, source: Path) -> None:
    """Write a dump into an empty database, all or nothing. `url`: of a superuser, or of who owns the roles.

    Raises:
        EnvironmentFailure: it cannot be loaded.
    """
    command: list[str | Path] = ["--exit-on-error", "--single-transaction", "--no-password", source]
    _run("pg_restore", url, command, "The backup could not be loaded")


def _run(program: str, url: str, words: Sequence[str | Path], what: str) -> None:
    folder = choose_binaries(major=major_of(url)).folder
    where = conninfo_to_dict(url)
    password = str(where.pop("password", "") or "")  # never an argument, which every user of the machine could see
    command = [folder / program, "--dbname", make_conninfo("", **where), *words]
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            env={**os.environ, "PGPASSWORD": password, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailure(f"{what}: {program} does not run.") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or [""]
        raise EnvironmentFailure(f"{what}: {said[0].rpartition('error: ')[2].rstrip('.')}.")


def make_database(url: str, name: str) -> str:
    """Make an empty database beside another one; give its URL."""
    with _beside(url) as connection:
        _do(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        _do(connection, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
        _do(connection, "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", name)
    return make_conninfo(url, dbname=name)


def drop_database(url: str, name: str) -> None:
    """Drop a database beside another one, whoever uses it."""
    with _beside(url) as connection:
        _do(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def exchange(url: str, new: str, *, old_becomes: str) -> None:
    """Give a database the name of the one that `url` leads to, which gets another name: both or none.

    Sessions of the old one are ended.
    """
    live = name_of(url)
    with _beside(url) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (live,))
        with connection.transaction():
            _do(connection, "ALTER DATABASE {} RENAME TO {}", live, old_becomes)
            _do(connection, "ALTER DATABASE {} RENAME TO {}", new, live)


def _do(connection: psycopg.Connection[Any], statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def _beside(url: str) -> Iterator[psycopg.Connection[Any]]:
    with connected(make_conninfo(url, dbname=BESIDE)) as connection:
        yield connection


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Connect with autocommit, and turn what goes wrong into sentences."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise EnvironmentFailure("This database user may not do that. Use the URL of a superuser.") from error
    except psycopg.errors.ObjectInUse as error:
        raise EnvironmentFailure("The database is in use. Stop the server first.") from error
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise EnvironmentFailure(f"The database cannot be used: {reason.rstrip('.')}.") from error

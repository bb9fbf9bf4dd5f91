"""PgBouncer in transaction mode before a cluster of this machine, as a server is run in production; on a free port.

Debian: `apt-get install pgbouncer`. It refuses to run as root, as PostgreSQL does.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sync_server.storage.child_process import KeptChild, run_as
from sync_server.storage.engine import SERVING_ROLES, login_name
from sync_server.storage.roles import role_password
from tests.support.free_port import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PATIENCE_S = 60.0
KEEPS_NAMES_FROM = (1, 22)
"""Versions that can keep prepared statements by themselves, and understand psycopg's DEALLOCATE ALL."""
STATS_USER = "cmms_app_sync"
"""May ask PgBouncer itself how it is."""


def can_keep_names() -> bool:
    """Whether the PgBouncer of this machine is new enough to keep prepared statements by itself."""
    if PROGRAM is None:
        return False
    told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout
    major, minor = told.split()[1].split(".")[:2]
    return (int(major), int(minor)) >= KEEPS_NAMES_FROM


@contextmanager
def a_pgbouncer(
    owner_url: str,
    secret: bytes,
    *,
    pool: int = 12,
    most: int = 48,
    clients: int = 2_000,
    keeps_names: bool = False,
) -> Iterator[str]:
    """Give the URL of a PgBouncer before the database of an owner's URL, gone at the end.

    Args:
        pool: Connections to PostgreSQL for each role.
        most: Connections to PostgreSQL in all.
        clients: Connections that it takes.
        keeps_names: It keeps prepared statements by itself, as one of 1.22 or later does when told to.
    """
    assert PROGRAM is not None, "pgbouncer is not installed"
    target = conninfo_to_dict(owner_url)
    with tempfile.TemporaryDirectory(prefix="cmms-pgbouncer-") as name:
        folder, port = Path(name), free_port()
        users = [f'"{login_name(role)}" "{role_password(secret, role)}"' for role in (*SERVING_ROLES, "migrator")]
        (folder / "users.txt").write_text("\n".join(users) + "\n")
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={target['host']} port={target.get('port', 5432)}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\n"
            f"auth_file = {folder / 'users.txt'}\npool_mode = transaction\ndefault_pool_size = {pool}\n"
            f"max_db_connections = {most}\nmax_client_conn = {clients}\nstats_users = {STATS_USER}\n"
        )
        if can_keep_names():
            with (folder / "pgbouncer.ini").open("a") as file:
                file.write(f"max_prepared_statements = {200 if keeps_names else 0}\n")
        user = run_as(folder / "nobody yet")
        for path in (folder, *folder.iterdir()):
            if user.changes:
                os.chown(path, user.uid, user.gid)
        with (folder / "log").open("wb") as log:
            child = KeptChild([PROGRAM, "-q", folder / "pgbouncer.ini"], user, log=log, held_files=())
        url = make_conninfo("", host="127.0.0.1", port=port, dbname=target["dbname"])
        try:
            wait_for_pgbouncer(url, secret, child, folder / "log")
            yield url
        finally:
            if child.is_running() and not child.signal_and_wait(signal.SIGTERM, timeout_s=PATIENCE_S):
                child.signal_and_wait(signal.SIGKILL, timeout_s=PATIENCE_S)


def wait_for_pgbouncer(url: str, secret: bytes, child: KeptChild, log: Path) -> None:
    """Wait until it lets the server in, or fail with what it says."""
    deadline = time.monotonic() + PATIENCE_S
    while child.is_running() and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            asked = make_conninfo(url, user=STATS_USER, password=role_password(secret, "app_sync"), connect_timeout=5)
            psycopg.connect(asked, prepare_threshold=None).close()
            return
    raise RuntimeError(f"PgBouncer does not answer: {log.read_text()[-1_000:]}")

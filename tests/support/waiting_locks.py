"""Waiting until somebody waits: for tests that let two transactions meet at a lock."""

from collections.abc import Callable
from time import monotonic
from typing import Final

import psycopg

from tests.support.server_side import Organization

PATIENCE_S: Final = 60.0
_WAITING: Final = """
select exists (select from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where a.datname = current_database() and not l.granted), pg_sleep(0.01)"""


def await_a_waiting_lock(organization: Organization, *, unless: Callable[[], bool] = lambda: False) -> None:
    """Return as soon as any connection to the server's database waits for a lock, or something else is so."""
    until = monotonic() + PATIENCE_S
    with psycopg.connect(organization.server.owner_url, autocommit=True) as connection:
        while not unless():
            found = connection.execute(_WAITING).fetchone()
            if found is not None and found[0]:
                return
            assert monotonic() < until, "nobody waits for anything"

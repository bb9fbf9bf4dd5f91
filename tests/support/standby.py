"""A streaming standby of an embedded cluster, in the same machine, to be promoted when the primary has died.

Made as a person would make it: `pg_basebackup -R`, then a second postmaster. It may be cut off from the primary's
stream first, so that it misses the last commits.
"""

import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from sync_server.errors import EnvironmentFailure
from sync_server.storage import cluster_folder
from sync_server.storage.child_process import run_as, run_to_end
from sync_server.storage.cluster_folder import POLL_S, SUPERUSER
from sync_server.storage.embedded import START_TIMEOUT_S, Cluster

PATIENCE_S = 60.0
COPY_TIMEOUT_S = 120.0
APPLICATION = "standby"


class Standby(Cluster):
    """A cluster that follows another one until it is promoted."""

    @classmethod
    def of(cls, primary: Cluster, folder: Path) -> "Standby":
        """Copy the primary into a new folder and follow it."""
        user = run_as(primary.folder / "data")
        folder.mkdir(mode=0o700)
        cluster_folder.hand_over(folder, user)
        host = str(conninfo_to_dict(primary.url())["host"])
        connection = f"host={host} port=5432 user={SUPERUSER} application_name={APPLICATION}"
        words: list[str | Path] = [
            "-D",
            folder / "data",
            "-d",
            connection,
            "-X",
            "stream",
            "-R",
            "-c",
            "fast",
            "--no-sync",
        ]
        done = run_to_end([primary.binaries.folder / "pg_basebackup", *words], user, timeout_s=COPY_TIMEOUT_S)
        assert done.returncode == 0, done.stdout
        standby = cls(folder, durable=False, binaries=primary.binaries, user=user)
        try:
            standby.start()
        except BaseException:
            standby.stop()
            raise
        return standby

    def _wait_until_ready(self) -> None:
        """Wait for either word: a standby that takes readers, or one that was promoted before."""
        status, until = self.folder / "data" / "postmaster.pid", time.monotonic() + START_TIMEOUT_S
        while self.is_running() and time.monotonic() < until:
            if cluster_folder.lines(status)[7:8] in (["ready"], ["standby"]):
                return
            time.sleep(POLL_S)
        raise EnvironmentFailure(f"The standby would not start: {cluster_folder.lines(self._log)[-3:]}")

    def wait_until_level_with(self, primary: Cluster) -> None:
        """Wait until everything that the primary has committed is here."""
        with psycopg.connect(primary.url(), autocommit=True) as asked:
            ((position,),) = asked.execute("select pg_current_wal_flush_lsn()::text").fetchall()
        self._wait_for("select pg_last_wal_replay_lsn() >= %s::pg_lsn", position)

    def cut_off(self) -> None:
        """Hear nothing more of the primary."""
        with psycopg.connect(self.url(), autocommit=True) as asked:
            asked.execute("alter system set primary_conninfo = ''")
            asked.execute("select pg_reload_conf()")
        self._wait_for("select count(*) = 0 from pg_stat_wal_receiver")

    def promote(self) -> None:
        """Become a primary, on a timeline of its own."""
        self._wait_for("select pg_promote(true, 60)")

    def _wait_for(self, query: str, *parameters: object) -> None:
        until = time.monotonic() + PATIENCE_S
        with psycopg.connect(self.url(), autocommit=True) as asked:
            while asked.execute(query.encode(), parameters).fetchone() != (True,):
                assert time.monotonic() < until, f"this never came true: {query}"
                time.sleep(POLL_S)

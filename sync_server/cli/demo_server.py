"""A whole server for a demonstration or a test: its own PostgreSQL, two seeded organizations, a free port."""

import json
import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sync_server.app import blob_store, make_app, make_services
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.application.seeding.demonstration import SeedSummary, seed
from sync_server.authz.passwords import Passwords
from sync_server.cli.databases import ready_database
from sync_server.cli.serving import AnnouncingServer, address_of, listening, make_server, stop_on_signals
from sync_server.config import ServerSettings
from sync_server.http.logs import RequestLog, configure_logs
from sync_server.routines.first_night import first_night
from sync_server.storage.engine import Database

STANDARD_INPUT = 0


def run_demo_server(data_folder: Path, *, port: int, with_seed: bool, as_json: bool) -> None:
    """Serve on a port of this machine (0: a free one) until told to stop, or until the pipe on standard input closes.

    Says on standard output when it is ready. Passwords are hashed cheaply: this is never for real work.
    """
    stop_on_signals()
    configure_logs(level=logging.WARNING)
    settings = replace(demo_settings(data_folder), port=port)
    with ready_database(settings) as (database, url), listening(settings.host, settings.port) as taken:
        summaries: tuple[SeedSummary, ...] = ()
        if with_seed:
            summaries = _seeded(database, settings)
            for summary in summaries:
                _ensure_recovery_key(database, summary, data_folder)
        services = make_services(settings, url, cheap_passwords=True)
        app = make_app(services)
        configure_logs(level=logging.WARNING)  # again: Litestar has put its own in place
        ready = {
            "url": address_of(taken),
            "organizations": [describe(summary) for summary in summaries],
            "database_url": url,
            "pid": os.getpid(),
        }
        announce = partial(_announce, ready, as_json=as_json)
        server = make_server(RequestLog(app), announce, end_streams=services.pokes.close)
        _stop_with_parent(server)
        server.run(sockets=[taken])


def _seeded(database: Database, settings: ServerSettings) -> tuple[SeedSummary, ...]:
    """Make the demonstrations, and what the first night makes of them."""
    now = datetime.now(UTC)
    summaries = seed(database, today=now.date(), passwords=Passwords(cheap=True), store=blob_store(settings))
    for summary in summaries:
        first_night(database, summary.organization_id, at=now)
    return summaries


def _ensure_recovery_key(database: Database, summary: SeedSummary, data_folder: Path) -> None:
    """Keep a demonstration organization's recovery key beside its database; a real one lies anywhere but there."""
    path = data_folder / f"recovery-{summary.slug}.key"
    if not path.exists():
        make_recovery_key(database, summary.organization_id, path, replace=True)


def demo_settings(data_folder: Path) -> ServerSettings:
    """Settings of a demonstration: everything in one folder, a secret of its own, nothing of the environment."""
    settings = ServerSettings.from_environment({"CMMS_DATA": str(data_folder), "CMMS_PORT": "0"})
    return replace(settings, allow_old_postgres=os.environ.get("CMMS_ALLOW_OLD_POSTGRES") == "1")


def describe(summary: SeedSummary) -> dict[str, object]:
    """Say what a demonstration organization holds, as JSON."""
    return asdict(summary)


def _announce(ready: dict[str, object], *, as_json: bool) -> None:
    print(json.dumps(ready) if as_json else f"The demonstration server is ready on {ready['url']}.", flush=True)


def _stop_with_parent(server: AnnouncingServer) -> None:
    """Stop when whoever started us closes our standard input; a terminal or no input at all means nothing."""
    if not stat.S_ISFIFO(os.fstat(STANDARD_INPUT).st_mode):
        return
    threading.Thread(target=_wait_for_end, args=(server.stop,), daemon=True).start()


def _wait_for_end(stop: Callable[[], None]) -> None:
    while os.read(STANDARD_INPUT, 4096):  # not through sys.stdin, whose lock would abort the interpreter's end
        pass
    stop()

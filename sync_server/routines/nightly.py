"""The routines by name, and the thread of each server process that sees to it that organizations get them nightly.

Of several processes one runs a routine of an organization for a day (`routine_run`). A routine that fails is told in
the log and tried again when its claim is old; the others go on. None runs inside a unit of work of anybody else.
"""

import dataclasses
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic

import msgspec

from sync_server.errors import CmmsError
from sync_server.routines import activity_months, archiving
from sync_server.routines.garbage import collect
from sync_server.routines.maintenance import counted, make_orders
from sync_server.routines.metrics import count_metrics
from sync_server.routines.notices import tell_and_clear
from sync_server.routines.recompute import compare
from sync_server.routines.steps import Rest, without_rest
from sync_server.routines.uploads import collect_files
from sync_server.routines.usage import count_usage
from sync_server.routines.windows import end_windows
from sync_server.storage import notification_months, routine_runs
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.meter_readings import make_months

log = logging.getLogger(__name__)

Result = dict[str, int]
Routine = Callable[[Database, str, datetime, Rest], Result]
"""Runs for one organization, as of a moment, and rests between its steps; gives what it did, in numbers."""

NIGHT_AT = timedelta(hours=1)
"""A day's routines are due from 01:00 of the organization's own time on, whenever a server runs then or later."""
LOOK_EVERY_S = 600.0
OFTEN_S = 600.0
"""When what is done all day is due again, also while routines of a night run: looked at between their steps."""
STOP_S = 5.0


def _windows(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return {"orders": end_windows(database, organization_id, at=at, rest=rest)}


def _garbage(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return dataclasses.asdict(collect(database, organization_id, at=at, rest=rest))


def _schedules(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return counted(make_orders(database, organization_id, at=at, rest=rest))


def _recompute(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return {"differences": compare(database, organization_id, rest=rest).count}


def _usage(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return count_usage(database, organization_id, day=at.date())


def _notices(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return dataclasses.asdict(tell_and_clear(database, organization_id, at=at, rest=rest))


def _metrics(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
    return count_metrics(database, organization_id, at=at)


ROUTINES: dict[str, Routine] = {
    "windows": _windows,
    "notices": _notices,
    "gc": _garbage,
    "schedules": _schedules,
    "recompute": _recompute,
    "usage": _usage,
    "metrics": _metrics,
}
"""In the order in which they run: what the first four wrote is compared too."""


def with_files(store: BlobStore) -> dict[str, Routine]:
    """Give all routines, that of the store of photos among them."""

    def files(database: Database, organization_id: str, at: datetime, rest: Rest) -> Result:
        return dataclasses.asdict(collect_files(database, organization_id, store=store, at=at, rest=rest))

    return {**ROUTINES, "files": files}


def run_due(
    database: Database, *, now: datetime, rest: Rest = without_rest, routines: Mapping[str, Routine] | None = None
) -> list[tuple[str, str]]:
    """Run what is due in any organization and nobody else has taken; give (organization, routine) of what was run.

    `routines`: else those that need the database only.
    """
    with database.transaction("worker", None, read_only=True) as connection:
        organizations = routine_runs.organizations(connection)
    return [
        (each, name)
        for each in organizations
        for name in run_for(database, each, now=now, rest=rest, routines=routines)
    ]


def run_for(
    database: Database,
    organization_id: str,
    *,
    now: datetime,
    rest: Rest = without_rest,
    routines: Mapping[str, Routine] | None = None,
) -> list[str]:
    """Run what is due in one organization and nobody else has taken; one that fails keeps no other from running."""
    ran = []
    for name, routine in (ROUTINES if routines is None else routines).items():
        try:
            if _run(database, organization_id, name, routine, now=now, rest=rest):
                ran.append(name)
        except CmmsError as error:
            log.warning("the routine %s of %s could not be run: %s", name, organization_id, error.sentence)
        except Exception as error:  # the others go on whatever happened to this one
            log.error("the routine %s of %s failed", name, organization_id, exc_info=error)
    return ran


def _run(database: Database, organization_id: str, name: str, routine: Routine, *, now: datetime, rest: Rest) -> bool:
    """Run a routine, unless it is not due or somebody else has taken it."""
    with database.transaction("worker", organization_id) as connection:
        day = (now.astimezone(routine_runs.time_zone(connection, organization_id)) - NIGHT_AT).date()
        if not routine_runs.claim(connection, organization_id, name, day=day, now=now):
            return False
    began = monotonic()

    def go_on(took_s: float) -> None:
        with database.transaction("worker", organization_id) as connection:
            moment = now + timedelta(seconds=monotonic() - began)
            routine_runs.renew(connection, organization_id, name, day=day, now=moment)
        rest(took_s)

    result = msgspec.json.encode(routine(database, organization_id, now, go_on)).decode()
    with database.transaction("worker", organization_id) as connection:
        routine_runs.finish(connection, organization_id, name, day=day, now=datetime.now(UTC), result=result)
    log.info("routine %s of %s: %s", name, organization_id, result)
    return True


class Nights:
    """The thread of one process that looks every ten minutes whether a routine is due."""

    def __init__(
        self,
        database: Database,
        routines: Mapping[str, Routine] | None = None,
        *,
        often: Callable[[], object] = lambda: None,
    ) -> None:
        """`often`: done with every look, and between steps of a night."""
        self._database = database
        self._routines = routines
        self._often = often
        self._often_at = 0.0
        self._is_over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Look now and then, until `stop`."""
        self._is_over.clear()
        self._thread = Thread(target=self._run, name="nights", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End soon. A routine that takes longer is cut off between two of its commits, and run again later."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join(STOP_S)
            self._thread = None

    def _run(self) -> None:
        self._try(self._prepare)  # a server that was off for long may have no month to write into
        while not self._is_over.wait(LOOK_EVERY_S):
            self._try(self._look)

    def _prepare(self) -> None:
        make_months(self._database)
        notification_months.make_months(self._database)
        activity_months.make_months(self._database)
        archiving.detach_old_months(self._database)

    def _look(self) -> None:
        self._prepare()
        self._try(self._do_often)
        now = datetime.now(UTC)
        run_due(self._database, now=now, rest=self._rest, routines=self._routines)

    def _rest(self, took_s: float) -> None:
        """Between two steps: a night may take hours."""
        if monotonic() - self._often_at >= OFTEN_S:
            self._try(self._do_often)
        self._is_over.wait(took_s)

    def _do_often(self) -> None:
        self._often_at = monotonic()
        self._often()

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except CmmsError as error:  # the thread goes on: there is another look
            log.warning("nobody could look for routines: %s", error.sentence)

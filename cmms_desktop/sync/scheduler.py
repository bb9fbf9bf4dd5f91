"""Runs the conversation by itself: the one sync thread, when it wakes, and what it says about how things stand.

Decides nothing about a cycle (`engine`) and nothing about time (`rhythm`). Every failure becomes a status with a
sentence; the thread itself ends only by `stop`.
"""

import logging
import math
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from cmms_desktop.errors import (
    LEASE_DAYS,
    Bug,
    CmmsError,
    ContractMismatch,
    EnvironmentFailure,
    LeaseOver,
    Recalled,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SessionExpired,
)
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.engine import Engine, Report
from cmms_desktop.sync.photo_lane import PhotoLane
from cmms_desktop.sync.rhythm import Rhythm
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.sync.status_board import PHOTOS, Listener, StatusBoard
from cmms_desktop.sync.steady_time import Steady, SystemTime
from cmms_desktop.sync.transport import Transport
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules.draft import Key

log = logging.getLogger(__name__)

STOP_S: Final = 2.0
"""How long `stop` waits for the thread. One that is still connecting then ends by itself and touches nothing."""
NEWS_EVERY_S: Final = 10.0
"""While a large scope is fetched other news are asked for so often, whether anybody poked or not."""
LOOK_EVERY_S: Final = 3_600.0
"""How often the lease is looked at while no cycle comes by itself."""
A_DAY: Final = timedelta(days=1)
WARNED_BEFORE: Final = timedelta(days=3)
"""From so much of the lease on the person is told."""
UNEXPECTED: Final = "Something went wrong in this program. Your work is kept; tell your administrator."


class _Stopped(Exception):  # noqa: N818 - no failure: somebody wants the cycle to end here
    """Ends a cycle between two steps."""


class Scheduler:
    """The sync thread of one workplace. All methods may be called from any thread; none waits, except `stop`."""

    def __init__(
        self,
        engine: Engine,
        replica: Replica,
        *,
        photos: PhotoLane,
        transport: Transport,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        steady: Steady | None = None,
        lease_left: Callable[[], timedelta] | None = None,
        lease_days: int = LEASE_DAYS,
    ) -> None:
        """Read how things stand; `start` begins. `clock` is this device's, `chance` gives numbers from 0 to 1.

        `lease_left` looks how long this device may still work without its server; None: for ever, as in a benchmark.
        `lease_days` is what is said of it.
        """
        self._engine, self._replica, self._photos, self._transport = engine, replica, photos, transport
        self._clock = clock
        self._steady = steady or SystemTime()
        self._rhythm = Rhythm(chance)
        self._lease_left, self._lease_days = lease_left, lease_days
        self._wake = threading.Condition()
        """Held while the rhythm is looked at or changed."""
        self._is_stopping = False
        self._is_in_cycle = False
        self._poked_seq = 0
        self._traded_s = 0.0
        """When edits and news last had their turn in this cycle."""
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        status = SyncStatus(last_sync_at=replica.state().last_sync_at)
        self._board = StatusBoard(replace(status, **self._counts()), steady=self._steady.seconds)
        engine.is_text_due = self._is_text_due
        self._unsubscribe = replica.subscribe(self._edited)

    # ---- for everybody

    @property
    def status(self) -> SyncStatus:
        """How things stand now."""
        return self._board.status

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell a listener about changes, in whichever thread has them: progress at most four times a second."""
        return self._board.subscribe(listener)

    def start(self) -> None:
        """Begin with a cycle."""
        self._photos.start(self)
        self._thread.start()

    def sync_now(self) -> None:
        """Begin a cycle as soon as possible; also after somebody has signed in again. Photos are asked for again."""
        self._photos.ask_again()
        with self._wake:
            self._rhythm.asked(self._steady.seconds())
            self._wake.notify_all()

    def poked(self, seq: int) -> None:
        """Begin a cycle soon, because something changed at the server, up to a commit."""
        with self._wake:
            self._poked_seq = seq
            self._rhythm.poked(self._steady.seconds())
            self._wake.notify_all()

    def reached_server(self) -> None:
        """Begin a cycle soon when the server was away: it has just been heard."""
        with self._wake:
            self._rhythm.reached_server(self._steady.seconds())
            self._wake.notify_all()

    def network_changed(self, *, is_metered: bool) -> None:
        """Take what this device knows of its network, which is another one now: ask soon when the server was away."""
        with self._wake:
            self._rhythm.network_changed(self._steady.seconds())
            self._wake.notify_all()
        self._rule_photos(is_metered=is_metered, is_hurried=False)

    def pause_photos(self, is_paused: bool) -> None:
        """Keep the bytes of photos back from the next chunk on, or send them."""
        self._rule_photos(is_paused=is_paused)

    def send_photos_on_metered(self, sends: bool) -> None:
        """Say whether photos may go where each byte costs something. Saying it again changes nothing."""
        if sends != self._photos.rule.sends_on_metered:
            self._rule_photos(sends_on_metered=sends)

    def send_photos_now(self) -> None:
        """Send those that wait now, whatever it costs, until they are sent or the network is another one."""
        self._rule_photos(is_paused=False, is_hurried=True)

    def _rule_photos(self, **values: bool) -> None:
        rule = self._photos.rule
        for name, value in values.items():
            setattr(rule, name, value)
        self._board.change(
            are_photos_paused=rule.is_paused, are_photos_waiting_for_unmetered=rule.is_waiting_for_unmetered
        )
        if rule.may_go:
            self._photos.ask_again()
            if self._engine.reached_end:  # else the next cycle that does lets them begin
                self._photos.begin()

    def stop(self) -> None:
        """End, in the middle of a request if need be. The transport is of no use afterwards."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        self._unsubscribe()
        self._transport.hang_up()
        self._photos.stop()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    # ---- whoever writes

    def _edited(self, keys: frozenset[Key]) -> None:
        """Count what somebody wrote here; what the sync thread itself writes is its own business."""
        if threading.current_thread() is self._thread or self._photos.is_this_thread or self._is_stopping:
            return
        with self._wake:
            self._rhythm.wrote(self._steady.seconds())
            self._wake.notify_all()
        self._board.change(**self._counts())

    # ---- the thread of photos

    def wants_line(self) -> bool:
        """Whether text has the line, or wants it now."""
        with self._wake:
            return self._is_in_cycle or self._rhythm.due_s <= self._steady.seconds()

    def photos_moved(self) -> None:
        """Say how far photos are."""
        counts = self._counts()
        counts["are_photos_waiting_for_unmetered"] = self._photos.rule.is_waiting_for_unmetered
        self._board.revise(lambda status: {**counts, "connection": self._with_photos(status.connection)})

    def photos_in_trouble(self, sentence: str) -> None:
        """Say what is wrong with photos alone."""
        self._board.note_trouble(sentence, at=instant_text(self._clock()), about=PHOTOS)

    def photos_went_well(self) -> None:
        """Nothing is wrong with photos any more."""
        self._board.end_trouble(about=PHOTOS)

    def renew_session(self) -> None:
        """Begin a cycle soon: it finds the session over, and renews it."""
        with self._wake:
            self._rhythm.poked(self._steady.seconds())
            self._wake.notify_all()

    def _with_photos(self, connection: Connection) -> Connection:
        """What the person is told while photos move, and after that."""
        if self._photos.transfer.is_under_way:
            return Connection.SENDING if connection is Connection.ONLINE else connection
        is_over = connection is Connection.SENDING and not self._is_in_cycle
        return Connection.ONLINE if is_over else connection

    # ---- the sync thread

    def _run(self) -> None:
        while turn := self._wait_until_due():
            if turn == "cycle":
                self._cycle()
            else:
                self._lock_when_over()

    def _wait_until_due(self) -> Literal["cycle", "look", ""]:
        """Sleep until a cycle is due, or until the lease is to be looked at when none comes by itself; "": the end."""
        look_at_s = self._steady.seconds() + LOOK_EVERY_S
        with self._wake:
            while not self._is_stopping:
                left_s = self._rhythm.due_s - self._steady.seconds()
                if left_s <= 0:
                    self._rhythm.began()
                    self._traded_s = self._steady.seconds()
                    self._is_in_cycle = True
                    return "cycle"
                is_looking = math.isinf(left_s) and self._lease_left is not None and not self.status.recalled
                if is_looking:
                    left_s = look_at_s - self._steady.seconds()
                    if left_s <= 0:
                        return "look"
                self._steady.wait(self._wake, None if math.isinf(left_s) else left_s)
            return ""

    def _cycle(self) -> None:
        counts = self._counts()
        is_sending = self.status.connection is Connection.ONLINE and bool(counts.get("waiting"))
        connection = Connection.SENDING if is_sending else self.status.connection
        self._board.change(connection=connection, sending=counts.get("waiting", 0), **counts)
        try:
            report = self._engine.sync(progress=self._progressed, with_photos=False)
        except _Stopped:
            return
        except Exception as problem:  # the thread goes on whatever happened; the person is told
            if self._is_stopping:
                return
            self._broke_off(problem)
        else:
            self._completed(report)
        if self._engine.reached_end:  # a batch that stays here keeps no photo back
            self._photos.begin()

    def _progressed(self, report: Report) -> None:
        """Say how far the cycle is. Told between two steps, so this is where it can be ended."""
        if self._is_stopping:
            raise _Stopped
        connection = self.status.connection
        is_busy = bool(self.status.sending or report.sent_again or report.pulled_rows)
        if is_busy and connection is not Connection.STOPPED:
            connection = Connection.SENDING
        if connection is self.status.connection and not self._board.may_tell_progress:
            return
        self._board.change(connection=connection, receiving_rows=report.pulled_rows, **self._counts())

    def _is_text_due(self) -> bool:
        """Whether edits and news go between two slices of a scope: when there are any, and now and then to find out."""
        with self._wake:
            now_s = self._steady.seconds()
            is_due = self._rhythm.take_requests(now_s) or now_s - self._traded_s >= NEWS_EVERY_S
            self._traded_s = now_s if is_due else self._traded_s
        return is_due

    def _completed(self, report: Report) -> None:
        now = instant_text(self._clock())
        is_new = self.status.online_since is None
        self._board.end_trouble()
        with self._wake:
            self._rhythm.went_well(self._steady.seconds())
            if self._poked_seq <= report.pulled_seq:
                self._rhythm.forget_poke()
        self._finish(
            connection=Connection.ONLINE,
            last_sync_at=now,
            received_rows=report.pulled_rows,
            locks_in_days=None,
            problem=None,
            **({"online_since": now} if is_new else {}),
        )

    def _lock_when_over(self) -> None:
        """Close this device when its lease is over, also between cycles."""
        problem = self._found_over(SessionExpired())
        if isinstance(problem, Recalled):
            self._broke_off(problem)

    def _found_over(self, problem: Exception) -> Exception:
        """Look at the lease after a failure, and say it as well; a lease that is over is what stops everything else."""
        if self._lease_left is None or isinstance(problem, Recalled):
            return problem
        try:
            left = self._lease_left()
        except CmmsError:  # the store cannot be read: that is told already
            return problem
        if not left:
            return Recalled("lease", LeaseOver(days=self._lease_days).sentence)
        self._board.change(locks_in_days=math.ceil(left / A_DAY) if left <= WARNED_BEFORE else None)
        return problem

    def _broke_off(self, problem: Exception) -> None:
        problem = self._found_over(problem)
        connection, sentence = _meaning(problem)
        if sentence == UNEXPECTED:
            log.error("a cycle of the conversation failed", exc_info=problem)
        now_s = self._steady.seconds()
        with self._wake:
            match problem:
                case ServerBusy():
                    self._rhythm.was_busy(now_s, problem.retry_after_s)
                case SessionExpired() | Recalled():
                    self._rhythm.lost_session()
                case ContractMismatch() | Refused():
                    self._rhythm.went_well(now_s)
                case _:
                    self._rhythm.failed(now_s)
        self._board.note_trouble(sentence, at=instant_text(self._clock()))
        is_online = connection is Connection.ONLINE
        self._finish(
            connection=connection,
            problem=sentence,
            online_since=self.status.online_since if is_online else None,
            recalled=problem.kind if isinstance(problem, Recalled) else "",
        )

    def _finish(self, **values: Any) -> None:
        with self._wake:
            self._is_in_cycle = False
        self._board.change(sending=0, receiving_rows=0, **values, **self._counts())

    def _counts(self) -> dict[str, Any]:
        """Count what waits, by the names of SyncStatus; nothing when the store cannot be read."""
        try:
            backlog = self._replica.backlog()
        except CmmsError:
            return {}
        return {
            "waiting": backlog.waiting,
            "sending_again": backlog.again,
            "attention": backlog.attention,
            "photos": backlog.photos,
            "photo_bytes": max(0, backlog.photo_bytes - self._photos.transfer.arrived_bytes),
            "photos_to_come": self._photos.transfer.to_come,
        }


def _meaning(problem: Exception) -> tuple[Connection, str]:
    """Say what a failure means for the person, and in which words."""
    match problem:
        case ServerUnreachable():
            return Connection.OFFLINE, problem.sentence
        case ServerBusy():
            return Connection.ONLINE, problem.sentence
        case SessionExpired():
            return Connection.SIGN_IN, problem.sentence
        case Bug():
            return Connection.STOPPED, UNEXPECTED
        case ContractMismatch() | Refused() | Recalled() | EnvironmentFailure():
            return Connection.STOPPED, problem.sentence
        case _:
            return Connection.STOPPED, UNEXPECTED

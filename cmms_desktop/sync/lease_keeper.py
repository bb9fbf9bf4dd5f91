"""Keeps the lease of one device: begins it anew with each answer of the server, and looks how much of it is left.

The mark lies in the replica, encrypted with it. Nothing here locks anything.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from cmms_desktop.replica.lease import LEASE, LeaseMark, answered, looked
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.uptime import UptimeClock, system_uptime


class LeaseKeeper:
    """The lease of one replica. Calls may come from any thread; each is a read, and mostly a write, of the replica."""

    def __init__(
        self,
        replica: Replica,
        *,
        clock: Callable[[], datetime],
        uptime: UptimeClock = system_uptime,
        lease: timedelta = LEASE,
    ) -> None:
        """`clock` is this device's and may be set to anything; `uptime` is what nobody sets.

        `lease`: how long it is; one that was made shorter counts what has passed before that, too.
        """
        self._lease = lease
        self._replica, self._clock, self._uptime = replica, clock, uptime
        self._one_at_a_time = threading.Lock()

    def answered(self) -> None:
        """The server has answered this device's session."""
        with self._one_at_a_time:
            self._keep(answered(self._clock().timestamp(), self._uptime()))

    def left(self) -> timedelta:
        """Look at the clocks and give what is left, at least nothing.

        A replica of a version that kept no mark begins with a whole lease.
        """
        with self._one_at_a_time:
            state = self._replica.state()
            mark, ahead_s = state.lease, (state.offset_ms or 0) / 1000
            now_s, uptime = self._clock().timestamp(), self._uptime()
            seen = answered(now_s, uptime) if mark is None else looked(mark, now_s, uptime, ahead_s=ahead_s)
            if mark is None or mark.left_of(self._lease):
                self._keep(seen)
            return seen.left_of(self._lease)

    def _keep(self, mark: LeaseMark) -> None:
        self._replica.remember(lease=mark)

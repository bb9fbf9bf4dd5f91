"""Counting tries at a person's secret: a growing wait, and after ten only the server can let them try again.

The record lies in the keyring, is written before each check, and survives restarts. It is no protection against who
copied disk and keyring: argon2id is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from cmms_desktop.credentials.secret_store import SecretStore
from cmms_desktop.errors import MustWait, Refused
from cmms_desktop.uptime import Uptime, UptimeClock, system_uptime

TRIES: Final = 10
WAITS_S: Final = (0, 0, 0, 5, 15, 30, 60, 120, 300, 600)
"""Seconds to wait after the n-th wrong try in a row, n from 0 to 9."""

Clock = Callable[[], datetime]
"""The present instant, aware. Injected; may jump either way."""


class _Record(msgspec.Struct, frozen=True):
    failures: int
    """Wrong or unfinished tries in a row, 0 to ``TRIES``."""
    seen_at_s: float
    """Unix seconds of the clock at the last look."""
    not_before_s: float
    """Unix seconds before which no try is taken; counts after the computer was started anew."""
    start: str = ""
    """The start of the computer at the last look, see `Uptime`."""
    free_at_s: float = 0.0
    """Seconds after that start before which no try is taken, whatever the clock is set to."""


_USED_UP: Final = _Record(failures=TRIES, seen_at_s=0.0, not_before_s=0.0)


class AttemptCounter:
    """The tries of one enrolment. Callers serialise their calls."""

    def __init__(
        self, store: SecretStore, *, service: str, name: str, clock: Clock, uptime: UptimeClock = system_uptime
    ) -> None:
        self._store = store
        self._service = service
        self._name = name
        self._clock = clock
        self._uptime = uptime

    def reset(self) -> None:
        """Start afresh: at enrolment, after a right secret, and after a sign-in the server accepted."""
        self._write(_Record(failures=0, seen_at_s=self._now_s(), not_before_s=0.0))

    def begin(self) -> int:
        """Write a try down as failed before it is checked, and return how many are left if it is wrong.

        Raises:
            Refused: ``wait`` or ``server_sign_in_required``; nothing was counted.
        """
        record = self._read()
        if record.failures >= TRIES:
            raise Refused(
                "server_sign_in_required",
                "Too many wrong tries. Sign in to the server once to go on; your work is kept.",
            )
        uptime, now_s = self._uptime(), self._now_s()
        left_s = _left_s(record, now_s, uptime)
        failures = record.failures + (1 if left_s <= 0 else 0)
        wait_s = left_s if left_s > 0 else WAITS_S[failures] if failures < TRIES else 0
        self._write(
            _Record(
                failures=failures,
                seen_at_s=now_s,
                not_before_s=now_s + wait_s,
                start=uptime.start,
                free_at_s=uptime.seconds + wait_s,
            )
        )
        if left_s > 0:
            raise MustWait(math.ceil(left_s))
        return TRIES - failures

    def _now_s(self) -> float:
        return self._clock().timestamp()

    def _read(self) -> _Record:
        """Return the record; one that vanished or cannot be read counts as used up."""
        content = self._store.get(self._service, self._name)
        if content is None:
            return _USED_UP
        try:
            record = msgspec.json.decode(content, type=_Record)
        except msgspec.DecodeError:
            return _USED_UP
        return record if 0 <= record.failures <= TRIES else _USED_UP

    def _write(self, record: _Record) -> None:
        self._store.set(self._service, self._name, msgspec.json.encode(record))


def _left_s(record: _Record, now_s: float, uptime: Uptime) -> float:
    """Give the seconds still to wait: by what nobody can set, or by the clock after the computer was started anew.

    There a clock that went back starts the whole wait again from where it stands.
    """
    if record.start == uptime.start:
        return record.free_at_s - uptime.seconds
    return WAITS_S[record.failures] if now_s < record.seen_at_s else record.not_before_s - now_s

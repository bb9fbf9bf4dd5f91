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
    """Unix seconds before which no try is taken."""


_USED_UP: Final = _Record(failures=TRIES, seen_at_s=0.0, not_before_s=0.0)


class AttemptCounter:
    """The tries of one enrolment. Callers serialise their calls."""

    def __init__(self, store: SecretStore, *, service: str, name: str, clock: Clock) -> None:
        self._store = store
        self._service = service
        self._name = name
        self._clock = clock

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
        record = self._observed(record)
        self._require_waited(record)
        failures = record.failures + 1
        wait_s = WAITS_S[failures] if failures < TRIES else 0
        now_s = record.seen_at_s
        self._write(_Record(failures=failures, seen_at_s=now_s, not_before_s=now_s + wait_s))
        return TRIES - failures

    def _observed(self, record: _Record) -> _Record:
        """Bring the record up to now; a clock that went back starts the whole wait again from where it stands."""
        now_s = self._now_s()
        went_back = now_s < record.seen_at_s
        not_before_s = now_s + WAITS_S[record.failures] if went_back else record.not_before_s
        return _Record(failures=record.failures, seen_at_s=now_s, not_before_s=not_before_s)

    def _require_waited(self, record: _Record) -> None:
        left_s = math.ceil(record.not_before_s - record.seen_at_s)
        if left_s > 0:
            self._write(record)
            raise MustWait(left_s)

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

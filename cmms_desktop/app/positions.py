"""Where this device is, by the receiver that the preferences name. Each question opens it, waits and closes it."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from cmms_desktop.application.positions import Position
from cmms_desktop.application.preferences import Preferences
from cmms_desktop.application.session import NoPosition
from cmms_desktop.devices.positioning.arrival import first_trustworthy_fix, why_no_fix
from cmms_desktop.devices.positioning.fix import Fix, PositionUnavailable
from cmms_desktop.devices.positioning.nmea_source import NmeaSource, recorded_file, serial_receiver, tcp_receiver

NO_RECEIVER: Final = "No receiver is set up on this device. Choose one in Settings, or go on without a position."
ENDED: Final = "The search for a position was ended."

Clock = Callable[[], datetime]


class PreferredPositions:
    """`Positions` over the preferred receiver. Any thread may ask, the newest is served; `close` ends whoever waits."""

    def __init__(self, preferences: Callable[[], Preferences], *, clock: Clock) -> None:
        """Ask for the preferences anew at each question; `clock` is this device's."""
        self._preferences, self._clock = preferences, clock
        self._waiting: set[NmeaSource] = set()
        self._one_at_a_time = threading.Lock()
        self._is_closed = False

    def locate(self, *, within_s: float) -> Position:
        """Wait for a trustworthy position.

        Raises:
            NoPosition: there was none; the sentence says why and what to do.
        """
        source = preferred_source(self._preferences(), clock=self._clock)
        if source is None:
            raise NoPosition(NO_RECEIVER)
        self._begin(source)
        try:
            return position_from(source, within_s=within_s, clock=self._clock, is_wanted=self._is_wanted)
        finally:
            with self._one_at_a_time:
                self._waiting.discard(source)

    def close(self) -> None:
        """End every search; nothing is found any more."""
        with self._one_at_a_time:
            self._is_closed = True
            waiting, self._waiting = tuple(self._waiting), set()
        _end(waiting)

    def _begin(self, source: NmeaSource) -> None:
        """Note a search; an older one ends, for a receiver is nobody's twice and its asker has gone on."""
        with self._one_at_a_time:
            if self._is_closed:
                raise NoPosition(ENDED)
            older, self._waiting = tuple(self._waiting), {source}
        _end(older)

    def _is_wanted(self, source: NmeaSource) -> bool:
        with self._one_at_a_time:
            return source in self._waiting


def _end(sources: Iterable[NmeaSource]) -> None:
    for source in sources:
        with suppress(PositionUnavailable):
            source.close()


def preferred_source(preferences: Preferences, *, clock: Clock) -> NmeaSource | None:
    """Make the source that the preferences name; None: there is none."""
    match preferences.positioning:
        case "nmea_file" if preferences.nmea_file:
            return recorded_file(Path(preferences.nmea_file), clock=clock)
        case "network" if preferences.receiver_host:
            return tcp_receiver(preferences.receiver_host, preferences.receiver_port, clock=clock)
        case "serial" if preferences.serial_line:
            return serial_receiver(preferences.serial_line, clock=clock, baud=preferences.serial_speed_baud)
        case _:
            return None


def _always(_source: NmeaSource) -> bool:
    return True


def position_from(
    source: NmeaSource, *, within_s: float, clock: Clock, is_wanted: Callable[[NmeaSource], bool] = _always
) -> Position:
    """Open a source, wait for its first trustworthy fix, and close it.

    `is_wanted` is asked once it is open: what ended the search before that found nothing to close.

    Raises:
        NoPosition: there was none in that time, or the receiver cannot be reached.
    """
    try:
        with source:
            if not is_wanted(source):
                raise NoPosition(ENDED)
            fix = first_trustworthy_fix(source, within_s=within_s)
            if fix is None:
                raise NoPosition(why_no_fix(source.statistics))
    except PositionUnavailable as error:
        raise NoPosition(error.sentence) from error
    return _position_of(fix, now=clock())


def _position_of(fix: Fix, *, now: datetime) -> Position:
    return Position(
        latitude=fix.latitude,
        longitude=fix.longitude,
        accuracy_m=fix.accuracy_m,
        age_s=max(0.0, fix.age_s(now)),
        source=fix.source,
        is_mock=fix.is_mock,
    )

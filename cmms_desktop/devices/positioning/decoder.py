"""From a stream of bytes to fixes: sentences of one instant are joined, and one refused sentence refuses its instant.

GGA has quality and dilution but no date; RMC has status and date but no dilution. Both carry the same UTC time of
day, which is the key. An instant is closed when a sentence of another time of day comes, so a fix is one instant
late (1 s with an ordinary receiver) and a status V that follows a fine GGA still wins.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from cmms_desktop.devices.positioning.fix import Fix, SourceKind
from cmms_desktop.devices.positioning.framing import LineFramer, sentences_in
from cmms_desktop.devices.positioning.sentences import Reading, UnreadableError, read_sentence
from cmms_desktop.devices.positioning.statistics import Flaw, Statistics

EARLIEST_LIVE = date(2020, 1, 1)
"""No live fix is older than this program. A receiver whose 10-bit week counter ran over reports a day 1,024 weeks
(19.6 years) ago, one without a fix its firmware's day or 1980-01-06: all of these lie before."""

EARLIEST_RECORDED = date(2000, 1, 1)
"""For recordings, which may be old: refuses week 0 of the first two counters, 1980-01-06 and 1999-08-22, and what
lies between."""

CLOCK_LEEWAY = timedelta(days=1)
"""How far ahead of this device's clock, or behind the last accepted fix, a receiver's date may lie."""

DILUTION_LIMIT = 10.0
"""Horizontal dilution above this is refused: an error beyond 50 m proves no presence at a site."""

METRES_PER_DILUTION = 5.0
"""User-equivalent range error (1 sigma) of a single-frequency receiver; accuracy = dilution × this, in metres."""

AGREEMENT_DEGREES = 0.001
"""Two positions of one instant differ by rounding only (RMC may carry fewer digits); this is at most 111 m."""


READINGS_PER_INSTANT = 20
"""More sentences of one instant than any receiver sends (several talkers, four kinds): its time stands still."""


@dataclass(slots=True)
class _Instant:
    """What is known of one UTC time of day so far."""

    at: time
    received_at: datetime
    readings: int = 0
    is_refused: bool = False
    is_contradictory: bool = False
    is_mock: bool = False
    on: date | None = None
    position: tuple[float, float] | None = None
    hdop: float | None = None
    satellites: int | None = None
    accuracy_m: float | None = None

    def take(self, reading: Reading) -> None:
        """Add a reading; a later sentence overwrites an earlier one, a refusal stays."""
        self.readings += 1
        self.is_contradictory |= self._contradicts(reading)
        self.is_mock |= reading.is_mock
        self.on = reading.on or self.on
        self.position = reading.position or self.position
        self.hdop = reading.hdop or self.hdop
        self.satellites = self.satellites if reading.satellites is None else reading.satellites
        self.accuracy_m = reading.accuracy_m or self.accuracy_m

    def _contradicts(self, reading: Reading) -> bool:
        if self.position is None or reading.position is None:
            return False
        pairs = zip(self.position, reading.position, strict=True)
        return any(abs(mine - theirs) > AGREEMENT_DEGREES for mine, theirs in pairs)


@dataclass(slots=True, kw_only=True)
class NmeaDecoder:
    """Decodes one NMEA 0183 stream. Any bytes are fine; nothing is raised; memory is bounded.

    `clock` gives this device's aware UTC time. `is_mock` marks every fix, for streams that are replayed.
    """

    source: SourceKind
    clock: Callable[[], datetime]
    earliest: date = EARLIEST_LIVE
    dilution_limit: float = DILUTION_LIMIT
    is_mock: bool = False
    statistics: Statistics = field(default_factory=Statistics)
    _framer: LineFramer = field(init=False)
    _instant: _Instant | None = field(init=False, default=None)
    _last_taken_at: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._framer = LineFramer(self.statistics)

    def feed(self, chunk: bytes) -> Iterator[Fix]:
        """Take the next bytes and give the fixes of the instants that they complete."""
        for line in self._framer.feed(chunk):
            yield from self._read_line(line)

    def finish(self) -> Iterator[Fix]:
        """The stream ended: read its last line and close its last instant."""
        for line in self._framer.finish():
            yield from self._read_line(line)
        yield from self._close_instant()

    def _read_line(self, line: bytes) -> Iterator[Fix]:
        for raw in sentences_in(line, self.statistics):
            try:
                reading = read_sentence(raw)
            except UnreadableError:
                self.statistics.unparsable += 1
                continue
            if reading is not None:
                yield from self._take(reading)

    def _take(self, reading: Reading) -> Iterator[Fix]:
        yield from self._begin_instant(reading)
        flaws = [*reading.flaws, *self._flaws_by_measure(reading)]
        self.statistics.count(flaws)
        if self._instant is not None and reading.at is not None:
            self._instant.take(reading)
            self._instant.is_refused |= bool(flaws)
            self.statistics.repeated += self._instant.readings > READINGS_PER_INSTANT

    def _begin_instant(self, reading: Reading) -> Iterator[Fix]:
        """Close the instant before, first of all: the dates of this one are measured by its fix."""
        if reading.at is not None and (self._instant is None or self._instant.at != reading.at):
            yield from self._close_instant()
            self._instant = _Instant(reading.at, self.clock())

    def _flaws_by_measure(self, reading: Reading) -> Iterator[Flaw]:
        """Compare with the limit of dilution and with the calendar."""
        if reading.hdop is not None and reading.hdop > self.dilution_limit:
            yield "poor_dilution"
        if reading.on is not None and not self._is_plausible(reading.on):
            yield "impossible_date"

    def _is_plausible(self, day: date) -> bool:
        latest = (self.clock() + CLOCK_LEEWAY).astimezone(UTC).date()
        earliest = self.earliest
        if self._last_taken_at is not None:
            earliest = max(earliest, (self._last_taken_at - CLOCK_LEEWAY).date())
        return earliest <= day <= latest

    def _close_instant(self) -> Iterator[Fix]:
        instant, self._instant = self._instant, None
        if instant is None or instant.is_refused or instant.position is None:
            return
        if instant.on is None:
            self.statistics.undated += 1
        elif instant.is_contradictory:
            self.statistics.contradictory += 1
        else:
            yield from self._accept(instant, instant.position, datetime.combine(instant.on, instant.at, UTC))

    def _accept(self, instant: _Instant, position: tuple[float, float], taken_at: datetime) -> Iterator[Fix]:
        if taken_at == self._last_taken_at:
            self.statistics.repeated += 1
            return
        self._last_taken_at = taken_at
        self.statistics.fixes += 1
        yield self._fix_of(instant, position, taken_at)

    def _fix_of(self, instant: _Instant, position: tuple[float, float], taken_at: datetime) -> Fix:
        by_dilution_m = None if instant.hdop is None else round(instant.hdop * METRES_PER_DILUTION, 1)
        return Fix(
            latitude=position[0],
            longitude=position[1],
            accuracy_m=instant.accuracy_m or by_dilution_m,
            taken_at=taken_at,
            received_at=instant.received_at,
            source=self.source,
            is_mock=self.is_mock or instant.is_mock,
            hdop=instant.hdop,
            satellites=instant.satellites,
        )

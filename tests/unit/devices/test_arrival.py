import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cmms_desktop.devices.positioning.arrival import REASON_CAP, first_trustworthy_fix, manual_position, why_no_fix
from cmms_desktop.devices.positioning.fix import Fix, PositionUnavailable
from cmms_desktop.devices.positioning.nmea_source import NmeaSource, recorded_file
from cmms_desktop.devices.positioning.recording import gga, nmea_sentences, rmc
from cmms_desktop.devices.positioning.statistics import Statistics
from cmms_desktop.errors import EnvironmentFailure, Refused
from sync_server.contract.rules.geofence import Fence, judge
from tests.support.nmea import NOW, SITE, STARTED_AT, UBX_NOISE, new_decoder, standing_still, walk_north


class SlowDoor:
    """A receiver that sends one piece a second, by a clock that only moves when somebody waits; then it is silent."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.now_s = 0.0
        self.connections = 1
        self._pieces = iter(pieces)
        self._next_at_s = 1.0
        self._is_open = True

    def open(self) -> None:
        self._is_open = True

    def read(self, timeout_s: float) -> bytes | None:
        if not self._is_open:
            return None
        if self.now_s + timeout_s < self._next_at_s:
            self.now_s += timeout_s
            return b""
        self.now_s, self._next_at_s = self._next_at_s, self._next_at_s + 1
        return next(self._pieces, b"")

    def wake(self) -> None:
        """Nobody else waits here."""

    def close(self) -> None:
        self._is_open = False

    def monotonic(self) -> float:
        return self.now_s


def live(pieces: list[bytes]) -> tuple[NmeaSource, Callable[[], float]]:
    door = SlowDoor(pieces)
    source = NmeaSource(door, new_decoder, monotonic=door.monotonic)
    source.open()
    return source, door.monotonic


def seconds_of(stream: bytes) -> list[bytes]:
    """One piece for each GGA and what follows it."""
    return [b"$GPGGA" + piece for piece in stream.split(b"$GPGGA")[1:]]


def test_the_first_fix_with_an_accuracy_is_taken() -> None:
    without = [rmc(STARTED_AT + timedelta(seconds=second), *SITE) for second in range(5)]
    later = standing_still(5, started_at=STARTED_AT + timedelta(seconds=5))
    source, monotonic = live([*without, *seconds_of(later)])
    fix = first_trustworthy_fix(source, within_s=30, monotonic=monotonic)
    assert fix is not None
    assert (fix.taken_at.second, fix.accuracy_m) == (5, 4.5)
    assert monotonic() == 7


def test_waiting_ends_on_time_when_nothing_comes() -> None:
    source, monotonic = live([])
    assert first_trustworthy_fix(source, within_s=30, monotonic=monotonic) is None
    assert monotonic() == pytest.approx(30)


@pytest.mark.parametrize(
    "piece", [UBX_NOISE, b"\x00" * 5000, b"$GPGGA,080000.00,52", gga(STARTED_AT, *SITE, quality=0)]
)
def test_waiting_ends_on_time_when_only_garbage_comes(piece: bytes) -> None:
    source, monotonic = live([piece] * 100)
    assert first_trustworthy_fix(source, within_s=30, monotonic=monotonic) is None
    assert monotonic() == pytest.approx(30)


def test_a_recording_without_a_fix_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "void.nmea"
    path.write_bytes(rmc(STARTED_AT, *SITE, status="V") * 50)
    with recorded_file(path, clock=lambda: NOW) as source:
        assert first_trustworthy_fix(source, within_s=600) is None
        assert source.is_exhausted


def test_arriving_at_a_site_is_inside_its_fence(tmp_path: Path) -> None:
    path = tmp_path / "still.nmea"
    path.write_bytes(b"".join(nmea_sentences(*SITE, started_at=STARTED_AT, seconds=3)))
    with recorded_file(path, clock=lambda: NOW) as source:
        fix = first_trustworthy_fix(source, within_s=5)
    assert fix is not None
    fence = Fence(latitude=SITE[0], longitude=SITE[1], radius_m=50)
    later = NOW + timedelta(seconds=20)
    verdict = judge(
        fence, latitude=fix.latitude, longitude=fix.longitude, accuracy_m=fix.accuracy_m, age_s=fix.age_s(later)
    )
    assert verdict.fence == "inside"
    assert fix.age_s(later) == 20
    assert (fix.source, fix.is_mock) == ("nmea-file", True)


def test_a_source_can_be_opened_again_and_starts_from_nothing(tmp_path: Path) -> None:
    path = tmp_path / "walk.nmea"
    path.write_bytes(walk_north([0, 10, 20]))
    source = recorded_file(path, clock=lambda: NOW)
    for _ in range(2):
        source.open()
        assert [round(fix.latitude, 6) for fix in source.fixes()] == [52.372, 52.37209, 52.37218]
        assert (source.statistics.fixes, source.statistics.connections) == (3, 1)
        source.close()
    source.close()


def test_a_recording_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    source = recorded_file(tmp_path / "absent.nmea", clock=lambda: NOW)
    with pytest.raises(PositionUnavailable, match=r"^The recording absent\.nmea cannot be read\.") as caught:
        source.open()
    assert isinstance(caught.value, EnvironmentFailure)
    assert isinstance(caught.value.__cause__, OSError)


def test_a_folder_is_not_a_recording(tmp_path: Path) -> None:
    with pytest.raises(PositionUnavailable):
        recorded_file(tmp_path, clock=lambda: NOW).open()


def test_a_position_by_hand_needs_a_reason() -> None:
    for reason in ("", "  \n\t "):
        with pytest.raises(Refused, match="why"):
            manual_position(*SITE, reason=reason, now=NOW)


@pytest.mark.parametrize(("latitude", "longitude"), [(91.0, 0.0), (0.0, -181.0), (math.nan, 0.0), (0.0, math.inf)])
def test_a_position_by_hand_lies_on_the_planet(latitude: float, longitude: float) -> None:
    with pytest.raises(Refused, match="latitude"):
        manual_position(latitude, longitude, reason="no sky in the basement", now=NOW)


def test_a_position_by_hand_is_unknown_to_every_fence() -> None:
    entered = manual_position(*SITE, reason="  no sky\nin the basement ", now=NOW)
    assert entered.reason == "no sky in the basement"
    assert entered.fix == Fix(
        latitude=SITE[0], longitude=SITE[1], accuracy_m=None, taken_at=NOW, received_at=NOW, source="manual"
    )
    fence = Fence(latitude=SITE[0], longitude=SITE[1], radius_m=50)
    assert judge(fence, latitude=SITE[0], longitude=SITE[1], accuracy_m=None, age_s=0).fence == "unknown"


def test_a_very_long_reason_is_kept_up_to_its_bound() -> None:
    assert len(manual_position(*SITE, reason="x" * 10_000, now=NOW).reason) == REASON_CAP


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Statistics(), "sends nothing"),
        (Statistics(sentences=9), "sends nothing"),
        (Statistics(bad_checksum=5), "cannot be read"),
        (Statistics(stray_lines=5), "cannot be read"),
        (Statistics(sentences=9, void_status=5, bad_checksum=1), "no satellite fix"),
        (Statistics(sentences=9, quality_zero=5), "no satellite fix"),
        (Statistics(sentences=9, poor_dilution=5, void_status=3), "Step away from walls"),
        (Statistics(sentences=9, impossible_date=5, void_status=5), "this device's own date"),
        (Statistics(sentences=900, repeated=80), "frozen"),
        (Statistics(sentences=9, fixes=3), "how exact"),
    ],
)
def test_who_waited_in_vain_is_told_why(counts: Statistics, words: str) -> None:
    assert words in why_no_fix(counts)


def test_reading_a_source_gives_fixes_one_by_one_in_order() -> None:
    source, _ = live(seconds_of(standing_still(10)))
    taken: Iterator[Fix] = source.fixes()
    assert [next(taken).taken_at.second for _ in range(9)] == list(range(9))
    source.close()
    assert [fix.taken_at.second for fix in taken] == [9]
    assert source.is_exhausted

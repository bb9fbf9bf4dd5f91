"""Recordings of real receivers: what each of them is known to do wrong must not become an arrival."""

import math
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from cmms_desktop.devices.positioning.arrival import first_trustworthy_fix
from cmms_desktop.devices.positioning.fix import Fix
from cmms_desktop.devices.positioning.nmea_source import recorded_file
from cmms_desktop.devices.positioning.statistics import Statistics
from sync_server.contract.rules.geofence import Fence, FenceWatch, Offer, haversine_m
from tests.support.shared_data import shared_data

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def replay(path: Path) -> tuple[list[Fix], Statistics]:
    with recorded_file(path, clock=lambda: NOW) as source:
        return list(source.fixes()), source.statistics


def receiver(name: str) -> tuple[list[Fix], Statistics]:
    return replay(shared_data("gps_nmea_gpsd") / f"{name}.log")


@pytest.mark.parametrize(
    ("name", "void", "quality_zero"),
    [("tn200", 19, 19), ("eXplorist110", 9, 9), ("garmin-geko201", 18, 0)],
)
def test_receivers_that_never_had_satellites_never_give_a_fix(name: str, void: int, quality_zero: int) -> None:
    fixes, counts = receiver(name)
    assert fixes == []
    assert (counts.void_status, counts.quality_zero) == (void, quality_zero)


@pytest.mark.parametrize(("name", "bad"), [("firefly-II", 23), ("gp-320fw-2019-04-07-coldboot", 24)])
def test_bad_checksums_are_counted_exactly(name: str, bad: int) -> None:
    assert receiver(name)[1].bad_checksum == bad


@pytest.mark.parametrize(
    "name",
    ["april6_2019", "blumax-gps009", "bt451", "bu353s4", "haicom-305N", "nmea-rtk", "quectel-eg25-g", "telit-he910"],
)
def test_healthy_recordings_have_no_bad_checksum(name: str) -> None:
    assert receiver(name)[1].bad_checksum == 0


@pytest.mark.parametrize(
    ("name", "impossible", "fixes"),
    [
        ("mtk-3301", 6, 4),  # six RMC of January 1980, then 2008
        ("april6_2019", 2, 0),  # "2208-1" and 1999 after the week counter ran over
        ("gp-320fw-2019-04-07-coldboot", 22, 1),  # 2019, then 2006, 2010 and 1999 in 15 RMC and 7 ZDA
        ("bu353s4", 0, 25),
    ],
)
def test_impossible_dates_are_dropped_and_counted(name: str, impossible: int, fixes: int) -> None:
    found, counts = receiver(name)
    assert (counts.impossible_date, len(found)) == (impossible, fixes)


def test_only_the_dates_of_the_recording_itself_survive() -> None:
    assert {fix.taken_at.date().isoformat() for fix in receiver("mtk-3301")[0]} == {"2008-08-23"}
    assert {fix.taken_at.date().isoformat() for fix in receiver("gp-320fw-2019-04-07-coldboot")[0]} == {"2019-04-07"}


@pytest.mark.parametrize(("name", "dropped"), [("hp58534a", 13), ("mtk-3301", 3), ("garmin48", 1), ("sl869", 1)])
def test_sentences_without_a_checksum_are_dropped_and_counted(name: str, dropped: int) -> None:
    assert receiver(name)[1].no_checksum == dropped


def test_a_receiver_without_any_checksum_gives_no_fix() -> None:
    assert receiver("hp58534a")[0] == []


@pytest.mark.parametrize(
    ("name", "fixes", "poor"),
    [("haicom-305N", 62, 6), ("myguide-3100", 0, 9), ("sl869", 6, 2), ("tomtom-mkII", 4, 0), ("quectel-eg25-g", 23, 0)],
)
def test_fixes_are_exactly_those_that_can_be_trusted(name: str, fixes: int, poor: int) -> None:
    found, counts = receiver(name)
    assert (len(found), counts.poor_dilution) == (fixes, poor)
    assert all(fix.hdop is None or fix.hdop <= 10 for fix in found)


@pytest.mark.parametrize(
    ("name", "latitude", "longitude"),
    [
        ("bu353s4", -37.7848, 175.3149),
        ("garmin48", -45.4576, 167.1528),
        ("nmea-rtk", 41.5749, -93.7506),
        ("quectel", -36.7460, 174.7345),
        ("telit-he910", 50.8402, 4.3471),
    ],
)
def test_positions_lie_where_the_recording_was_made(name: str, latitude: float, longitude: float) -> None:
    fixes, _ = receiver(name)
    assert fixes
    assert all(haversine_m(latitude, longitude, fix.latitude, fix.longitude) < 250 for fix in fixes)


def test_the_receivers_that_move_are_seen_moving() -> None:
    fixes, _ = receiver("quectel-eg25-g")
    first, last = fixes[0], fixes[-1]
    assert 20 < haversine_m(first.latitude, first.longitude, last.latitude, last.longitude) < 250


def test_a_stream_cut_into_pieces_gives_its_fix_when_the_pieces_are_joined(tmp_path: Path) -> None:
    raw = (shared_data("gps_nmea_gpsd") / "tcp-torture.log").read_bytes()
    joined = tmp_path / "joined.log"
    joined.write_bytes(raw.replace(b"|", b""))  # the bars mark where the recording was delayed
    fixes, counts = replay(joined)
    assert [(fix.taken_at.isoformat(), fix.accuracy_m) for fix in fixes] == [("2007-12-23T19:32:21+00:00", 8.5)]
    assert counts.stray_lines == 1


MALFORMED = {
    "feyman_nmea": (0, {}),
    "pygpsdata-BADHDR": (2, {"unparsable": 1}),
    "pygpsdata-badeof": (1, {"no_checksum": 1}),
    "pygpsdata-maritime": (0, {}),
    "pygpsdata-mixed": (0, {"undated": 2, "no_checksum": 2, "stray_lines": 10}),
    "pygpsdata-nmea4": (0, {"contradictory": 1}),
    "pygpsdata-nmea4lc": (1, {}),
    "pygpsdata-nmeabadck": (1, {"bad_checksum": 2}),
    "pygpsdata-nmeabadck2": (1, {"no_checksum": 1}),
    "pygpsdata-nmeafoo1": (1, {}),
    "pygpsdata-nmeastartup": (0, {"void_status": 1, "quality_zero": 1}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_streams_are_survived_and_accounted_for(name: str) -> None:
    fixes, counts = replay(shared_data("gps_pynmeagps_malformed") / f"{name}.log")
    expected_fixes, expected_counts = MALFORMED[name]
    assert len(fixes) == expected_fixes
    dropped = ("bad_checksum", "no_checksum", "unparsable", "stray_lines", "void_status", "quality_zero")
    found = {each: getattr(counts, each) for each in (*dropped, "undated", "contradictory")}
    assert found == dict.fromkeys(found, 0) | expected_counts


def test_the_first_trustworthy_fix_says_how_good_it_is() -> None:
    with recorded_file(shared_data("gps_nmea_gpsd") / "bu353-glonass.log", clock=lambda: NOW) as source:
        fix = first_trustworthy_fix(source, within_s=10)
    assert fix is not None  # the recording begins between two sentences: its first fix has no dilution
    assert (fix.accuracy_m, fix.satellites, fix.is_mock) == (24.4, 5, True)


@cache
def amsterdam() -> list[Fix]:
    fixes, counts = replay(shared_data("gps_signalk") / "gps-amsterdam-2014.log")
    assert (counts.bad_checksum, counts.impossible_date, len(fixes)) == (0, 0, 1201)
    return fixes


def offers_made(fixes: list[Fix], fence: Fence) -> list[Offer]:
    watch, made = FenceWatch(fence), []
    for fix in fixes:
        watch, offer = watch.feed(
            fix.taken_at.timestamp(), latitude=fix.latitude, longitude=fix.longitude, accuracy_m=fix.accuracy_m
        )
        made += [offer] if offer else []
    return made


def test_twenty_minutes_of_standing_still_are_one_arrival_and_no_departure() -> None:
    fixes = amsterdam()
    assert (fixes[-1].taken_at - fixes[0].taken_at).total_seconds() == pytest.approx(1200, abs=2)
    first = fixes[0]
    here = Fence(latitude=first.latitude, longitude=first.longitude, radius_m=50)
    assert offers_made(fixes, here) == ["arrive"]


@pytest.mark.parametrize("bearing", range(0, 360, 45))
@pytest.mark.parametrize("metres", [10, 25, 40, 55, 70])
def test_wherever_the_site_is_near_by_jitter_makes_no_departure(bearing: int, metres: float) -> None:
    fixes = amsterdam()
    latitude = fixes[0].latitude + metres * math.cos(math.radians(bearing)) / 111_195
    longitude = fixes[0].longitude + metres * math.sin(math.radians(bearing)) / 111_195 / math.cos(math.radians(52.37))
    made = offers_made(fixes, Fence(latitude=latitude, longitude=longitude, radius_m=50))
    assert made in ([], ["arrive"])

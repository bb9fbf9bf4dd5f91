from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynmeagps import NMEAReader

from cmms_desktop.devices.positioning.recording import checked, nmea_sentences
from tests.support.nmea import STARTED_AT, decode


def test_a_known_sentence_gets_its_known_checksum() -> None:
    body = "GPGGA,085411.000,5222.3215,N,00454.5778,E,1,4,2.95,16.0,M,47.0,M,,"  # of a real receiver
    assert checked(body) == f"${body}*61\r\n".encode()


def test_a_recording_is_two_lines_a_second() -> None:
    lines = list(nmea_sentences(52.372, 4.9096, started_at=STARTED_AT, seconds=3))
    assert [line[:6] for line in lines] == [b"$GPGGA", b"$GPRMC"] * 3
    assert all(NMEAReader.parse(line) is not None for line in lines)
    assert list(nmea_sentences(52.372, 4.9096, started_at=STARTED_AT, seconds=0)) == []


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0.5, 10))
def test_what_is_written_is_read_back(latitude: float, longitude: float, hdop: float) -> None:
    recording = b"".join(nmea_sentences(latitude, longitude, started_at=STARTED_AT, seconds=2, hdop=hdop))
    fixes = decode(recording)
    assert [fix.taken_at for fix in fixes] == [STARTED_AT, STARTED_AT + timedelta(seconds=1)]
    for fix in fixes:
        assert fix.latitude == pytest.approx(latitude, abs=2e-7)
        assert fix.longitude == pytest.approx(longitude, abs=2e-7)
        assert fix.hdop == pytest.approx(hdop, abs=0.006)


def test_an_instant_of_another_time_zone_is_written_in_utc() -> None:
    started_at = datetime(2026, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    recording = b"".join(nmea_sentences(1, 1, started_at=started_at, seconds=1))
    assert [fix.taken_at for fix in decode(recording)] == [datetime(2026, 3, 1, 22, 30, tzinfo=UTC)]

from datetime import UTC, date, datetime, timedelta

import pytest

from cmms_desktop.devices.positioning.decoder import EARLIEST_RECORDED
from cmms_desktop.devices.positioning.recording import checked, gga, rmc
from tests.support.nmea import NOW, SITE, STARTED_AT, decode, new_decoder, standing_still

AT = STARTED_AT
GST = checked("GPGST,080000.00,4.0,,,,3.0,4.0,9.0")


def refused(stream: bytes) -> dict[str, int]:
    """Decode a stream that must give no fix and tell which counters moved."""
    decoder = new_decoder()
    assert decode(stream, decoder=decoder) == []
    counts = decoder.statistics
    names = ("void_status", "quality_zero", "estimated", "out_of_range", "poor_dilution", "impossible_date")
    more = ("undated", "contradictory", "repeated", "unparsable", "bad_checksum", "no_checksum")
    return {name: getattr(counts, name) for name in (*names, *more) if getattr(counts, name)}


def rmc_with(**fields: str) -> bytes:
    """An RMC of 2026-03-02 08:00 at the site with some fields replaced."""
    usual = {
        "time": "080000.00", "status": "A", "lat": "5222.32000", "ns": "N", "lon": "00454.57600", "ew": "E",
        "speed": "0.1", "course": "", "date": "020326", "variation": "", "side": "", "mode": "A",
    }  # fmt: skip
    return checked("GPRMC," + ",".join((usual | fields).values()))


def gga_with(**fields: str) -> bytes:
    """A GGA of 08:00 at the site with some fields replaced."""
    usual = {
        "time": "080000.00", "lat": "5222.32000", "ns": "N", "lon": "00454.57600", "ew": "E", "quality": "1",
        "satellites": "09", "hdop": "0.9", "altitude": "35.0", "m": "M",
    }  # fmt: skip
    return checked("GPGGA," + ",".join((usual | fields).values()))


def test_gga_and_rmc_of_one_instant_make_one_fix() -> None:
    (fix,) = decode(gga_with() + rmc_with())
    assert (fix.latitude, fix.longitude) == pytest.approx(SITE, abs=1e-9)
    assert (fix.hdop, fix.satellites, fix.accuracy_m) == (0.9, 9, 4.5)
    assert (fix.taken_at, fix.received_at) == (AT, NOW)
    assert (fix.source, fix.is_mock) == ("nmea-file", False)


def test_the_order_within_an_instant_does_not_matter() -> None:
    assert decode(rmc_with() + gga_with() + GST) == decode(GST + gga_with() + rmc_with())


def test_south_and_west_are_negative() -> None:
    (fix,) = decode(rmc_with(ns="S", ew="W"))
    assert (fix.latitude, fix.longitude) == pytest.approx((-SITE[0], -SITE[1]), abs=1e-9)


def test_the_receivers_own_error_estimate_comes_before_dilution() -> None:
    assert [fix.accuracy_m for fix in decode(gga_with() + rmc_with() + GST)] == [5.0]


def test_status_without_dilution_gives_a_fix_without_accuracy() -> None:
    assert [fix.accuracy_m for fix in decode(rmc_with())] == [None]
    assert [fix.accuracy_m for fix in decode(rmc_with() + gga_with(hdop=""))] == [None]
    assert [fix.accuracy_m for fix in decode(rmc_with() + gga_with(hdop="0.0"))] == [None]


def test_zda_gives_the_date_where_there_is_no_rmc() -> None:
    (fix,) = decode(gga_with() + checked("GPZDA,080000.00,02,03,2026,00,00"))
    assert fix.taken_at == AT


def test_a_fix_comes_when_the_next_instant_begins() -> None:
    decoder = new_decoder()
    assert list(decoder.feed(gga(AT, *SITE) + rmc(AT, *SITE))) == []
    assert len(list(decoder.feed(gga(AT + timedelta(seconds=1), *SITE)))) == 1


@pytest.mark.parametrize(
    ("stream", "counts"),
    [
        (gga_with() + rmc_with(status="V", mode="N"), {"void_status": 1}),
        (rmc_with(status="V") + gga_with(), {"void_status": 1}),
        (gga_with() + rmc_with(mode="N"), {"void_status": 1}),
        (checked("GPRMC,,V,,,,,,,,,,N"), {"void_status": 1}),
        (gga_with(quality="0") + rmc_with(), {"quality_zero": 1}),
        (gga_with(quality="") + rmc_with(), {"quality_zero": 1}),
        (gga_with(quality="6") + rmc_with(mode="E"), {"estimated": 2}),
        (gga_with(hdop="10.1") + rmc_with(), {"poor_dilution": 1}),
        (gga_with(hdop="inf") + rmc_with(), {"out_of_range": 1}),
        (gga_with(hdop="nan") + rmc_with(), {"out_of_range": 1}),
        (gga_with(hdop="-1") + rmc_with(), {"out_of_range": 1}),
        (gga_with() + rmc_with(speed="inf"), {"out_of_range": 1}),
        (gga_with() + rmc_with(speed="nan"), {"out_of_range": 1}),
        (gga_with() + rmc_with(speed="1e9"), {"out_of_range": 1}),
        (gga_with(lat="9000.00001") + rmc_with(), {"out_of_range": 1}),
        (gga_with(lat="8960.00000") + rmc_with(), {"out_of_range": 1}),
        (gga_with(lon="18000.00001") + rmc_with(), {"out_of_range": 1}),
        (rmc_with(lat="36000.0000", lon="72000.0000"), {"out_of_range": 1}),
        (rmc_with(lat="-522.32000"), {"out_of_range": 1}),
        (rmc_with(lat=""), {"out_of_range": 1}),
        (rmc_with(ns="X"), {"out_of_range": 1}),
        (rmc_with(ns="", ew=""), {"out_of_range": 1}),
        (gga_with() + rmc_with(date="050180"), {"impossible_date": 1}),
        (gga_with() + rmc_with(date="220899"), {"impossible_date": 1}),
        (gga_with() + rmc_with(date="170706"), {"impossible_date": 1}),
        (gga_with() + rmc_with(date="2208-1"), {"impossible_date": 1}),
        (gga_with() + rmc_with(date="300226"), {"impossible_date": 1}),
        (gga_with() + rmc_with(date="040326"), {"impossible_date": 1}),
        (gga_with() + checked("GPZDA,080000.00,31,02,2026,00,00"), {"impossible_date": 1}),
        (gga_with() + checked(f"GPZDA,080000.00,02,03,{10**30},00,00"), {"impossible_date": 1}),
        (rmc_with() + checked("GPZDA,080000.00,22,08,1999,00,00"), {"impossible_date": 1}),
        (gga_with() + rmc_with(date=""), {"undated": 1}),
        (gga_with(), {"undated": 1}),
        (gga_with(lat="5223.32000") + rmc_with(), {"contradictory": 1}),
        (rmc_with(status="X"), {"unparsable": 1}),
        (rmc_with(speed="fast"), {"unparsable": 1}),
        (rmc_with(time="246000.00"), {"unparsable": 1}),
        (rmc_with(time="8:00"), {"unparsable": 1}),
        (checked("GPRMC,080000.00,A"), {"unparsable": 1}),
        (rmc_with().replace(b"*", b"+"), {"no_checksum": 1}),
        (rmc_with().replace(b",A,", b",V,", 1), {"bad_checksum": 1}),
    ],
)
def test_no_fix_from_what_cannot_be_trusted(stream: bytes, counts: dict[str, int]) -> None:
    assert refused(stream) == counts


def test_the_edges_of_what_can_be_trusted_are_trusted() -> None:
    assert len(decode(gga_with(hdop="10.0") + rmc_with())) == 1
    assert len(decode(rmc_with(lat="9000.00000", lon="18000.00000"))) == 1
    assert len(decode(rmc_with(date="030326"))) == 1
    assert len(decode(rmc_with(date="010120"))) == 1
    assert len(decode(rmc_with(speed="1000"))) == 1


def test_a_date_may_not_step_back_behind_the_last_accepted_fix() -> None:
    decoder = new_decoder(earliest=EARLIEST_RECORDED)
    fixes = decode(rmc_with() + rmc_with(time="080001.00", date="161206") + rmc_with(time="080002.00"), decoder=decoder)
    assert [fix.taken_at.second for fix in fixes] == [0, 2]
    assert decoder.statistics.impossible_date == 1


def test_a_refused_date_is_no_measure_for_later_ones() -> None:
    stream = rmc_with(date="020327") + rmc_with(time="080001.00")
    assert [fix.taken_at.second for fix in decode(stream)] == [1]


def test_recordings_may_be_older_than_live_fixes() -> None:
    stream = rmc_with(date="060601")
    assert decode(stream) == []
    (fix,) = decode(stream, decoder=new_decoder(earliest=date(2000, 1, 1)))
    assert fix.taken_at == datetime(2001, 6, 6, 8, tzinfo=UTC)


def test_midnight_is_crossed_without_a_jump() -> None:
    started_at = datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC)
    fixes = decode(standing_still(4, started_at=started_at))
    assert [fix.taken_at for fix in fixes] == [started_at + timedelta(seconds=second) for second in range(4)]


def test_a_frozen_receiver_gives_one_fix_at_most_and_is_counted() -> None:
    decoder = new_decoder()
    assert list(decoder.feed((gga(AT, *SITE) + rmc(AT, *SITE)) * 100)) == []
    assert decoder.statistics.repeated == 180


def test_an_instant_that_comes_again_gives_no_second_fix() -> None:
    decoder = new_decoder()
    stream = rmc_with() + gga_with(time="080000.50", quality="0") + rmc_with()
    assert len(decode(stream, decoder=decoder)) == 1
    assert decoder.statistics.repeated == 1


@pytest.mark.parametrize(
    "stream",
    [rmc_with(mode="S"), rmc_with(mode="M"), rmc_with() + gga_with(quality="8"), gga_with(quality="7") + rmc_with()],
)
def test_a_simulated_position_is_marked_as_mock(stream: bytes) -> None:
    assert [fix.is_mock for fix in decode(stream)] == [True]


def test_a_line_cut_in_half_costs_its_own_instant_only() -> None:
    second = len(standing_still(1))
    stream = standing_still(10)
    cut = stream[: 4 * second + 30] + stream[4 * second + 60 :]
    fixes = decode(cut)
    assert [fix.taken_at.second for fix in fixes if fix.accuracy_m is not None] == [0, 1, 2, 3, 5, 6, 7, 8, 9]


def test_unknown_kinds_and_proprietary_sentences_are_passed_over() -> None:
    decoder = new_decoder()
    stream = checked("GNFOO,1,2") + checked("PGRMC,A") + checked("PGGGA,1") + checked("GPGSV,1,1,00") + rmc_with()
    assert len(decode(stream, decoder=decoder)) == 1
    assert decoder.statistics.unparsable == 0

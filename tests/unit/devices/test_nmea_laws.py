"""Laws of the decoder for any bytes whatever."""

import math
from dataclasses import asdict
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cmms_desktop.devices.positioning.decoder import DILUTION_LIMIT
from cmms_desktop.devices.positioning.fix import Fix
from cmms_desktop.devices.positioning.framing import LINE_CAP_BYTES
from cmms_desktop.devices.positioning.recording import checked
from tests.support.nmea import SITE, UBX_NOISE, decode, new_decoder, standing_still

NASTY_FIELDS = [
    "A",
    "V",
    "N",
    "S",
    "E",
    "W",
    "0",
    "1",
    "6",
    "8",
    "08",
    "2026",
    "inf",
    "nan",
    "-1",
    "1e999",
    "0.9",
    ".5",
]
NASTY_FIELDS += ["080000.00", "235960.99", "5222.3200", "00454.5760", "9960.0000", "020326", "220899", "2208-1"]
NASTY_FIELDS += ["9" * 40, "1_0", "0x10"]
FIELD = st.one_of(
    st.just(""),
    st.sampled_from(NASTY_FIELDS),
    st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="$*,"), max_size=12),
)
SENTENCE = st.builds(
    lambda address, fields: checked(",".join([address, *fields])),
    st.sampled_from(["GPRMC", "GNGGA", "GPZDA", "GPGST", "GPGSV", "PUBX", "PASHR", "GNTHS", "GNDTM"]),
    st.lists(FIELD, max_size=16),
)
BYTES = st.one_of(
    st.binary(max_size=300),
    SENTENCE,
    SENTENCE.map(lambda line: line[:-4]),
    st.just(standing_still(2)),
    st.just(UBX_NOISE),
    st.just(b"\x00" * 50),
    st.just(b"x" * (LINE_CAP_BYTES + 10)),
)
STREAMS = st.lists(BYTES, max_size=12).map(b"".join)


def is_sound(fix: Fix) -> bool:
    accuracy_is_sound = fix.accuracy_m is None or 0 <= fix.accuracy_m < math.inf
    dilution_is_sound = fix.hdop is None or 0 < fix.hdop <= DILUTION_LIMIT
    return abs(fix.latitude) <= 90 and abs(fix.longitude) <= 180 and accuracy_is_sound and dilution_is_sound


@settings(max_examples=300, deadline=None)
@given(STREAMS)
def test_any_bytes_are_decoded_without_an_error_and_give_sound_fixes_only(stream: bytes) -> None:
    assert all(is_sound(fix) for fix in decode(stream))


@settings(max_examples=200, deadline=None)
@given(STREAMS, st.lists(st.integers(0, 2000), max_size=10))
def test_how_a_stream_is_cut_into_pieces_does_not_matter(stream: bytes, cuts: list[int]) -> None:
    whole, pieces = new_decoder(), new_decoder()
    expected = decode(stream, decoder=whole)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    found = [fix for start, end in pairwise(edges) for fix in pieces.feed(stream[start:end])]
    assert [*found, *pieces.finish()] == expected
    assert asdict(pieces.statistics) == asdict(whole.statistics)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600), st.integers(2, 8))
def test_garbage_before_good_sentences_hides_at_most_the_first_instant(garbage: bytes, seconds: int) -> None:
    fixes = decode(garbage + standing_still(seconds))
    assert len(fixes) >= seconds - 1
    assert all(math.isclose(fix.latitude, SITE[0], abs_tol=1e-6) for fix in fixes)

import pytest

from cmms_desktop.devices.positioning.framing import LINE_CAP_BYTES, LineFramer, sentences_in
from cmms_desktop.devices.positioning.recording import checked
from cmms_desktop.devices.positioning.statistics import Statistics
from tests.support.nmea import UBX_NOISE

GOOD = checked("GPZDA,080000.00,02,03,2026,00,00").strip()
OTHER = checked("GPVTG,0.0,T,,M,0.0,N,0.0,K,A").strip()


def read(line: bytes) -> tuple[list[bytes], Statistics]:
    statistics = Statistics()
    return list(sentences_in(line, statistics)), statistics


def test_a_right_checksum_passes_in_either_case() -> None:
    lower = GOOD[:-2] + GOOD[-2:].lower()
    assert read(GOOD) == ([GOOD], Statistics(sentences=1))
    assert read(lower) == ([lower], Statistics(sentences=1))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (GOOD[:-3], Statistics(no_checksum=1)),
        (GOOD[:-1], Statistics(no_checksum=1)),
        (GOOD.replace(b"2026", b"2027"), Statistics(bad_checksum=1)),
        (GOOD[:10] + GOOD[11:], Statistics(bad_checksum=1)),
        (b"$", Statistics(no_checksum=1)),
        (b"$*00", Statistics(unparsable=1)),
        (checked("GP,00,0.0").strip(), Statistics(unparsable=1)),
        (checked("&bTXT,01").strip(), Statistics(unparsable=1)),
        (b"08,02,03,2026*41", Statistics(stray_lines=1)),
        (b'{"class":"VERSION","release":"3.25"}', Statistics(stray_lines=1)),
        (b"# recorded with " + GOOD, Statistics()),
    ],
)
def test_everything_else_is_dropped_and_counted(line: bytes, expected: Statistics) -> None:
    assert read(line) == ([], expected)


def test_characters_outside_ascii_are_refused_even_with_a_right_checksum() -> None:
    body = b"GPTXT,\xc3\xa9"
    digits = 0
    for byte in body:
        digits ^= byte
    assert read(b"$%s*%02X" % (body, digits)) == ([], Statistics(unparsable=1))


def test_what_stands_before_and_after_a_sentence_does_not_harm_it() -> None:
    assert read(b"r" + GOOD + b"0,*4E")[0] == [GOOD]


def test_a_sentence_cut_by_the_next_one_is_counted_and_the_next_one_is_read() -> None:
    assert read(OTHER[:12] + GOOD) == ([GOOD], Statistics(sentences=1, bad_checksum=1))


def test_two_sentences_on_one_line_are_both_read() -> None:
    assert read(GOOD + OTHER) == ([GOOD, OTHER], Statistics(sentences=2))


def test_of_an_endless_line_only_the_end_is_kept() -> None:
    statistics = Statistics()
    framer = LineFramer(statistics)
    lines = [line for _ in range(5000) for line in framer.feed(b"x" * 1000)]
    assert lines == []
    assert len(framer._partial) == LINE_CAP_BYTES
    lines = list(framer.feed(GOOD + b"\n" + OTHER + b"\r\n"))
    assert statistics.overlong == 1
    assert [sentence for line in lines for sentence in sentences_in(line, statistics)] == [GOOD, OTHER]


def test_a_line_made_of_dollar_signs_and_stars_costs_linear_time() -> None:
    # Each failing sentence would be retried from every dollar inside it: half a million steps a line. One is.
    sentences, statistics = read(b"$" * 400 + b"*00" + b"$A*01" * 100)
    assert sentences == []
    assert statistics.unparsable <= 300


def test_binary_between_sentences_does_not_hide_them() -> None:
    framer, statistics = LineFramer(Statistics()), Statistics()
    stream = UBX_NOISE + GOOD + b"\r\n" + UBX_NOISE + OTHER + b"\r\n"
    lines = list(framer.feed(stream))
    assert [sentence for line in lines for sentence in sentences_in(line, statistics)] == [GOOD, OTHER]

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.devices.scanner import CODE_CAP, normalise_code


@pytest.mark.parametrize(
    ("burst", "code"),
    [
        ("PUMP-0042\r\n", "PUMP-0042"),
        ("  PUMP-0042\t", "PUMP-0042"),
        ("pump-0042", "pump-0042"),
        ("PUMP 0042", "PUMP 0042"),
        ("]Q3PUMP-0042\r", "PUMP-0042"),
        ("]C10109506000134352", "0109506000134352"),
        ("]d2\x1d0109506000134352\x1d21A7", "010950600013435221A7"),
        ("\ufeffPUMP-0042\u200b", "PUMP-0042"),
        ("A\u202e2400", "A2400"),
        ("PU\x00MP", "PUMP"),
        ("Prüfstand 7", "Prüfstand 7"),
        (unicodedata.normalize("NFD", "Prüfstand"), "Prüfstand"),
        ("https://assets.example/a/PUMP-0042", "PUMP-0042"),
        ("HTTPS://ASSETS.EXAMPLE/A/PUMP-0042/", "PUMP-0042"),
        ("https://assets.example/a/PUMP-0042?utm=1#top", "PUMP-0042"),
        ("https://assets.example/a/PUMP%2D0042%0D", "PUMP-0042"),
        ("https://id.example/01/09506000134352/21/A7", "A7"),
        ("]Q1https://assets.example/a/PUMP-0042", "PUMP-0042"),
        ("https://assets.example", "https://assets.example"),
        ("https://assets.example/?code=PUMP", "https://assets.example/?code=PUMP"),
        ("https://[broken/x", "https://[broken/x"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("A/B/C", "A/B/C"),
        ("]", "]"),
        ("", ""),
        ("\r\n", ""),
        ("]Q3", ""),
    ],
)
def test_a_burst_becomes_its_code(burst: str, code: str) -> None:
    assert normalise_code(burst) == code


def test_a_code_is_bounded() -> None:
    assert normalise_code("x" * 100_000) == "x" * CODE_CAP
    assert normalise_code("https://assets.example/" + "y" * 100_000) == "y" * CODE_CAP


TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            ["]Q3", "https://", "a.example", "/", "%2F", "%5DQ3", "%", "PUMP", "\r", " ", "[", "?", "#", "é"]
        ),
        max_size=80,
    ).map("".join),
)


@given(TEXTS)
def test_a_code_is_clean_and_short(text: str) -> None:
    code = normalise_code(text)
    assert len(code) <= CODE_CAP
    assert code == code.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in code)


@given(TEXTS)
def test_a_code_that_was_decoded_once_stays_the_same(text: str) -> None:
    assert normalise_code(normalise_code(text)) == normalise_code(text)


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=60))
def test_a_plain_code_is_kept_as_it_is(code: str) -> None:
    composed = unicodedata.normalize("NFC", code)
    assert normalise_code(f"]Q3{code}\r\n") == composed
    assert normalise_code(code) == composed

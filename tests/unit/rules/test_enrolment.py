"""How an enrolment code is read: whatever people make of it by hand, and never with a slip of the finger."""

from hypothesis import given
from hypothesis import strategies as st

from sync_server.contract.rules.enrolment import ALPHABET, DRAWN, code_link, read_code, shown_code, whole_code

codes = st.text(ALPHABET, min_size=DRAWN, max_size=DRAWN).map(whole_code)


@given(codes)
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    shown = shown_code(code)
    assert [len(group) for group in shown.split("-")] == [4] * 7
    by_hand = code.replace("0", "o").replace("1", "l").lower()
    for typed in (code, shown, f"  {shown.lower()}\n", " ".join(code), by_hand, code.replace("1", "I")):
        assert read_code(typed) == code


@given(codes, st.integers(0, DRAWN), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed_wherever_it_stands(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    assert read_code(wrong) == (code if wrong == code else None)


@given(codes)
def test_a_missing_or_doubled_character_is_noticed(code: str) -> None:
    assert read_code(code[1:]) is read_code(code + code[-1]) is read_code("") is None


@given(codes)
def test_the_link_carries_the_code_behind_what_no_server_is_sent(code: str) -> None:
    link = code_link("https://sync.example/", organization="north", login="anna & co#code=X", code=code)
    address, behind = link.split("#", 1)
    assert address == "https://sync.example/enrol"
    assert shown_code(code) in behind
    assert read_code(link) == code


def test_what_is_no_code_is_none_whatever_it_is() -> None:
    for typed in ("password", "U" * 28, "é" * 28, "0" * 5_000, "https://sync.example/enrol#code=", "\0" * 28):
        assert read_code(typed) is None

"""Laws of the shared rules that no example shows: merges, chains, statements, readings, answers, states."""

import hashlib
import itertools
import json

import msgspec
import pytest
import rfc8785
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sync_server.contract.problems import CODES, Problem
from sync_server.contract.rules import checklist, status
from sync_server.contract.rules.chain import digest_of, verify_chain
from sync_server.contract.rules.commitments import commit, from_base64url, open_commitment, to_base64url
from sync_server.contract.rules.numbers import ALPHABET, LARGEST, OfflineNumber, format_number, parse_number
from sync_server.contract.rules.reading import decimal_text, parse_decimal
from sync_server.contract.rules.signed_body import SignedBody, Statement, build_signed_body, check_body, summary
from sync_server.contract.rules.text_merge import merge_text

WORDS = st.lists(st.sampled_from(["a", "b", "c", "", "5", "bar"]), max_size=6).map(" ".join)
TEXTS = st.one_of(st.lists(WORDS, max_size=6).map("\n".join), st.text(max_size=60))
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]), max_size=40)
JSON_TEXT = st.text(max_size=40)


@given(TEXTS, TEXTS)
def test_merge_of_one_change_is_that_change(base, changed):
    assert merge_text(base, base, changed) == changed
    assert merge_text(base, changed, base) == changed
    assert merge_text(base, changed, changed) == changed


@given(TEXTS, TEXTS, TEXTS)
def test_merge_favours_nobody(base, mine, theirs):
    assert merge_text(base, mine, theirs) == merge_text(base, theirs, mine)


@given(TEXTS, TEXTS, TEXTS)
@example(base="a a a a\na b a b a\na", mine="a a a a\na a b a\na", theirs="a a a a\na b a\na")
def test_merge_loses_no_new_word_and_invents_none(base, mine, theirs):
    merged = merge_text(base, mine, theirs)
    assume(merged is not None)
    old, left, right, made = (set(text.split()) for text in (base, mine, theirs, merged))
    assert (left | right) - old <= made <= old | left | right
    assert old & left & right <= made


@given(st.data(), st.integers(3, 12))
def test_edits_of_lines_apart_from_each_other_are_all_kept(data, count):
    base = [f"line {number}" for number in range(count)]
    first = data.draw(st.integers(0, count - 3))
    second = data.draw(st.integers(first + 2, count - 1))
    mine, theirs = list(base), list(base)
    mine[first : first + 1] = data.draw(st.sampled_from([["mine"], [], ["mine", "too"], ["mine", base[first]]]))
    theirs[second : second + 1] = data.draw(st.sampled_from([["theirs"], [], [base[second], "theirs"]]))
    expected = [*mine[: len(mine) - (count - second)], *theirs[second:]]
    assert merge_text("\n".join(base), "\n".join(mine), "\n".join(theirs)) == "\n".join(expected)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=12), st.data())
def test_a_chain_converges_for_any_batches_with_losses_and_repetitions(bodies, data):
    chain = linked(bodies)
    seq, head = 0, ""
    for _ in range(10):
        first = data.draw(st.integers(0, len(chain) - 1))
        batch = chain[first : data.draw(st.integers(first, len(chain)))]
        verdict = verify_chain(seq, head, batch)
        assert verdict.kind in {"ok", "gap"}
        assert verdict.seq >= seq
        assert verdict.resend_from == (seq + 1 if verdict.kind == "gap" else None)
        seq, head = verdict.seq, verdict.head
    final = verify_chain(seq, head, chain[seq:])
    assert (final.kind, final.seq, final.head) == ("ok", len(chain), digest_of(chain[-1][2]))


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=12), st.data())
def test_a_chain_with_another_past_is_never_continued(bodies, data):
    chain = linked(bodies)
    changed = data.draw(st.integers(0, len(chain) - 2))
    forged = linked([*bodies[:changed], bodies[changed] + b"!", *bodies[changed + 1 :]])
    stored = data.draw(st.integers(changed + 1, len(chain) - 1))
    start = data.draw(st.integers(0, stored))
    assert verify_chain(stored, digest_of(chain[stored - 1][2]), forged[start:]).kind == "broken"


def linked(bodies: list[bytes]) -> list[tuple[int, str, bytes]]:
    links: list[tuple[int, str, bytes]] = []
    for seq, body in enumerate(bodies, start=1):
        prev = digest_of(links[-1][2]) if links else ""
        links.append((seq, prev, b"%d %s " % (seq, prev.encode()) + body))
    return links


@given(JSON_TEXT, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), JSON_TEXT)
def test_a_commitment_opens_with_what_was_committed_and_nothing_else(value, salt, other_salt, other):
    made = commit("/contact", value, salt=salt)
    assert open_commitment(made.commitment, made.salt, made.value)
    assert open_commitment(made.commitment, to_base64url(other_salt), made.value) == (salt == other_salt)
    other_text = commit("/contact", other, salt=salt).value
    assert open_commitment(made.commitment, made.salt, other_text) == (other_text == made.value)


@given(st.binary(max_size=40), ANY_TEXT)
def test_base64url_is_one_to_one(data, text):
    assert from_base64url(to_base64url(data)) == data
    read = from_base64url(text)
    assert read is None or to_base64url(read) == text


def statement_of(title: str, name: str, note: str | None, offset_ms: int) -> Statement:
    an_id = "00000000-0000-7000-8000-00000000000%d"
    return Statement(
        organization_id=an_id % 1,
        device_id=an_id % 2,
        user_id=an_id % 3,
        role="supervisor",
        meaning="approved",
        printed_name=name,
        device_at="2026-03-01T09:30:00.000000Z",
        offset_ms=offset_ms,
        reason=note,
        order={
            "id": an_id % 4,
            "number": "WO-1",
            "title": title,
            "type": "repair",
            "site_id": an_id % 5,
            "completion_note": note,
            "version": 1,
        },
    )


@given(ANY_TEXT, ANY_TEXT, st.none() | ANY_TEXT, st.integers())
def test_whatever_rows_say_a_statement_is_canonical_or_refused(title, name, note, offset_ms):
    salts = itertools.count()
    built = build_signed_body(statement_of(title, name, note, offset_ms), new_salt=lambda: next(salts).to_bytes(16))
    if isinstance(built, Problem):
        assert built.code in CODES
        return
    assert isinstance(built, SignedBody)
    assert check_body(built.body) == []
    assert rfc8785.dumps(json.loads(built.body)) == built.body
    assert not isinstance(summary(built.body, built.personal_values), Problem)


@given(st.binary(max_size=300) | ANY_TEXT.map(lambda text: text.encode(errors="surrogatepass")))
def test_bytes_from_anywhere_are_refused_with_a_known_code(body):
    problems = check_body(body)
    assert problems
    assert {problem.code for problem in problems} <= set(CODES)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_replaced_bytes_of_a_statement_never_keep_its_digest(place, replacement):
    built = build_signed_body(statement_of("Pump", "Supervisor One", None, 0), new_salt=lambda: bytes(16))
    assert isinstance(built, SignedBody)
    at = place % len(built.body)
    changed = built.body[:at] + replacement + built.body[at + len(replacement) :]
    assume(changed != built.body)
    assert hashlib.sha256(changed).digest() != hashlib.sha256(built.body).digest()
    if not check_body(changed):
        assert json.loads(changed) != json.loads(built.body)


@given(st.from_regex(r"[+-]?([0-9]{1,10}([.,][0-9]{0,9})?|[.,][0-9]{1,9})", fullmatch=True))
def test_a_reading_means_the_same_after_it_is_stored(typed):
    number = parse_decimal(typed)
    assert number is not None
    assert parse_decimal(decimal_text(number)) == number
    assert decimal_text(parse_decimal(decimal_text(number)) or number) == decimal_text(number)


@given(ANY_TEXT)
def test_text_from_anywhere_is_a_finite_number_or_none(text):
    number = parse_decimal(text)
    assert number is None or (number.is_finite() and abs(number) < 10**10)


@given(st.text(ALPHABET, min_size=4, max_size=5), st.integers(1, LARGEST))
def test_an_offline_number_reads_back(installation, n):
    assert parse_number(format_number(installation, n)) == OfflineNumber(installation, n)
    assert parse_number(format_number(installation, n).lower()) == OfflineNumber(installation, n)


@given(ANY_TEXT)
def test_an_offline_number_has_one_spelling_or_is_none(text):
    number = parse_number(text)
    assert number is None or parse_number(format_number(number.installation, number.n)) == number


ITEMS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["pass_fail", "number", "text", "choice", "photo", "sketch"]),
        "choices": st.none() | st.just('["good","worn"]') | ANY_TEXT,
        "minimum": st.none() | st.sampled_from(["-1.0000", "2", "NaN", "x"]),
        "maximum": st.none() | st.sampled_from(["4.5000", "1e9", ""]),
        "unit": st.none() | st.just("bar"),
    }
)


@given(
    ITEMS,
    st.none() | ANY_TEXT | st.sampled_from(["3", "99", "good", "NaN"]),
    st.none() | st.sampled_from(["pass", "flag", "fail", "na"]) | ANY_TEXT,
    st.none() | ANY_TEXT,
    st.none() | st.just("a" * 64) | ANY_TEXT,
)
def test_an_accepted_answer_is_accepted_again_unchanged(item, value, result, note, photo):
    answer = checklist.judge_answer(item, value=value, result=result, note=note, photo=photo)
    if isinstance(answer, Problem):
        assert answer.code in CODES
        return
    assert answer.result in {None, "pass", "flag", "fail", "na"}
    stored = msgspec.structs.asdict(answer)
    again = checklist.judge_answer(item, photo=stored.pop("photo_sha256"), **stored)
    assert again == answer


@pytest.mark.parametrize("role", ["technician", "supervisor", "planner", "manager", "admin"])
@given(wishes=st.lists(st.sampled_from(status.STATES), max_size=20))
def test_whatever_people_wish_the_history_of_states_is_a_path(role, wishes):
    history = ["new"]
    for wish in wishes:
        if status.may_move(history[-1], wish, role=role, reason="because") is None:
            history.append(wish)
    assert status.is_path(history)

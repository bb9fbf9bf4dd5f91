"""Deriving and wrapping: both halves are needed, and no changed byte passes."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.credentials.keys import (
    CHEAPEST,
    STANDARD,
    Argon2Profile,
    derive_unlock_key,
    from_base64url,
    new_key,
    to_base64url,
    unwrap,
    wrap,
)
from cmms_desktop.errors import Bug, Refused

KEYRING = bytes(range(32))
SALT = bytes(range(16))


def derived(
    secret: str = "correct horse", *, keyring: bytes = KEYRING, salt: bytes = SALT, profile: Argon2Profile = CHEAPEST
) -> bytes:
    return derive_unlock_key(secret, keyring_secret=keyring, salt=salt, profile=profile)


def test_the_standard_cost_is_the_one_promised() -> None:
    assert (STANDARD.memory_kib, STANDARD.time_cost) == (64 * 1024, 3)


def test_each_part_changes_the_key() -> None:
    keys = {
        derived(),
        derived("correct horsf"),
        derived(keyring=KEYRING[::-1]),
        derived(salt=SALT[::-1]),
        derived(profile=Argon2Profile(memory_kib=16, time_cost=1, lanes=1)),
        derived(profile=Argon2Profile(memory_kib=8, time_cost=2, lanes=1)),
    }
    assert len(keys) == 6
    assert derived() == derived()


def test_two_keyboards_spell_a_password_alike() -> None:
    assert derived("schlu\u0308ssel12") == derived("schl\u00fcssel12")
    assert derived("１２３４７６") == derived("123476")


@pytest.mark.parametrize(
    "broken",
    [
        lambda: derived(keyring=b""),
        lambda: derived(keyring=KEYRING[:31]),
        lambda: derived(salt=b""),
        lambda: derived(profile=Argon2Profile(memory_kib=1 << 31, time_cost=1, lanes=1)),
        lambda: derived(profile=Argon2Profile(memory_kib=8, time_cost=1_000_000, lanes=1)),
    ],
)
def test_a_missing_half_or_an_absurd_cost_is_never_computed(broken: object) -> None:
    assert callable(broken)
    with pytest.raises(Bug):
        broken()


def test_new_keys_differ() -> None:
    assert len({new_key() for _ in range(100)}) == 100
    assert {len(new_key()) for _ in range(10)} == {32}


def test_a_wrap_opens_with_its_key_and_context_only() -> None:
    key, wrapped = new_key(), b""
    wrapped = wrap(key, b"the replica key", context=b"person a")
    assert unwrap(key, wrapped, context=b"person a") == b"the replica key"
    for wrong_key, wrong_context in ((new_key(), b"person a"), (key, b"person b")):
        with pytest.raises(Refused) as caught:
            unwrap(wrong_key, wrapped, context=wrong_context)
        assert caught.value.code == "wrong_secret"


def test_every_flipped_bit_and_every_cut_of_a_wrap_is_refused() -> None:
    key = new_key()
    wrapped = wrap(key, b"k" * 32, context=b"")
    for position in range(len(wrapped) * 8):
        changed = bytearray(wrapped)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(Refused):
            unwrap(key, bytes(changed), context=b"")
    for length in range(len(wrapped)):
        with pytest.raises(Refused):
            unwrap(key, wrapped[:length], context=b"")


def test_wrapping_twice_never_looks_the_same() -> None:
    key = new_key()
    assert wrap(key, b"same", context=b"") != wrap(key, b"same", context=b"")


@given(st.binary(max_size=100))
def test_base64url_comes_back_and_matches_the_standard_library(content: bytes) -> None:
    text = to_base64url(content)
    assert from_base64url(text) == content
    assert text == base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "a+b/", "Zm9v\n", " Zm9v", "Zm9v!", "é"])
def test_only_the_canonical_spelling_of_base64url_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        from_base64url(text)

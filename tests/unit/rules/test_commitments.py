import base64
import hashlib

import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.commitments import (
    commit,
    from_base64url,
    is_commitment,
    open_commitment,
    to_base64url,
)

SALT = bytes(range(16))


def test_a_commitment_is_the_sha256_of_salt_and_json_text():
    made = commit("/printed_name", "Technician One", salt=SALT)
    assert made.value == '"Technician One"'
    assert made.commitment == to_base64url(hashlib.sha256(SALT + b'"Technician One"').digest())
    assert made.salt == to_base64url(SALT)
    assert open_commitment(made.commitment, made.salt, made.value)


def test_what_is_made_fits_its_columns():
    made = commit("/arrival/position", {"latitude": "1"}, salt=SALT)
    columns = REGISTRY["personal_value"].by_name
    for name in ("path", "salt", "value", "commitment"):
        assert len(getattr(made, name)) <= columns[name].characters


def test_nothing_but_the_same_salt_and_value_opens():
    made = commit("/contact", "desk 12", salt=SALT)
    other_salt = to_base64url(bytes(16))
    assert not open_commitment(made.commitment, other_salt, made.value)
    assert not open_commitment(made.commitment, made.salt, '"desk 13"')
    assert not open_commitment(made.commitment, made.salt, made.value + " ")
    assert not open_commitment(made.commitment[:-1], made.salt, made.value)


def test_a_look_alike_name_does_not_open():
    made = commit("/printed_name", "Technician A", salt=SALT)
    assert not open_commitment(made.commitment, made.salt, '"Technician \u0410"')  # a Cyrillic A


def test_composed_and_decomposed_names_are_one_name():
    assert commit("/printed_name", "Ame\u0301lie", salt=SALT) == commit("/printed_name", "Am\u00e9lie", salt=SALT)


@pytest.mark.parametrize(("salt", "value"), [(None, '"x"'), ("AAAA", None), (None, None)])
def test_an_erased_value_opens_nothing(salt, value):
    assert not open_commitment(commit("/contact", "x", salt=SALT).commitment, salt, value)


@pytest.mark.parametrize("salt", ["", "AAAA", "!" * 22, "A" * 23, "A" * 21 + "B", "A" * 22 + "==", "ключ", "\ud800"])
def test_a_salt_that_is_none_opens_nothing_and_breaks_nothing(salt):
    made = commit("/contact", "x", salt=bytes(16))
    assert not open_commitment(made.commitment, salt, made.value)


@pytest.mark.parametrize("text", ["\ud800", "é", "", "\0"])
def test_hostile_text_opens_nothing_and_breaks_nothing(text):
    made = commit("/contact", "x", salt=SALT)
    assert not open_commitment(text, made.salt, made.value)
    assert not open_commitment(made.commitment, made.salt, text)


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17), bytes(32)])
def test_a_commitment_with_another_salt_size_is_never_made(salt):
    with pytest.raises(ValueError, match="16 bytes"):
        commit("/contact", "x", salt=salt)


def test_base64url_has_one_spelling_for_each_bytes():
    assert from_base64url(to_base64url(b"\xff\xfe\xfd")) == b"\xff\xfe\xfd"
    assert from_base64url("") == b""
    for text in ("AA==", "AB", "A", "AA A", "AA\n", "+/8", "A" * 5, "ÄÄ"):
        assert from_base64url(text) is None, text
    assert from_base64url(base64.urlsafe_b64encode(b"ab").decode().rstrip("=")) == b"ab"


def test_only_32_bytes_can_be_a_commitment():
    assert is_commitment(to_base64url(bytes(32)))
    for text in ("", to_base64url(bytes(31)), to_base64url(bytes(33)), "A" * 42 + "B", "A" * 44):
        assert not is_commitment(text)

"""The organization's recovery key opens what was sealed to it, and nobody else does."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cmms_desktop.credentials.keys import to_base64url
from cmms_desktop.credentials.recovery import open_sealed, read_recovery_public_key, seal
from cmms_desktop.errors import Refused


@pytest.fixture
def organization() -> X25519PrivateKey:
    return X25519PrivateKey.generate()


def test_the_organization_opens_what_was_sealed_to_it(organization: X25519PrivateKey) -> None:
    public = read_recovery_public_key(to_base64url(organization.public_key().public_bytes_raw()))
    for content in (b"", b"k" * 32, b"outbox " * 100_000):
        assert open_sealed(organization, seal(public, content, context=b"a"), context=b"a") == content


def test_another_key_or_context_opens_nothing(organization: X25519PrivateKey) -> None:
    sealed = seal(organization.public_key(), b"key", context=b"person a")
    for key, context in ((X25519PrivateKey.generate(), b"person a"), (organization, b"person b")):
        with pytest.raises(Refused) as caught:
            open_sealed(key, sealed, context=context)
        assert caught.value.code == "recovery_failed"


def test_every_flipped_byte_and_every_cut_is_refused(organization: X25519PrivateKey) -> None:
    sealed = seal(organization.public_key(), b"k" * 32, context=b"")
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        for broken in (changed, sealed[:position]):
            with pytest.raises(Refused):
                open_sealed(organization, broken, context=b"")


def test_sealing_twice_never_looks_the_same(organization: X25519PrivateKey) -> None:
    first, second = (seal(organization.public_key(), b"same", context=b"") for _ in range(2))
    assert first[:32] != second[:32]
    assert first[32:] != second[32:]


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "A" * 42])
def test_a_recovery_key_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_recovery_public_key(text)
    assert caught.value.code == "recovery_key_invalid"


def test_a_key_that_everybody_could_open_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        seal(read_recovery_public_key(to_base64url(bytes(32))), b"key", context=b"")
    assert caught.value.code == "recovery_key_invalid"

"""The device key signs with a domain, and its wrap opens for its person only."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.keys import from_base64url, new_key
from cmms_desktop.errors import Bug, Refused

DEVICE = "0198f000-0000-7000-8000-000000000002"


def verify(signer: DeviceSigner, signature: bytes, signed: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(from_base64url(signer.public_key)).verify(signature, signed)


def test_a_signature_is_over_domain_newline_message() -> None:
    signer = DeviceSigner.generate(DEVICE)
    signature = signer.sign(b"cmms/seal/v1", b"body")
    verify(signer, signature, b"cmms/seal/v1\nbody")
    assert len(signature) == 64


def test_a_statement_of_one_kind_never_passes_as_another() -> None:
    signer = DeviceSigner.generate(DEVICE)
    signature = signer.sign(b"cmms/seal/v1", b"body")
    for other in (b"cmms/proof/v1\nbody", b"cmms/seal/v1\nbodz", b"body"):
        with pytest.raises(InvalidSignature):
            verify(signer, signature, other)


@pytest.mark.parametrize("domain", [b"", b"seal", b"cmms/seal", b"cmms/seal/v1\n", b"cmms/seal/v1\nx", b"cmms/Seal/v1"])
def test_a_statement_without_a_proper_domain_is_never_signed(domain: bytes) -> None:
    with pytest.raises(Bug):
        DeviceSigner.generate(DEVICE).sign(domain, b"body")


def test_a_wrap_opens_to_the_same_key_and_for_nobody_else() -> None:
    signer, key = DeviceSigner.generate(DEVICE), new_key()
    wrapped = signer.wrapped(key, context=b"person a")
    opened = DeviceSigner.unwrapped(DEVICE, wrapped, key=key, context=b"person a")
    assert opened.public_key == signer.public_key
    assert opened.sign(b"cmms/seal/v1", b"body") == signer.sign(b"cmms/seal/v1", b"body")
    for wrong_key, wrong_context in ((new_key(), b"person a"), (key, b"person b")):
        with pytest.raises(Refused):
            DeviceSigner.unwrapped(DEVICE, wrapped, key=wrong_key, context=wrong_context)


def test_the_private_half_is_in_no_representation_and_not_readable_in_the_wrap() -> None:
    signer = DeviceSigner.generate(DEVICE)
    private = signer._private.private_bytes_raw()
    assert private.hex() not in repr(signer)
    assert private not in signer.wrapped(new_key(), context=b"")


def test_two_devices_have_two_keys() -> None:
    assert len({DeviceSigner.generate(DEVICE).public_key for _ in range(20)}) == 20

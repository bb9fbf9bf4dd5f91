"""Whether a profile is one: read, its values possible, every seal over these very values. Keeps nothing."""

from __future__ import annotations

from typing import Final

from cmms_desktop.errors import Refused
from sync_server.contract.rules.profile import ProfileRefused, SignedProfile, signed_bytes
from sync_server.contract.rules.profile_checks import require_fit
from sync_server.contract.rules.profile_reading import bytes_of, read_profile

FORGED: Final = "The signature of this profile is not genuine: something in it was changed. Nothing was taken."


def genuine(content: bytes, *, looks: bool = True) -> SignedProfile:
    """Read a profile of which every value can be right and every seal is genuine.

    `looks`: also judge colours and logo, as long as it is not in force yet.

    Raises:
        Refused: why it is none, in one sentence.
    """
    try:
        signed = read_profile(content)
        require_fit(signed, looks=looks)
    except ProfileRefused as refusal:
        raise Refused(refusal.code, refusal.sentence) from refusal
    _require_seals(signed)
    return signed


def _require_seals(signed: SignedProfile) -> None:
    # here, for a window without a profile appears before this is loaded
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        message = signed_bytes(signed.profile)
        for seal in signed.seals:
            Ed25519PublicKey.from_public_bytes(bytes_of(seal.key)).verify(bytes_of(seal.signature), message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("profile_forged", FORGED) from error

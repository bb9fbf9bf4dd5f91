"""The two keys of an enrolment, how ``keys.json`` carries them, and the second wrap for the organization.

One wrap holds both keys, so changing a secret is one rename of one file and can never leave them apart.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import msgspec

from cmms_desktop.credentials import keys, recovery
from cmms_desktop.credentials.key_file import KeyFile, SealedKey
from cmms_desktop.errors import Bug


@dataclass(frozen=True, slots=True)
class OpenedKeys:
    """32 bytes each; the device's wrapping key is never sealed to the organization, which must not sign for people."""

    replica_key: bytes = field(repr=False)
    device_wrapping_key: bytes = field(repr=False)


def context(purpose: str, *, organization: str, person_id: str, device_id: str) -> bytes:
    """Say whose a wrap is and what for, as bound into its encryption: four lines of text after a domain."""
    return f"cmms/wrap/v1\n{purpose}\n{organization}\n{person_id}\n{device_id}".encode()


def context_of(purpose: str, file: KeyFile) -> bytes:
    """Give the context of something that belongs to this enrolment."""
    return context(purpose, organization=file.organization, person_id=file.person_id, device_id=file.device_id)


def with_secret(
    file: KeyFile, opened: OpenedKeys, *, secret: str, keyring_secret: bytes, profile: keys.Argon2Profile
) -> KeyFile:
    """Return the file with both keys wrapped under this secret and a new salt."""
    if len(opened.replica_key) != keys.KEY_BYTES or len(opened.device_wrapping_key) != keys.KEY_BYTES:
        raise Bug("A key of the wrong length was to be wrapped.")
    salt = secrets.token_bytes(keys.SALT_BYTES)
    unlock_key = keys.derive_unlock_key(secret, keyring_secret=keyring_secret, salt=salt, profile=profile)
    content = opened.replica_key + opened.device_wrapping_key
    wrapped = keys.wrap(unlock_key, content, context=context_of("keys", file))
    return msgspec.structs.replace(
        file, argon2=profile, salt=keys.to_base64url(salt), wrapped=keys.to_base64url(wrapped)
    )


def open_with_secret(file: KeyFile, secret: str, *, keyring_secret: bytes) -> OpenedKeys:
    """Open both keys; that they open is the check.

    Raises:
        Refused: ``wrong_secret``.
    """
    unlock_key = keys.derive_unlock_key(
        secret, keyring_secret=keyring_secret, salt=keys.from_base64url(file.salt), profile=file.argon2
    )
    content = keys.unwrap(unlock_key, keys.from_base64url(file.wrapped), context=context_of("keys", file))
    return OpenedKeys(replica_key=content[: keys.KEY_BYTES], device_wrapping_key=content[keys.KEY_BYTES :])


def sealed_to_organization(file: KeyFile, replica_key: bytes, *, recovery_public_key: str | None) -> SealedKey | None:
    """Seal the replica key to the organization's recovery key, if it has one.

    Raises:
        Refused: ``recovery_key_invalid``.
    """
    if recovery_public_key is None:
        return None
    recipient = recovery.read_recovery_public_key(recovery_public_key)
    sealed = recovery.seal(recipient, replica_key, context=context_of("replica-key-recovery", file))
    return SealedKey(recipient=recovery_public_key, sealed=keys.to_base64url(sealed))

"""Signs files as minisign does, so that an administrator checks them with `minisign -V` and nothing of ours.

Format: jedisct1's minisign, prehashed ("ED"): Ed25519 over BLAKE2b-512 of the file, and again over that signature
with the trusted comment. The secret key is Ed25519 in PKCS #8 and never leaves its file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from client_packages.failures import WRONG_CALL, PackagingError

SUFFIX = ".minisig"
KEY_HEAD, SIGNATURE_HEAD = b"Ed", b"ED"
COMMENT, TRUSTED = "untrusted comment: ", "trusted comment: "
ID_BYTES, KEY_BYTES, SIGNATURE_BYTES = 8, 32, 64


def make_key(path: Path) -> None:
    """Make a secret key in a new file that only its owner reads.

    Raises:
        PackagingError: there is a file already, which is left alone, or none can be made.
    """
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise PackagingError(f"{path} is there already; a key is never overwritten.", code=WRONG_CALL) from error
    except OSError as error:
        raise PackagingError(f"No key can be made at {path}: {error.strerror}.", code=WRONG_CALL) from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read a secret key that `make_key` or OpenSSL has made.

    Raises:
        PackagingError: others may read the file, or it holds no such key.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise PackagingError(f"Others may read the key {path}; run chmod 600 on it first.", code=WRONG_CALL)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise PackagingError(f"The key {path} cannot be read: {error.strerror}.", code=WRONG_CALL) from error
    except (ValueError, TypeError) as error:
        raise PackagingError(f"{path} holds no Ed25519 key without a password.", code=WRONG_CALL) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PackagingError(f"{path} holds a key of another kind than Ed25519.", code=WRONG_CALL)
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as minisign's key file."""
    public = _public_bytes(key.public_key())
    key_id = _key_id(public)
    comment = f"{COMMENT}minisign public key {key_id[::-1].hex().upper()}"
    return f"{comment}\n{base64.b64encode(KEY_HEAD + key_id + public).decode()}\n"


def signature_text(key: Ed25519PrivateKey, content: bytes, *, about: str) -> str:
    """The signature of a file as minisign's signature file; `about` is one line that is signed with it."""
    signature = key.sign(hashlib.blake2b(content).digest())
    head = SIGNATURE_HEAD + _key_id(_public_bytes(key.public_key()))
    whole = key.sign(signature + about.encode())
    signed = [base64.b64encode(head + signature).decode(), TRUSTED + about, base64.b64encode(whole).decode()]
    return "\n".join([COMMENT + "signature of a package", *signed]) + "\n"


def verify(public_key: str, content: bytes, signature: str) -> str:
    """Check a signature; give the line that was signed with it.

    Raises:
        PackagingError: key or signature cannot be read, or it is not this key's signature of this content.
    """
    key_id, key = _read_public(public_key)
    try:
        _, first, about, second = signature.splitlines()
        head_and_signature, whole = _decoded(first), _decoded(second)
        if not about.startswith(TRUSTED) or len(head_and_signature) != 2 + ID_BYTES + SIGNATURE_BYTES:
            raise ValueError(about)
    except ValueError as error:
        raise PackagingError("The signature cannot be read.") from error
    head, made = head_and_signature[: 2 + ID_BYTES], head_and_signature[2 + ID_BYTES :]
    if head != SIGNATURE_HEAD + key_id:
        raise PackagingError("It was signed with another key.")
    try:
        key.verify(made, hashlib.blake2b(content).digest())
        key.verify(whole, made + about.removeprefix(TRUSTED).encode())
    except InvalidSignature as error:
        raise PackagingError("The signature does not belong to this file: one of them was changed.") from error
    return about.removeprefix(TRUSTED)


def _read_public(text: str) -> tuple[bytes, Ed25519PublicKey]:
    try:
        content = _decoded(text.split("\n")[1])
        if content[:2] != KEY_HEAD or len(content) != 2 + ID_BYTES + KEY_BYTES:
            raise ValueError(text)
        return content[2 : 2 + ID_BYTES], Ed25519PublicKey.from_public_bytes(content[2 + ID_BYTES :])
    except (ValueError, IndexError) as error:
        raise PackagingError("That is no public key of minisign.", code=WRONG_CALL) from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


def _public_bytes(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _key_id(public: bytes) -> bytes:
    """Eight bytes by which a key is told; minisign draws them, here they follow from the key."""
    return hashlib.blake2b(public, digest_size=ID_BYTES).digest()

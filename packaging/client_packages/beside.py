"""What lies beside each file that is given away: its digest, its signature, its bill of materials."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client_packages import signing
from client_packages.bill import Part, bill_of
from client_packages.failures import WRONG_CALL, PackagingError
from client_packages.release import NAME, Release

DIGEST_SUFFIX, BILL_SUFFIX = ".sha256", ".cdx.json"
PUBLIC_KEY = f"{NAME}.pub"


def put_beside(
    file: Path, parts: Sequence[Part], release: Release, key: Ed25519PrivateKey, *, organization: str | None = None
) -> None:
    """Write the three beside a file. `organization`: whose profile is in it, which is signed with it."""
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    _beside(file, DIGEST_SUFFIX).write_text(f"{digest}  {file.name}\n", "utf-8")
    bill = bill_of(parts, release, file_name=file.name, sha256=digest)
    _beside(file, BILL_SUFFIX).write_text(bill, "utf-8")
    whose = "" if organization is None else f"\tprofile:{organization}"
    about = f"file:{file.name}\tsha256:{digest}\ttime:{release.epoch_s}{whose}"
    _beside(file, signing.SUFFIX).write_text(signing.signature_text(key, content, about=about), "utf-8")


def verify_file(file: Path, public_key: Path) -> str:
    """Check a file against what lies beside it; give the line that was signed.

    Raises:
        PackagingError: something is missing, or the file is not the one that was signed under this name.
    """
    digest = hashlib.sha256(_read(file)).hexdigest()
    if _read(_beside(file, DIGEST_SUFFIX)).decode("utf-8", "replace").split(" ")[0] != digest:
        raise PackagingError(f"{file.name} is not the file that its digest was made of.")
    signature = _read(_beside(file, signing.SUFFIX)).decode("utf-8", "replace")
    about = signing.verify(_read(public_key).decode("utf-8", "replace"), _read(file), signature)
    if f"file:{file.name}" not in about.split("\t"):
        raise PackagingError(f"{file.name} was signed under another name: {about}")
    return about


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PackagingError(f"{file} cannot be read: {error.strerror}.", code=WRONG_CALL) from error

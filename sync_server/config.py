"""What the server is told by its environment, read once at start.

    CMMS_DATABASE_URL         libpq URL of the database; without it an embedded one runs in the data folder
    CMMS_SECRET_KEY           32 bytes in base64url; without it `secret.key` in the data folder is used
    CMMS_DATA                 the data folder
    CMMS_HOST, CMMS_PORT      where to listen; port 0 lets the system choose
    CMMS_BLOBS                s3://bucket/prefix for photos and documents; without it they lie in the data folder
    AWS_…                     region, endpoint, key and the like of that bucket, by the names that AWS's tools use
    CMMS_PGBOUNCER            HOST:PORT of a PgBouncer in transaction mode; CMMS_DATABASE_URL stays PostgreSQL's own.
                              1 when CMMS_DATABASE_URL itself leads to one: nothing is migrated or backed up then
    CMMS_ALLOW_OLD_POSTGRES   1 to serve on a PostgreSQL with known holes, warned of at each start; developers only

Never reads anything else of the machine, and never shows a secret: neither in `repr` nor in errors.
"""

import base64
import binascii
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync_server.errors import EnvironmentFailure

SECRET_BYTES = 32
SECRET_FILE = "secret.key"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8470
HIGHEST_PORT = 65535
HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
BUCKET_ACCESS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    }
)


@dataclass(frozen=True)
class ServerSettings:
    """The environment's answers, checked.

    Attributes:
        database_url: libpq URL; None means the embedded PostgreSQL in `data_folder`.
        secret: 32 bytes from which every key of this server is derived.
        data_folder: Absolute; exists when read through `from_environment`.
        host: Address to listen on.
        port: 0 to 65535; 0 lets the system choose.
        blob_bucket: Address of the bucket for photos; None means a folder in `data_folder`.
        bucket_access: How to reach it, by AWS's names.
        behind_pgbouncer: Time limits are then told with each transaction.
        pooler: Host and port of that PgBouncer; None where there is none, or `database_url` itself leads to it.
        allow_old_postgres: Warn about an old PostgreSQL instead of refusing it.
    """

    database_url: str | None = field(repr=False)
    secret: bytes = field(repr=False)
    data_folder: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    blob_bucket: str | None = None
    bucket_access: Mapping[str, str] = field(default_factory=dict, repr=False)
    behind_pgbouncer: bool = False
    pooler: tuple[str, int] | None = None
    allow_old_postgres: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings, making the data folder and its secret where they are missing.

        Args:
            environment: Stands in for `os.environ`.

        Raises:
            EnvironmentFailure: A value is malformed, or the data folder cannot be used.
        """
        given = os.environ if environment is None else environment
        data_folder = _make_data_folder(given)
        behind_pgbouncer, pooler = _pooler(given)
        return cls(
            database_url=given.get("CMMS_DATABASE_URL") or None,
            secret=_secret(given, data_folder),
            data_folder=data_folder,
            host=given.get("CMMS_HOST") or DEFAULT_HOST,
            port=_port(given),
            blob_bucket=_bucket(given),
            bucket_access={name: value for name, value in given.items() if name in BUCKET_ACCESS and value},
            behind_pgbouncer=behind_pgbouncer,
            pooler=pooler,
            allow_old_postgres=_switch(given, "CMMS_ALLOW_OLD_POSTGRES"),
        )

    def derive(self, purpose: str) -> bytes:
        """Return this server's 32-byte key for one purpose."""
        return derive(self.secret, purpose)


def derive(secret: bytes, purpose: str) -> bytes:
    """Return the 32-byte key that a secret gives for one purpose (HKDF-SHA256, RFC 5869).

    Keys of different purposes tell nothing about each other or about the secret.

    Args:
        secret: 32 random bytes.
        purpose: A stable word; renaming it changes the key.
    """
    return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=f"cmms/{purpose}".encode()).derive(secret)


def _make_data_folder(given: Mapping[str, str]) -> Path:
    state = Path(given.get("XDG_STATE_HOME") or Path(given.get("HOME") or "/") / ".local" / "state")
    folder = Path(given.get("CMMS_DATA") or state / "cmms-field").absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise EnvironmentFailure(
            f"The data folder {folder} cannot be made: {exc.strerror}. Choose another with CMMS_DATA."
        ) from exc
    return folder


def _port(given: Mapping[str, str]) -> int:
    text = given.get("CMMS_PORT") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST_PORT):
        raise EnvironmentFailure(f"CMMS_PORT must be a number from 0 to {HIGHEST_PORT}.")
    return int(text)


def _bucket(given: Mapping[str, str]) -> str | None:
    url = given.get("CMMS_BLOBS") or None
    if url is not None and not url.startswith("s3://"):
        raise EnvironmentFailure("CMMS_BLOBS must be the address of a bucket, such as s3://photos/north.")
    return url


def _switch(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name) or "0"
    if text not in ("0", "1"):
        raise EnvironmentFailure(f"{name} must be 0 or 1.")
    return text == "1"


def _pooler(given: Mapping[str, str]) -> tuple[bool, tuple[str, int] | None]:
    """Whether a PgBouncer stands before the database, and where when that was said."""
    text = given.get("CMMS_PGBOUNCER") or "0"
    if text in ("0", "1"):
        return text == "1", None
    host, _, port = text.rpartition(":")
    if not (HOST.fullmatch(host) and port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= HIGHEST_PORT):
        raise EnvironmentFailure("CMMS_PGBOUNCER must be where one listens, such as 127.0.0.1:6432, or 0, or 1.")
    return True, (host.strip("[]"), int(port))


def _secret(given: Mapping[str, str], data_folder: Path) -> bytes:
    text = given.get("CMMS_SECRET_KEY")
    if text:
        return _decoded(text, "CMMS_SECRET_KEY")
    path = data_folder / SECRET_FILE
    try:
        if not path.exists():
            _make_secret_file(path)
        if path.stat().st_mode & 0o077:
            raise EnvironmentFailure(f"Other users can read {path}. Give it mode 0600, and a new key if it leaked.")
        return _decoded(path.read_text(encoding="ascii", errors="replace"), str(path))
    except OSError as exc:
        raise EnvironmentFailure(f"The secret key in {path} cannot be used: {exc.strerror}.") from exc


def _decoded(text: str, source: str) -> bytes:
    text = text.strip().rstrip("=")
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise EnvironmentFailure(f"{source} must hold {SECRET_BYTES} bytes in base64url (43 characters).")
    return secret


def _make_secret_file(path: Path) -> None:
    """Write a new key so that two starting servers end with the same one, complete and on the disk."""
    text = base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=")
    descriptor, making = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # the other server's key wins
        os.link(making, path)
    os.unlink(making)

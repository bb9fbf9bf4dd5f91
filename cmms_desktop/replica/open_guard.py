"""The checks a store must pass before one row is read or written, each with its own error.

Reproduced, and the reason for this file: with a keyring that keeps nothing the key comes back empty, and SQLCipher
then writes an ordinary plaintext SQLite file without a word. The guard never repairs and never falls back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cmms_desktop.errors import ReplicaUnavailable

KEY_BYTES: Final = 32
MINIMUM_SQLITE: Final = (3, 51, 3)
"""First release without the WAL-reset corruption (sqlite.org/wal.html#walresetbug)."""
_PLAIN_HEADER: Final = b"SQLite format 3\x00"

Pragmas = Mapping[str, tuple[str, object]]
"""Pragma name → (value to set, value that must be read back)."""

_SHARED: Final[dict[str, tuple[str, object]]] = {
    "foreign_keys": ("ON", 1),
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "trusted_schema": ("OFF", 0),
    "temp_store": ("MEMORY", 2),
    "cipher_memory_security": ("OFF", "0"),
    "journal_size_limit": ("16777216", 16_777_216),
}
WRITER_PRAGMAS: Final[Pragmas] = {
    **_SHARED,
    "wal_autocheckpoint": ("1000", 1000),
    "cache_size": ("-16384", -16_384),
    "query_only": ("OFF", 0),
}
"""``cache_size`` is negative KiB: 16 MiB for the writer, 8 MiB for a reader."""
DOWNLOAD_PRAGMAS: Final[Pragmas] = {**WRITER_PRAGMAS, "synchronous": ("NORMAL", 1), "wal_autocheckpoint": ("0", 0)}
"""For what can be downloaded again, in a store of its own or one commit of the replica: a power cut takes the last such
commits. Moving them out of the WAL is `move_log`'s, beside writers. Whatever is committed in the ordinary way keeps all
that came before."""
READER_PRAGMAS: Final[Pragmas] = {**_SHARED, "cache_size": ("-8192", -8_192), "query_only": ("ON", 1)}


class KeyNotUsable(ReplicaUnavailable):
    """The key is not 32 random bytes."""


class LibraryNotUsable(ReplicaUnavailable):
    """The SQLite library cannot encrypt, or is known to damage files."""


class FileNotEncrypted(ReplicaUnavailable):
    """The file on disk is an ordinary, readable SQLite file."""


class WrongKey(ReplicaUnavailable):
    """The file cannot be decrypted with this key, or its first page is damaged."""


class SettingNotKept(ReplicaUnavailable):
    """A safety setting read back differently from what was set."""


def require_key(key: bytes) -> None:
    """Refuse anything but 32 bytes that are not all the same.

    Raises:
        KeyNotUsable: absent, of another length, or filled with one byte.
    """
    if not isinstance(key, bytes) or len(key) != KEY_BYTES or len(set(key)) == 1:
        raise KeyNotUsable("The key of your local store is missing or incomplete. Please sign in again.")


def require_cipher(connection: Any) -> None:
    """Refuse a library that cannot encrypt.

    Args:
        connection: An open driver connection, keyed or not; nothing is read or written through it.

    Raises:
        LibraryNotUsable: ``cipher_version`` is empty, as in every plain SQLite.
    """
    row = connection.execute("PRAGMA cipher_version").fetchone()
    if row is None or not row[0]:
        raise LibraryNotUsable("This installation cannot encrypt your work, so it will not open it. Install it again.")


def require_sound_sqlite(version: tuple[int, ...]) -> None:
    """Refuse a SQLite below ``MINIMUM_SQLITE``.

    Raises:
        LibraryNotUsable: it carries the WAL-reset bug.
    """
    if version < MINIMUM_SQLITE:
        raise LibraryNotUsable("This installation has a database library that can damage your work. Install it again.")


def require_encrypted_file(path: Path) -> None:
    """Refuse a file that begins like plain SQLite; a missing or empty file passes.

    Never call it while a connection to the file is open: closing the descriptor drops SQLite's POSIX locks.

    Raises:
        FileNotEncrypted: the header is readable.
        ReplicaUnavailable: the file cannot be read or written.
    """
    try:
        with path.open("r+b") as file:
            header = file.read(len(_PLAIN_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise ReplicaUnavailable("Your local store cannot be read or written. Check the data folder.") from error
    if header == _PLAIN_HEADER:
        raise FileNotEncrypted("The local store is not encrypted, so it was not opened. Tell your administrator.")


def key_literal(key: bytes) -> str:
    """Write the key the way SQLCipher takes it raw, without a derivation. Never log the answer."""
    return f"x'{key.hex()}'"


def unlock(connection: Any, key: bytes) -> None:
    """Give the raw key to a fresh connection and prove that it opens the file.

    The statement bypasses SQLAlchemy, so no log or echo ever sees it.

    Raises:
        WrongKey: the first page does not decrypt.
    """
    connection.execute("PRAGMA cipher_log_level = NONE")  # otherwise each wrong key prints to standard error
    connection.execute(f'PRAGMA key = "{key_literal(key)}"')
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except Exception as error:
        if getattr(error, "sqlite_errorname", "") != "SQLITE_NOTADB":
            raise
        raise WrongKey(
            "Your local store does not open with this key, or it is damaged. Nothing was changed."
        ) from error


def apply_pragmas(connection: Any, pragmas: Pragmas) -> None:
    """Set each pragma in order, then read every one back.

    Raises:
        SettingNotKept: one reads back differently.
    """
    for name, (value, _) in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
    for name, (_, expected) in pragmas.items():
        row = connection.execute(f"PRAGMA {name}").fetchone()
        if row is None or row[0] != expected:
            raise SettingNotKept(f"Your local store cannot be kept safe on this computer (setting {name}).")

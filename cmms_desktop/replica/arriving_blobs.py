"""Files that others made: which of them this device lacks, which have come, and which no row names any more.

Bytes are moved elsewhere; this knows only names. An entry in the list of blobs says that a file is here, except
`missing`: what came for it was wrong, or the server refuses it. No entry: it has not come yet. What a crash leaves
between the list and the folder, a file without an entry or an entry without its file, is put right by `clear`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.settlement import execute_in
from sync_server.contract.messages import MAX_BLOB_BYTES
from sync_server.contract.rules.draft import Key

SHA256: Final = re.compile(r"[0-9a-f]{64}")
_WANTED: Final = """
SELECT t.sha256, max(t.size_bytes), max(t.media_type), b.state IS NOT NULL
FROM attachment t LEFT JOIN blob b ON b.sha256 = t.sha256 LEFT JOIN work_order w ON w.id = t.aggregate_id
  LEFT JOIN asset a ON a.id = t.aggregate_id
WHERE t.deleted_at IS NULL AND t.sha256 IS NOT NULL AND coalesce(b.state, 'missing') = 'missing'
GROUP BY t.sha256
ORDER BY min(coalesce(w.status IN ('closed', 'cancelled', 'rejected'), a.id IS NULL)),
  min(NOT EXISTS (SELECT 1 FROM member m WHERE m.scope_id = ? AND m.aggregate_id = t.aggregate_id)),
  max(w.updated_at) DESC, max(t.taken_at) DESC, t.sha256"""
_NAMED: Final = """
SELECT sha256 FROM attachment WHERE sha256 IS NOT NULL AND deleted_at IS NULL
UNION SELECT photo_sha256 FROM checklist_item WHERE photo_sha256 IS NOT NULL AND deleted_at IS NULL"""
_OWN: Final = """
SELECT j.value FROM outbox o, json_each(o.body, '$.blobs') j WHERE o.entity = 'attachment'
UNION SELECT j.value FROM outbox_done o, json_each(o.body, '$.blobs') j WHERE o.entity = 'attachment'"""


@dataclass(frozen=True, slots=True)
class WantedBlob:
    """A file that this device lacks. `size_bytes`: what its attachment says, at most 64 MiB.

    `is_missing`: it was asked for, and what came cannot be used.
    """

    sha256: str
    size_bytes: int
    media_type: str
    is_missing: bool


def wanted(database: ReplicaDatabase, *, person_id: str) -> list[WantedBlob]:
    """Give the files that attachments name and this device lacks.

    Assets, open and completed orders come before closed ones, those in the person's own scope before the others, the
    newest first. An item's photo is an attachment as well; the server gives no file that is none.
    """
    with database.reader() as handle:
        lines = handle.cursor.execute(_WANTED, (f"user:{person_id}",)).fetchall()
    return [
        WantedBlob(sha256, min(size_bytes or MAX_BLOB_BYTES, MAX_BLOB_BYTES), media_type or "", bool(is_missing))
        for sha256, size_bytes, media_type, is_missing in lines
        if SHA256.fullmatch(sha256)
    ]


def note(cursor: Any, blob: WantedBlob, *, is_usable: bool, at: str) -> None:
    """Remember that a file is here, its bytes safe in the folder already, or that what came for it cannot be used."""
    cursor.execute(
        "INSERT INTO blob (sha256, media_type, size_bytes, state, made_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET state = excluded.state WHERE state = 'missing'",
        (blob.sha256, blob.media_type, blob.size_bytes, "received" if is_usable else "missing", at),
    )


def attachments_of(cursor: Any, sha256: str) -> list[Key]:
    """Keys of the visible attachments that name a file."""
    lines = cursor.execute("SELECT id FROM attachment WHERE sha256 = ?", (sha256,)).fetchall()
    return [("attachment", row_id) for (row_id,) in lines]


def clear(database: ReplicaDatabase, folder: BlobFolder) -> set[str]:
    """Delete the files that no row of this device names any more, and forget entries whose file is gone.

    Own files stay as long as the outbox keeps the mutation that names them: a server that was restored may ask again.
    The list commits first; a crash before the files are deleted leaves them to the next call.

    Returns:
        Digests of files that rows name and that were lost from the disk: they are wanted again.
    """
    try:
        names = folder.names()
    except OSError:
        return set()
    with database.reader() as handle:
        found = _Leftovers.of(handle.cursor, names)
    if found.entries:
        with database.writer() as handle:
            found = _Leftovers.of(handle.cursor, names)  # somebody may have named one meanwhile
            execute_in(handle.cursor, "DELETE FROM blob WHERE sha256 IN {}", found.entries)
    if found.files:
        folder.remove(found.files)
    return found.lost


@dataclass(frozen=True, slots=True)
class _Leftovers:
    """Entries and files that nobody needs."""

    entries: set[str]
    files: set[str]
    lost: set[str]

    @classmethod
    def of(cls, cursor: Any, names: Iterable[str]) -> "_Leftovers":
        states = dict(cursor.execute("SELECT sha256, state FROM blob").fetchall())
        named = {sha256 for (sha256,) in cursor.execute(_NAMED).fetchall()}
        here = set(names)
        kept = {sha256 for sha256, state in states.items() if state == "to_send"}
        unnamed = states.keys() - kept - named
        if unnamed:
            unnamed -= {sha256 for (sha256,) in cursor.execute(_OWN).fetchall()}
        lost = {each for each, state in states.items() if state in {"received", "sent"} and each in named} - here
        unlisted = here - states.keys() - named
        return cls(unnamed | lost, (unnamed | unlisted) & here, lost)

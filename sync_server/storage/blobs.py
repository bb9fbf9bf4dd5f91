"""How far each author's upload is, in rows, and under which names its bytes lie in the store.

Names are made of ids, numbers and digests only, never of what somebody typed. A content lies once per organization;
who may read it is a matter of rows. Rows say what was promised, the store what is there: neither is believed alone.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.storage.blob_store import BlobStore

SHA256: Final = re.compile(r"[0-9a-f]{64}")
COLUMNS: Final = "size_bytes, parts, complete_at is not null"
MINE: Final = "organization_id = %(organization_id)s and sha256 = %(sha256)s and author_id = %(author_id)s"


@dataclass(frozen=True, slots=True)
class Owned:
    """A content as one author's: he has sent, or is sending, its bytes."""

    organization_id: str
    author_id: str
    sha256: str

    @property
    def name(self) -> str:
        """Name of the whole object, the same for every author."""
        return f"{self.organization_id}/{self.sha256[:2]}/{self.sha256}"

    @property
    def former_name(self) -> str:
        """Name under which it lies when it came before contents were shared."""
        return f"{self.organization_id}/{self.author_id}/{self.sha256[:2]}/{self.sha256}"

    @property
    def parts(self) -> str:
        """Name above those of the pieces of his upload."""
        return f"uploads/{self.organization_id}/{self.author_id}/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Upload:
    """How far an author's upload is. `parts`: last names of its pieces, in order; none once it is complete."""

    size_bytes: int
    parts: list[str] = field(default_factory=list)
    is_complete: bool = False


def part_name(at: int, chunk: bytes) -> str:
    """Name a piece by its place, its length and what is in it: two different pieces never have the same name."""
    return f"{at:010d}-{len(chunk)}-{hashlib.sha256(chunk).hexdigest()}"


def part_size(name: str) -> int:
    """Give the length of a piece in bytes."""
    return int(name.split("-")[1])


def owner_of_part(name: str) -> Owned | None:
    """Tell whose upload a piece belongs to, by its whole name; None: it is no piece."""
    words = name.split("/")
    is_part = len(words) == 5 and words[0] == "uploads" and SHA256.fullmatch(words[3])
    return Owned(words[1], words[2], words[3]) if is_part else None


def content_of(name: str) -> str | None:
    """Tell the digest of a whole content by its name, of now or of former times; None: it is none."""
    words = name.split("/")
    is_whole = len(words) in {3, 4} and SHA256.fullmatch(words[-1]) and words[-2] == words[-1][:2]
    return words[-1] if is_whole else None


def find(connection: Connection[TupleRow], owned: Owned) -> Upload | None:
    """Read an upload; None: never begun."""
    found = connection.execute(f"select {COLUMNS} from blob where {MINE}", _keys(owned)).fetchone()
    return Upload(found[0], found[1].split(), found[2]) if found else None


def begin(connection: Connection[TupleRow], owned: Owned, *, size_bytes: int) -> Upload:
    """Read an upload, which begins when there is none."""
    connection.execute(
        "insert into blob (organization_id, sha256, author_id, size_bytes, received_bytes, created_at) values"
        " (%(organization_id)s, %(sha256)s, %(author_id)s, %(size)s, 0, clock_timestamp()) on conflict do nothing",
        {**_keys(owned), "size": size_bytes},
    )
    found = find(connection, owned)
    if found is None:
        raise LookupError("the upload that was just begun is gone")
    return found


def note(
    connection: Connection[TupleRow], owned: Owned, before: Upload, *, parts: list[str], is_complete: bool = False
) -> bool:
    """Write down how far an upload is, unless somebody else has moved it since it was read; then False."""
    received = before.size_bytes if is_complete else sum(map(part_size, parts))
    return bool(
        connection.execute(
            "update blob set parts = %(parts)s, received_bytes = %(received)s,"
            f" complete_at = case when %(is_complete)s then clock_timestamp() end where {MINE}"
            " and parts = %(before)s and (complete_at is not null) = %(was_complete)s",
            {
                **_keys(owned),
                "parts": " ".join(parts),
                "received": received,
                "is_complete": is_complete,
                "before": " ".join(before.parts),
                "was_complete": before.is_complete,
            },
        ).rowcount
    )


def give_up(connection: Connection[TupleRow], owned: Owned, *, known: Sequence[str], in_touch_since: datetime) -> bool:
    """Forget an upload that no device goes on with; whether nothing needs its pieces any more.

    One that has other pieces than those that are known has gone on. Each device of its author that is neither revoked
    nor wiped has to have been in touch since a moment: one that has not may still go on.
    """
    values = {**_keys(owned), "since": in_touch_since, "known": [*known, ""]}
    connection.execute(
        f"delete from blob where {MINE} and complete_at is null and string_to_array(parts, ' ') <@ %(known)s::text[]"
        " and not exists (select from device d"
        " where d.organization_id = %(organization_id)s and d.person_id = %(author_id)s and d.revoked_at is null"
        " and d.wiped_at is null and coalesce(d.last_seen_at, d.enrolled_at) < %(since)s)",
        values,
    )
    upload = find(connection, owned)
    return upload is None or upload.is_complete


def named(connection: Connection[TupleRow], organization_id: str, digests: Iterable[str]) -> set[str]:
    """Give those of some digests that an upload of anybody names, finished or not."""
    found = connection.execute(
        "select distinct sha256 from blob where organization_id = %s and sha256 = any(%s)",
        (organization_id, list(digests)),
    )
    return {row[0] for row in found}


def kept_parts(store: BlobStore, owned: Owned, upload: Upload) -> list[str]:
    """Give the pieces of an upload that are still here, up to the first that is not."""
    if not upload.parts:
        return []
    sizes = store.sizes(owned.parts)
    kept: list[str] = []
    for name in upload.parts:
        if sizes.get(name) != part_size(name):
            break
        kept.append(name)
    return kept


def whole_name(store: BlobStore, owned: Owned, *, size_bytes: int) -> str | None:
    """Give the name under which all bytes of a content lie; None: the store has lost them."""
    return next((name for name in (owned.name, owned.former_name) if store.size(name) == size_bytes), None)


def holders(connection: Connection[TupleRow], organization_id: str, sha256: str) -> list[tuple[str, str]]:
    """Give (author, scope) of every complete upload whose own author attached it to an aggregate that a scope holds.

    Its own author: whose device made the row, whatever the row says.
    """
    found = connection.execute(
        "select b.author_id::text, s.scope_id from attachment a"
        " join blob b on b.organization_id = a.organization_id and b.sha256 = a.sha256 and b.author_id = a.author_id"
        " join scope_aggregate s on s.organization_id = a.organization_id and s.aggregate_id = a.aggregate_id"
        " where a.organization_id = %s and a.sha256 = %s and a.created_by = a.author_id and s.live"
        " and b.complete_at is not null and a.deleted_at is null",
        (organization_id, sha256),
    )
    return [(row[0], row[1]) for row in found]


def writer_of_document(connection: Connection[TupleRow], organization_id: str, sha256: str) -> str | None:
    """Give whose complete upload a version of a controlled document names, written by himself; None: nobody's."""
    found = connection.execute(
        "select b.author_id::text from document_version v"
        " join blob b on b.organization_id = v.organization_id and b.sha256 = v.sha256 and b.author_id = v.created_by"
        " where v.organization_id = %s and v.sha256 = %s and b.complete_at is not null limit 1",
        (organization_id, sha256),
    ).fetchone()
    return None if found is None else str(found[0])


def inspectors(connection: Connection[TupleRow], organization_id: str, sha256: str) -> list[tuple[str, str]]:
    """Give (author, site) of every complete upload that its author named as a photo of an inspection at a site."""
    found = connection.execute(
        "select b.author_id::text, a.site_id::text from blob b"
        " join procedure_execution e on e.organization_id = b.organization_id and e.created_by = b.author_id"
        " and position(b.sha256 in e.results) > 0"
        " join asset a on a.organization_id = b.organization_id and a.id = e.asset_id"
        " where b.organization_id = %s and b.sha256 = %s and b.complete_at is not null"
        " and exists (select from jsonb_each(e.results::jsonb) as step where step.value ->> 'photo' = b.sha256)",
        (organization_id, sha256),
    )
    return [(row[0], row[1]) for row in found]


def _keys(owned: Owned) -> dict[str, str]:
    return {"organization_id": owned.organization_id, "sha256": owned.sha256, "author_id": owned.author_id}

"""Comments and photos: append-only, with the bytes of a photo on the disk before the row that names them."""

from dataclasses import dataclass
from typing import Literal

from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.local_write import LocalWrite

Remarked = Literal["work_order", "asset"]
"""Kinds of things that a remark or a photo may be about."""


def add_comment(
    write: LocalWrite, about_id: str, text: str, *, about: Remarked = "work_order", answers: str | None = None
) -> str:
    """Write a remark on an order or an asset, or an answer to one. Gives its id."""
    return write.create(
        "comment",
        {
            f"{about}_id": about_id,
            "author_id": write.actor.person_id,
            "text": text,
            "parent_id": answers,
            "written_at": write.now,
            "offset_ms": write.offset_ms,
        },
    )


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file whose bytes lie safe in the blob folder."""

    sha256: str
    media_type: str
    size_bytes: int


def add_photo(
    write: LocalWrite,
    blobs: BlobFolder,
    about_id: str,
    *,
    content: bytes,
    media_type: str,
    caption: str | None = None,
    about: Remarked = "work_order",
    comment_id: str | None = None,
) -> str:
    """Attach a photo. Its bytes are safe before the row is written, and are sent after the text. Gives its digest."""
    file = KeptFile(blobs.keep(content), media_type, len(content))
    attach(write, about_id, file, caption=caption, about=about, comment_id=comment_id)
    return file.sha256


def attach(
    write: LocalWrite,
    about_id: str,
    file: KeptFile,
    *,
    caption: str | None = None,
    attachment_id: str | None = None,
    about: Remarked = "work_order",
    comment_id: str | None = None,
) -> str:
    """Queue a kept file for sending and attach it to an order or an asset. Gives the attachment's id.

    `comment_id`: the remark on the same thing that it is added to.
    """
    write.add_blob(file.sha256, media_type=file.media_type, size_bytes=file.size_bytes)
    return write.create(
        "attachment",
        {
            f"{about}_id": about_id,
            "comment_id": comment_id,
            "author_id": write.actor.person_id,
            "sha256": file.sha256,
            "media_type": file.media_type,
            "size_bytes": file.size_bytes,
            "caption": caption,
            "taken_at": write.now,
            "offset_ms": write.offset_ms,
        },
        id=attachment_id,
        blobs=(file.sha256,),
    )

"""Comments and photos: append-only, with the bytes of a photo on the disk before the row that names them."""

from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.local_write import LocalWrite


def add_comment(write: LocalWrite, order_id: str, text: str, *, answers: str | None = None) -> str:
    """Write a remark on an order, or an answer to one. Gives its id."""
    return write.create(
        "comment",
        {
            "work_order_id": order_id,
            "author_id": write.actor.person_id,
            "text": text,
            "parent_id": answers,
            "written_at": write.now,
        },
    )


def add_photo(
    write: LocalWrite, blobs: BlobFolder, order_id: str, *, content: bytes, media_type: str, caption: str | None = None
) -> str:
    """Attach a photo. Its bytes are safe before the row is written, and are sent after the text. Gives its digest."""
    sha256 = blobs.keep(content)
    write.add_blob(sha256, media_type=media_type, size_bytes=len(content))
    write.create(
        "attachment",
        {
            "work_order_id": order_id,
            "author_id": write.actor.person_id,
            "sha256": sha256,
            "media_type": media_type,
            "size_bytes": len(content),
            "caption": caption,
            "taken_at": write.now,
        },
        blobs=(sha256,),
    )
    return sha256

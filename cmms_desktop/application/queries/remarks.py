"""Comments and photos of orders and assets, with who made them and where they are. Frozen rows only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from cmms_desktop.application.queries.happened import happened_at, in_order
from cmms_desktop.application.queries.lookups import received_at, rows_of, state_of, text_of, text_or_none
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row

PhotoState = Literal["here", "to_send", "sent", "to_come", "missing"]
"""`to_send`: kept here, the server lacks it. `sent`: both have it. `here`: it came from the server, or nobody asked for
it. `to_come`: its bytes have not arrived. `missing`: what arrived cannot be used, or the server refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentLine:
    """One remark. Instants in wire form; `received_at` None: it is not at the server yet."""

    id: str
    parent_id: str | None
    author_id: str
    author: str
    is_mine: bool
    text: str
    written_at: str
    received_at: str | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLine:
    """One photo or document; its bytes are found by `sha256`. `comment_id`: the remark that it was added to."""

    id: str
    sha256: str
    media_type: str
    size_bytes: int
    caption: str | None
    author: str
    taken_at: str
    received_at: str | None
    state: PhotoState
    is_late: bool
    comment_id: str | None = None

    @property
    def is_here(self) -> bool:
        """Whether the bytes are kept on this device."""
        return self.state not in {"to_come", "missing"}


_STATES: Final[dict[str | None, PhotoState]] = {
    "to_send": "to_send",
    "sent": "sent",
    "missing": "missing",
    None: "to_come",
}


def comment_lines(reading: Reading, about_id: str) -> tuple[CommentLine, ...]:
    """Remarks on an order or an asset, oldest first; an answer names what it answers."""
    me = state_of(reading).person_id
    lines = reading.cursor.execute(
        "SELECT c.id, c.parent_id, c.author_id, coalesce(p.name, ''), c.text, coalesce(c.written_at, c.created_at),"
        " c.created_at, c.version, c.is_late, c.offset_ms FROM comment c LEFT JOIN person p ON p.id = c.author_id"
        " WHERE c.aggregate_id = ? AND c.deleted_at IS NULL",
        (about_id,),
    ).fetchall()
    return tuple(
        CommentLine(
            id=line[0],
            parent_id=line[1],
            author_id=text_of(line[2]),
            author=line[3],
            is_mine=line[2] == me,
            text=text_of(line[4]),
            written_at=text_of(line[5]),
            received_at=received_at({"created_at": line[6], "version": line[7]}),
            is_late=bool(line[8]),
        )
        for line in sorted(lines, key=_written)
    )


def _written(line: Sequence[Any]) -> tuple[str, str]:
    received = received_at({"created_at": line[6], "version": line[7]})
    return happened_at(line[5], line[9], received), text_of(line[0])


def photo_lines(reading: Reading, about_id: str) -> tuple[PhotoLine, ...]:
    """Photos and documents of an order or an asset, oldest first; those of its remarks among them."""
    rows = rows_of(reading, "attachment", (about_id,)).get(about_id, [])
    details = {
        line[0]: (line[1], text_of(line[2]))
        for line in reading.cursor.execute(
            "SELECT t.id, b.state, p.name FROM attachment t LEFT JOIN blob b ON b.sha256 = t.sha256"
            " LEFT JOIN person p ON p.id = t.author_id WHERE t.aggregate_id = ?",
            (about_id,),
        ).fetchall()
    }
    return tuple(
        PhotoLine(
            id=text_of(row["id"]),
            sha256=text_of(row["sha256"]),
            media_type=text_of(row["media_type"]),
            size_bytes=int(row["size_bytes"] or 0),
            caption=text_or_none(row["caption"]),
            author=details[str(row["id"])][1],
            taken_at=text_of(row["taken_at"]),
            received_at=received_at(row),
            state=_STATES.get(details[str(row["id"])][0], "here"),
            is_late=bool(row["is_late"]),
            comment_id=text_or_none(row["comment_id"]),
        )
        for row in sorted(rows, key=_taken)
    )


def _taken(row: Row) -> tuple[str, str]:
    return in_order(row, "taken_at")

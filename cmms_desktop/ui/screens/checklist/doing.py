"""Commands of the checklist as functions of an open write. They run outside the GUI thread, all or nothing each."""

from collections.abc import Collection, Mapping
from pathlib import Path

from cmms_desktop.application.commands import checklists
from cmms_desktop.application.session import LocalWrite, Session
from cmms_desktop.devices.picture import encode_photo
from cmms_desktop.devices.picture_file import read_picture_file
from cmms_desktop.ui.screens.checklist.entries import Given

Passed = Mapping[str, tuple[str, ...]]
"""Checklist → ids of the items that *Set all OK* passed."""


def complete(write: LocalWrite, *, item_id: str, whole: Given) -> None:
    """Answer one item. A photo that it got meanwhile stays its photo."""
    item = write.get("checklist_item", item_id) or {}
    photo = whole.photo or item.get("photo_sha256")
    checklists.complete_checklist_item(
        write,
        item_id,
        result=whole.result,
        value=whole.value,
        note=whole.note,
        photo_sha256=None if photo is None else str(photo),
    )


def keep_photo(session: Session, path: Path, *, item_id: str, is_answer: bool) -> None:
    """Read, re-encode and attach a photo, as one piece of work: closing a window cannot part them. Slow.

    Args:
        is_answer: the photo is the answer of its item.

    Raises:
        Refused: it is no photo, or the item does not take one; nothing was changed.
    """
    photo = encode_photo(read_picture_file(path))  # no write is open meanwhile
    with session.writing() as write:
        checklists.add_item_photo(
            write,
            session.blobs,
            item_id,
            content=photo.content,
            media_type=photo.media_type,
            result="pass" if is_answer else None,
        )


def set_all_ok(write: LocalWrite, *, checklist_ids: Collection[str], among: Collection[str]) -> Passed:
    """Pass the items that are open among these."""
    return {each: checklists.set_all_ok(write, each, among=among) for each in checklist_ids}


def take_back_ok(write: LocalWrite, *, passed: Passed) -> int:
    """Open those again that still pass. Gives their number."""
    return sum(checklists.take_back_ok(write, each, item_ids) for each, item_ids in passed.items())


def follow_up(write: LocalWrite, *, item_id: str) -> str:
    """Make an order for what failed. Gives its id."""
    return checklists.follow_up(write, item_id)

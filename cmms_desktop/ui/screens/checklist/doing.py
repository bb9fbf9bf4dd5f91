"""Commands of the checklist as functions of an open write. They run outside the GUI thread, all or nothing each."""

from collections.abc import Collection, Mapping
from pathlib import Path

from cmms_desktop.application.commands import checklists
from cmms_desktop.application.session import BlobFolder, LocalWrite
from cmms_desktop.devices.picture import EncodedPhoto, encode_photo
from cmms_desktop.devices.picture_file import read_picture_file
from cmms_desktop.ui.screens.checklist.entries import Given

Passed = Mapping[str, tuple[str, ...]]
"""Checklist → ids of the items that *Set all OK* passed."""


def complete(write: LocalWrite, *, item_id: str, whole: Given) -> None:
    """Answer one item."""
    checklists.complete_checklist_item(
        write, item_id, result=whole.result, value=whole.value, note=whole.note, photo_sha256=whole.photo
    )


def photo_of(path: Path) -> EncodedPhoto:
    """Read and re-encode a photo; no write is open meanwhile. Raises Refused for what is no photo."""
    return encode_photo(read_picture_file(path))


def add_photo(write: LocalWrite, *, blobs: BlobFolder, item_id: str, photo: EncodedPhoto, result: str | None) -> None:
    """Attach a photo to an item, and answer a photo item with it."""
    checklists.add_item_photo(write, blobs, item_id, content=photo.content, media_type=photo.media_type, result=result)


def set_all_ok(write: LocalWrite, *, checklist_ids: Collection[str], among: Collection[str]) -> Passed:
    """Pass the items that are open among these."""
    return {each: checklists.set_all_ok(write, each, among=among) for each in checklist_ids}


def take_back_ok(write: LocalWrite, *, passed: Passed) -> int:
    """Open those again that still pass. Gives their number."""
    return sum(checklists.take_back_ok(write, each, item_ids) for each, item_ids in passed.items())


def follow_up(write: LocalWrite, *, item_id: str) -> str:
    """Make an order for what failed. Gives its id."""
    return checklists.follow_up(write, item_id)

"""Tags on orders and assets: put on and taken off without network, by anybody who works on the thing."""

from cmms_desktop.application.commands.remarks import Remarked
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.rules.attaching import attached_id

_NAMED = "SELECT id FROM tag WHERE name = ? AND deleted_at IS NULL ORDER BY code_conflict, created_at, id"


def put_tag_on(write: LocalWrite, about_id: str, name: str, *, about: Remarked) -> None:
    """Put a tag on an order or an asset; a word that no tag has here becomes one. On it already, nothing changes.

    Raises:
        Refused: the word is empty or too long, or the person may not.
    """
    word = " ".join(name.split())
    if not word:
        raise Refused("invalid_value", "Enter a word first.")
    ids = _named(write, word)
    tag_id = ids[0] if ids else write.create("tag", {"name": word})
    row_id = attached_id("entity_tag", about_id, tag_id)
    if write.get("entity_tag", row_id) is None:
        write.create("entity_tag", {f"{about}_id": about_id, "tag_id": tag_id}, id=row_id)


def take_tag_off(write: LocalWrite, about_id: str, name: str) -> None:
    """Take a tag off, and every other one with the same word.

    Raises:
        Refused: the person may not.
    """
    for tag_id in _named(write, name):
        row_id = attached_id("entity_tag", about_id, tag_id)
        if write.get("entity_tag", row_id) is not None:
            write.delete("entity_tag", row_id)


def _named(write: LocalWrite, word: str) -> list[str]:
    return [row_id for (row_id,) in write.cursor.execute(_NAMED, (word,)).fetchall()]

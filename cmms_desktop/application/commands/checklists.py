"""Answering a checklist: each tap is saved at once, and a failed item offers an order that follows it up."""

from collections.abc import Collection, Mapping

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.item_ids import follow_up_id, photo_id
from cmms_desktop.errors import Refused
from cmms_desktop.replica import sync_state
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.problems import Problem
from sync_server.contract.rules import answer as answers
from sync_server.contract.rules import checklist as rules
from sync_server.contract.rules import sign_off
from sync_server.contract.rules.numbers import PREFIX, format_number, parse_number, short_code


def complete_checklist_item(
    write: LocalWrite,
    item_id: str,
    *,
    result: str | None = None,
    value: str | None = None,
    note: str | None = None,
    photo_sha256: str | None = None,
) -> str | None:
    """Answer one item. Gives the result: pass, flag, fail or na; None when it was emptied again.

    Raises:
        Refused: the answer does not fit the item (a sentence says what is missing), or the record is signed.
    """
    item = _item(write, item_id)
    _require_open(write, item)
    answer = answers.judge_answer(item, value=value, result=result, note=note, photo=photo_sha256)
    if isinstance(answer, Problem):
        raise Refused(answer.code, answer.sentence)
    is_answered = answer.result is not None
    write.set(
        "checklist_item",
        item_id,
        result=answer.result,
        value=answer.value,
        note=answer.note,
        photo_sha256=answer.photo_sha256,
        answered_at=write.now if is_answered else None,
        answered_offset_ms=write.offset_ms if is_answered else None,
        answered_by=write.actor.person_id if is_answered else None,
    )
    return answer.result


def pass_remaining(write: LocalWrite, checklist_id: str) -> int:
    """*Set all OK*: every pass/fail item without an answer passes, as one mutation. Gives their number."""
    return len(set_all_ok(write, checklist_id))


def set_all_ok(write: LocalWrite, checklist_id: str, *, among: Collection[str] | None = None) -> tuple[str, ...]:
    """*Set all OK*, of a checklist or of some of its items: those of pass/fail kind without an answer pass.

    Args:
        among: Ids of the items of a section; None: all of the checklist.

    Returns:
        Ids of the items that pass now, for `take_back_ok`.
    """
    asked = rules.passable(_items(write, checklist_id))
    passed = [item for item in asked if among is None or item["id"] in among]
    _answer_all(write, checklist_id, {str(item["id"]): (item["result"], "pass") for item in passed})
    return tuple(str(item["id"]) for item in passed)


def take_back_ok(write: LocalWrite, checklist_id: str, item_ids: Collection[str]) -> int:
    """Undo *Set all OK*: those of the items that still pass are without an answer again. Gives their number."""
    passing = [item for item in _items(write, checklist_id) if item["id"] in item_ids and item["result"] == "pass"]
    _answer_all(write, checklist_id, {str(item["id"]): ("pass", None) for item in passing})
    return len(passing)


def _items(write: LocalWrite, checklist_id: str) -> list[Row]:
    """Items of a checklist that may still be answered. Raises Refused when it is signed or not here."""
    checklist = write.get("checklist", checklist_id)
    if checklist is None:
        raise Refused("not_found", "This checklist is not on this device.")
    _require_open(write, checklist)
    names = REGISTRY["checklist_item"].names
    found = write.cursor.execute(
        f"SELECT {', '.join(names)} FROM checklist_item WHERE checklist_id = ? AND deleted_at IS NULL", (checklist_id,)
    ).fetchall()
    return [dict(zip(names, values, strict=True)) for values in found]


def _answer_all(write: LocalWrite, checklist_id: str, changes: Mapping[str, tuple[Scalar, Scalar]]) -> None:
    if changes:
        write.mutate("checklist.answer_all", entity="checklist", id=checklist_id, set=changes)


def add_item_photo(
    write: LocalWrite,
    blobs: BlobFolder,
    item_id: str,
    *,
    content: bytes,
    media_type: str,
    result: str | None = None,
    value: str | None = None,
    note: str | None = None,
) -> str:
    """Keep a photo of an item, attach it to the order, queue it for sending and answer with it, in one step.

    An item may have several photos: the first one is its answer's, the others are attached. What is not given stays as
    the item has it, so a photo can be added before anything is entered. Gives the photo's digest.

    Raises:
        Refused: the answer does not fit the item even with the photo, or the record is signed.
    """
    item = _item(write, item_id)
    _require_open(write, item)
    sha256 = blobs.keep(content)
    attachment_id = photo_id(item_id, sha256)
    if write.get("attachment", attachment_id) is None:
        remarks.attach(
            write,
            str(item["aggregate_id"]),
            remarks.KeptFile(sha256, media_type, len(content)),
            caption=str(item["prompt"] or item["key"]),
            attachment_id=attachment_id,
        )
    given = {"result": result, "value": value, "note": note}
    answer = {name: text if text is not None else _text(item[name]) for name, text in given.items()}
    complete_checklist_item(write, item_id, photo_sha256=_text(item["photo_sha256"]) or sha256, **answer)
    return sha256


def _text(value: Scalar) -> str | None:
    return None if value is None else str(value)


def follow_up(
    write: LocalWrite,
    item_id: str,
    *,
    title: str | None = None,
    priority: str = "high",
    description: str | None = None,
) -> str:
    """Make an order for what a failed item found, with an offline number. Gives its id, by which the item knows it.

    `description` None: the item's note.

    Raises:
        Refused: the item did not fail.
    """
    item = _item(write, item_id)
    if item["result"] not in {"fail", "flag"}:
        raise Refused("invalid_value", "Only an item that failed is followed up.")
    order = write.get("work_order", str(item["aggregate_id"]))
    if order is None:
        raise Refused("not_found", "The order of this item is not on this device.")
    checklist = write.get("checklist", str(item["checklist_id"]))
    about = None if checklist is None else checklist["asset_id"]
    number = next_number(write)
    return write.create(
        "work_order",
        {
            "number": number,
            "title": (title or f"Follow-up: {item['prompt']}")[:200],
            "description": description if description is not None else item["note"],
            "priority": priority,
            "type": "repair",
            "site_id": order["site_id"],
            "location_id": order["location_id"],
            "asset_id": about or order["asset_id"],
            "asset_text": None if about else order["asset_text"],
            "parent_id": order["id"],
        },
        id=follow_up_id(item_id, number),
    )


def next_number(write: LocalWrite) -> str:
    """The next offline number of this device: `WO-<installation>-<n>`. None is given twice, not even by an order left.

    Orders that are here count too: the store may be an older copy of itself.
    """
    code = short_code(write.device_id)
    found = write.cursor.execute("SELECT number FROM work_order WHERE number LIKE ?", (f"{PREFIX}-{code}-%",))
    taken = [parsed.n for (number,) in found.fetchall() if (parsed := parse_number(number))]
    number = max(sync_state.load(write.cursor).last_number, *taken, 0) + 1
    sync_state.store(write.cursor, last_number=number)
    return format_number(code, number)


def _item(write: LocalWrite, item_id: str) -> Row:
    item = write.get("checklist_item", item_id)
    if item is None:
        raise Refused("not_found", "This checklist item is not on this device.")
    return item


def _require_open(write: LocalWrite, row: Row) -> None:
    """A signed record is locked on the screen; the server would mark the signature stale."""
    order = write.get("work_order", str(row["aggregate_id"]))
    if order is not None and sign_off.is_locked(order):
        raise Refused("record_locked", "This record is signed. A supervisor has to return it before it is changed.")

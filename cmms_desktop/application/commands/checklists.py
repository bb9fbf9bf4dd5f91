"""Answering a checklist: each tap is saved at once, and a failed item offers an order that follows it up."""

from cmms_desktop.errors import Refused
from cmms_desktop.replica import sync_state
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
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
        answered_by=write.actor.person_id if is_answered else None,
    )
    return answer.result


def pass_remaining(write: LocalWrite, checklist_id: str) -> int:
    """*Set all OK*: every pass/fail item without an answer passes, as one mutation. Gives their number."""
    checklist = write.get("checklist", checklist_id)
    if checklist is None:
        raise Refused("not_found", "This checklist is not on this device.")
    _require_open(write, checklist)
    names = REGISTRY["checklist_item"].names
    found = write.cursor.execute(
        f"SELECT {', '.join(names)} FROM checklist_item WHERE checklist_id = ? AND deleted_at IS NULL", (checklist_id,)
    ).fetchall()
    passable = rules.passable([dict(zip(names, values, strict=True)) for values in found])
    if passable:
        changes = {str(item["id"]): (item["result"], "pass") for item in passable}
        write.mutate("checklist.answer_all", entity="checklist", id=checklist_id, set=changes)
    return len(passable)


def follow_up(write: LocalWrite, item_id: str, *, title: str | None = None, priority: str = "high") -> str:
    """Make an order for what a failed item found, with an offline number. Gives its id.

    Raises:
        Refused: the item did not fail.
    """
    item = _item(write, item_id)
    if item["result"] not in {"fail", "flag"}:
        raise Refused("invalid_value", "Only an item that failed is followed up.")
    order = write.get("work_order", str(item["aggregate_id"]))
    if order is None:
        raise Refused("not_found", "The order of this item is not on this device.")
    return write.create(
        "work_order",
        {
            "number": next_number(write),
            "title": (title or f"Follow-up: {item['prompt']}")[:200],
            "description": item["note"],
            "priority": priority,
            "type": "repair",
            "site_id": order["site_id"],
            "location_id": order["location_id"],
            "asset_id": order["asset_id"],
            "asset_text": order["asset_text"],
            "parent_id": order["id"],
        },
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

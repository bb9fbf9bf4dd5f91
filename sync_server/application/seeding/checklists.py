"""Issues checklists for demonstration orders, and answers them as far as the work on the order has come."""

from collections.abc import Callable

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.orders import DONE, WORKED_ON, Planned
from sync_server.application.seeding.templates import TEMPLATES
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules.checklist import Answer, choices_of, instantiate, is_visible, judge_answer
from sync_server.errors import Bug

NO_PHOTO = "Demonstration data: no photo was taken."
FAILED_NOTE = "Does not hold; a follow-up is needed."
EVERY_FAILED = 7
"""Every so many orders that were worked on, one item has failed."""


def issuing(templates: list[Row]) -> Callable[[Content, Row, Planned], None]:
    """Give what issues the checklist of an order; the templates take turns."""

    def issue(content: Content, order: Row, each: Planned) -> None:
        chosen = each.number % len(templates)
        items = _issue(content, order, templates[chosen], each, count=len(TEMPLATES[chosen][2]))
        if each.status in WORKED_ON and each.person is not None:
            _answer(items, each, by=each.person.id, at=str(order["scheduled_at"]))

    return issue


def _issue(content: Content, order: Row, template: Row, each: Planned, *, count: int) -> list[Row]:
    checklist_id = content.id_of("checklist", str(each.number))
    ids = [content.id_of("checklist_item", f"{each.number} {place}") for place in range(count)]
    checklist, items = instantiate(
        template, work_order_id=str(order["id"]), checklist_id=checklist_id, item_ids=ids, last_values={}
    )
    at, by, root = str(order["created_at"]), content.id_of("person", "planner"), str(order["id"])
    content.add("checklist", checklist_id, at=at, by=by, aggregate_id=root, **checklist)
    for item in items:
        item["last_value"] = _plausible(item) if item["kind"] == "number" else None
    return [
        content.add("checklist_item", id_, at=at, by=by, aggregate_id=root, **item)
        for id_, item in zip(ids, items, strict=True)
    ]


def _plausible(item: Row) -> str:
    """A reading inside the limits."""
    low = float(str(item["minimum"])) if item["minimum"] is not None else None
    high = float(str(item["maximum"])) if item["maximum"] is not None else None
    if low is None:
        low = 0.0 if high is None or high > 0 else high - 1
    return f"{low + ((low + 100 if high is None else high) - low) * 0.4:.1f}"


def _answer(items: list[Row], each: Planned, *, by: str, at: str) -> None:
    """Answer what is asked: all of it on orders that are done, the first half on others."""
    by_key = {str(item["key"]): item for item in items}
    upto = len(items) if each.status in DONE else len(items) // 2
    is_to_fail = each.number % EVERY_FAILED == 0
    for item in items[:upto]:
        if not is_visible(item, by_key):
            continue
        fails = is_to_fail and item["kind"] == "pass_fail"
        is_to_fail = is_to_fail and not fails
        judged = _judged(item, fails=fails)
        if isinstance(judged, Problem):
            raise Bug(f"A demonstration answer was refused: {judged.sentence}")
        item |= {name: getattr(judged, name) for name in ("result", "value", "note", "photo_sha256")}
        item |= {"answered_at": at, "answered_by": by, "updated_at": at, "updated_by": by}


def _judged(item: Row, *, fails: bool) -> Answer | Problem:
    match item["kind"]:
        case "pass_fail":
            return judge_answer(item, result="fail" if fails else "pass", note=FAILED_NOTE if fails else None)
        case "number":
            return judge_answer(item, value=_plausible(item))
        case "choice":
            return judge_answer(item, value=choices_of(item)[0])
        case "photo":
            return judge_answer(item, result="na", note=NO_PHOTO)
        case _:
            return judge_answer(item, value="Nothing unusual.")

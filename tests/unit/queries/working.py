"""What tests of the queries do on a stage: ask, count statements, and work on an order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from cmms_desktop.application.commands import checklists, sign_off, visits
from cmms_desktop.application.queries.checklist_page import ChecklistPage, ItemLine, checklist_page
from cmms_desktop.application.session import LocalWrite, Reading
from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.transaction import Replica
from tests.ui.stage import PASSWORD, Stage

T = TypeVar("T")
INK = (((10, 10, 0), (40, 60, 30), (90, 20, 60)),)
PICTURE = bytes(range(256))


@dataclass
class CountingCursor:
    """A cursor that counts what it is asked."""

    cursor: Any
    statements: int = 0

    def execute(self, *arguments: Any) -> Any:
        self.statements += 1
        return self.cursor.execute(*arguments)


def ask(replica: Replica, query: Callable[[Reading], T]) -> T:
    with replica.read() as reading:
        return query(reading)


def statements_of(replica: Replica, query: Callable[[Reading], Any]) -> int:
    """How many statements a query needs."""
    with replica.read() as reading:
        cursor = CountingCursor(reading.cursor)
        query(replace(reading, cursor=cursor, rows=RowStore(cursor)))
        return cursor.statements


def act(stage: Stage, command: Callable[[LocalWrite], T]) -> T:
    with stage.session.writing() as write:
        return command(write)


def page_of(stage: Stage, order_id: str) -> ChecklistPage:
    page = ask(stage.replica, lambda reading: checklist_page(reading, order_id))
    assert page is not None
    return page


def item_of(stage: Stage, order_id: str, key: str) -> ItemLine:
    return next(item for item in page_of(stage, order_id).items if item.key == key)


def order_with(stage: Stage, *keys: str) -> str:
    """The first order of the day whose checklist asks all of this."""
    return next(each for each in stage.order_ids if {item.key for item in page_of(stage, each).items} >= set(keys))


def start(stage: Stage, order_id: str) -> str:
    log_id = act(stage, lambda write: visits.start_travel(write, order_id))
    stage.clock.advance(minutes=18)
    act(stage, lambda write: visits.arrive(write, log_id, None, reason="No satellites."))
    act(stage, lambda write: visits.start_work(write, log_id))
    return log_id


def answer(stage: Stage, order_id: str, key: str, **given: str) -> str | None:
    item_id = item_of(stage, order_id, key).id
    return act(stage, lambda write: checklists.complete_checklist_item(write, item_id, **given))


def answer_all(stage: Stage, order_id: str) -> None:
    """Answer whatever is missing, until nothing is."""
    while missing := page_of(stage, order_id).missing:
        item = missing[0]
        given: dict[str, Any] = {"value": item.choices[0] if item.choices else "Seen."}
        if item.kind == "pass_fail":
            given = {"result": "pass"}
        if item.kind == "number":
            low = item.minimum if item.minimum is not None else item.maximum
            given = {"value": str(low if low is not None else 1)}
        if item.kind == "photo":
            given = {"photo_sha256": stage.session.blobs.keep(PICTURE)}
        act(stage, lambda write, id_=item.id, said=given: checklists.complete_checklist_item(write, id_, **said))


def sign(stage: Stage, order_id: str) -> None:
    hand = stage.session.prove(PASSWORD)
    act(stage, lambda write: sign_off.sign_performed(write, hand, order_id, strokes=INK))


def finish(stage: Stage, order_id: str) -> None:
    """The whole order, handed to the supervisor."""
    log_id = start(stage, order_id)
    answer_all(stage, order_id)
    stage.clock.advance(minutes=40)
    act(stage, lambda write: visits.leave(write, log_id))
    sign(stage, order_id)
    act(stage, lambda write: sign_off.complete(write, order_id))


def supervise(stage: Stage, order_id: str, *, reason: str | None) -> None:
    """The supervisor signs on the technician's installation: approves, or returns with a reason."""
    person_id = next(each.person_id for each in stage.session.people.enrolled() if each.role == "supervisor")
    hand = stage.session.people.unlock(person_id, PASSWORD)
    if reason is None:
        act(stage, lambda write: sign_off.approve(write, hand, order_id))
    else:
        act(stage, lambda write: sign_off.return_work(write, hand, order_id, reason=reason))

"""A disk that refuses a step of the day: a sentence tells why, nothing is done by half, and the next press works."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import visits
from tests.ui.at_window import a_window, go, settle
from tests.ui.person import Person
from tests.ui.refusing_disk import FULL, READ_ONLY, SAYS, a_disk_that_is
from tests.ui.screens.signing_work import answer_all, arrive, do_work, items_of, order_of, rows_of
from tests.ui.stage import PASSWORD, Stage, a_stage
from tests.ui.technician import INK


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "technician") as made:
        yield made


@dataclass(frozen=True)
class Step:
    """`prepare` what comes before, and open the page; `act` until it would be saved; `count` what it writes."""

    prepare: Callable[[Stage, str], None]
    open: tuple[str, str]
    begin: Callable[[Person, Stage], None]
    press: str
    count: Callable[[Stage, str], object]


def _nothing(_: Stage, __: str) -> None:
    """The morning."""


def _no_move(_: Person, __: Stage) -> None:
    """The button is there already."""


def _travel(stage: Stage, order_id: str) -> None:
    with stage.session.writing() as write:
        visits.start_travel(write, order_id)
    stage.stand_at(order_id)


def _be_there(stage: Stage, order_id: str) -> None:
    _travel(stage, order_id)
    log_id = str(rows_of(stage, "work_log", order_id)[-1]["id"])
    with stage.session.writing() as write:
        visits.arrive(write, log_id, stage.receiver.position)


def _work(stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)


def _answer_everything(stage: Stage, order_id: str) -> None:
    arrive(stage, order_id)
    answer_all(stage, order_id)


def _do_work(stage: Stage, order_id: str) -> None:
    do_work(stage, order_id)


def _open_arrival(at: Person, _: Stage) -> None:
    at.press("Arrive")
    at.until_sees("You are at the site")


def _choose_part(at: Person, stage: Stage) -> None:
    with stage.session.reading() as reading:
        (code,) = reading.cursor.execute(
            "SELECT p.code FROM stock_level l JOIN stock_location s ON s.id = l.stock_location_id"
            " JOIN part p ON p.id = l.part_id WHERE s.kind = 'van' AND s.owner_id = ?"
            " AND CAST(l.quantity AS REAL) > 1 ORDER BY l.id LIMIT 1",
            (stage.person_id,),
        ).fetchone()
    at.scan(str(code))
    at.until("the part is chosen", lambda: at.can_press("Use *"))


def _sign_by_hand(at: Person, _: Stage) -> None:
    at.draw("Signature", INK)
    at.until_gone("Gets its number when you draw")
    at.fill("Your password or PIN", PASSWORD)


def _status(stage: Stage, order_id: str) -> object:
    logs = rows_of(stage, "work_log", order_id)
    return order_of(stage, order_id)["status"], [
        [log[name] for name in ("travel_at", "arrived_at", "started_at", "ended_at")] for log in logs
    ]


def _answers(stage: Stage, order_id: str) -> object:
    return [item["result"] for item in items_of(stage, order_id)]


def _movements(stage: Stage, order_id: str) -> object:
    return len(rows_of(stage, "stock_movement", order_id))


def _signatures(stage: Stage, order_id: str) -> object:
    return len(rows_of(stage, "signature", order_id))


STEPS = {
    "travel": Step(_nothing, ("order", "summary"), _no_move, "Travel", _status),
    "arrive": Step(_travel, ("order", "summary"), _open_arrival, "Record arrival", _status),
    "start": Step(_be_there, ("order", "summary"), _no_move, "Start", _status),
    "part": Step(_work, ("order", "parts"), _choose_part, "Use *", _movements),
    "all_ok": Step(_work, ("order", "checklist"), _no_move, "Set all * items OK", _answers),
    "finish": Step(_answer_everything, ("order", "checklist"), _no_move, "Finish", _status),
    "sign": Step(_do_work, ("sign", "technician"), _sign_by_hand, "Sign and lock", _signatures),
}


@pytest.mark.parametrize("trouble", [FULL, READ_ONLY])
@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_was_refused_is_told_and_can_be_taken_again(
    qtbot: QtBot, stage: Stage, name: str, trouble: str
) -> None:
    step, order_id = STEPS[name], stage.order_ids[1]
    step.prepare(stage, order_id)
    with a_window(stage, qtbot) as at:
        page, part = step.open
        go(at, page, order_id=order_id, **{"step" if page == "sign" else "tab": part})
        step.begin(at, stage)
        settle(at)
        before = step.count(stage, order_id)
        with a_disk_that_is(trouble, stage):
            at.press(step.press)
            at.until_sees(SAYS[trouble])
            settle(at)
            assert step.count(stage, order_id) == before
        if name == "sign":
            at.fill("Your password or PIN", PASSWORD)
        at.press(step.press)
        at.until("the step is taken", lambda: step.count(stage, order_id) != before)

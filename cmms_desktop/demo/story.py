"""The whole demonstration: a morning sync, a day without network, the office meanwhile, and the way back together."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.application.commands import conflicts, sign_off
from cmms_desktop.application.queries import record
from cmms_desktop.application.queries.work import OrderCard, OrderDetail
from cmms_desktop.application.session import Reading
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.demo import imports, proof
from cmms_desktop.demo.day import Day
from cmms_desktop.demo.office import Office
from cmms_desktop.demo.server import DemoServer
from cmms_desktop.demo.telling import StoryClock, counted, teller
from cmms_desktop.errors import Bug, ServerUnreachable
from sync_server.contract.fields import Row

BEGINS_AT_HOUR = 6
REFUSAL = "The room was left dirty."
RETURN = "Photo of the label is missing."
_Rows = dict[str, list[Row]]
"""An order as the office has it, by entity."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line."""

    as_json: bool
    import_file: Path | None
    mappings: tuple[str, ...]


def play(folder: Path, wishes: Wishes) -> dict[str, Any]:
    """Play everything in a folder that the caller throws away. Gives what can be read back at the end.

    Raises:
        CmmsError: a step failed.
    """
    began = time.monotonic()
    today = datetime.now(UTC).replace(hour=BEGINS_AT_HOUR, minute=58, second=0, microsecond=0)
    clock = StoryClock(today)
    with DemoServer(folder / "server") as server:
        story = Story(folder, server, clock, wishes)
        try:
            found = story.run()
        finally:
            story.close()
    return {**found, "seconds": round(time.monotonic() - began, 1)}


class Story:
    """The acts, in order. What each leaves behind is read back in `findings`."""

    def __init__(self, folder: Path, server: DemoServer, clock: StoryClock, wishes: Wishes) -> None:
        """Set the stage; nobody has signed in yet."""
        self._folder, self._server, self._clock, self._wishes = folder, server, clock, wishes
        self._tell = teller(clock, as_json=wishes.as_json)
        self._desk = self._make_desk("client")
        self._open: list[Workplace] = []
        self._found: dict[str, Any] = {}

    def close(self) -> None:
        """Close every store that was opened."""
        while self._open:
            self._open.pop().close()

    def run(self) -> dict[str, Any]:
        """Play all acts and give what was found."""
        technician = self._morning()
        day = Day(technician, self._clock, self._tell, self._folder)
        first, second, third, fourth = day.cards()[:4]
        self._server.stop()
        self._tell("The network is gone: the server is stopped.")
        follow_up_id = self._without_network(day, first, second, third)
        before = self._counts(technician)
        self._server.start()
        self._tell("The server is back.")
        self._office_meanwhile(third, fourth)
        self._together_again(technician, before)
        self._settle(technician, third)
        if self._wishes.import_file is not None:
            self._import(technician)
        self._findings(day, first, second, third, follow_up_id)
        return self._found

    def _make_desk(self, name: str) -> Desk:
        settings = ClientSettings(self._folder / name, self._server.url, str(self._server.organization["slug"]))
        return Desk(settings, MemoryStore(), clock=self._clock, device_name="Demonstration")

    def _sign_in(self, desk: Desk, login: str) -> Workplace:
        workplace = desk.open(login, self._server.account(login).password)
        self._open.append(workplace)
        return workplace

    def _morning(self) -> Workplace:
        technician = self._sign_in(self._desk, "technician")
        technician.engine.sync()
        self._supervisor = self._sign_in(self._desk, "supervisor")
        with technician.replica.read() as reading:
            self._found["work_orders_synced"] = record.order_count(reading)
        self._tell(f"Signed in and synchronised: {counted(self._found['work_orders_synced'], 'order')} on the device.")
        return technician

    def _without_network(self, day: Day, first: OrderCard, second: OrderCard, third: OrderCard) -> str | None:
        self._require_offline(day.workplace)
        log_id = day.go_and_arrive(first)
        day.scan(first)
        follow_up_id = day.answer_checklists(first)
        day.use_part(first)
        day.remark(first)
        day.finish(first, log_id)
        second_log_id = day.go_and_arrive(second)
        day.answer_checklists(second)
        day.finish(second, second_log_id, refusal=REFUSAL)
        self._review(day.workplace, first, second)
        with day.workplace.replica.write() as write:
            write.set("work_order", third.id, completion_note="Bearing is warm, to be watched.", title=TITLES[0])
        self._tell(
            f"Changed title and note of {third.number}. {counted(self._unsent(day.workplace), 'change')} are waiting."
        )
        return follow_up_id

    def _require_offline(self, workplace: Workplace) -> None:
        try:
            workplace.engine.sync()
        except ServerUnreachable as error:
            self._tell(error.sentence)
            return
        raise Bug("The server answered although it was stopped.")

    def _review(self, technician: Workplace, first: OrderCard, second: OrderCard) -> None:
        """The supervisor comes by and signs on the technician's device with his own key."""
        hand = self._supervisor.hand
        self._clock.advance(minutes=20)
        with technician.replica.write() as write:
            sign_off.approve(write, hand, first.id)
        with technician.replica.write() as write:
            sign_off.return_work(write, hand, second.id, reason=RETURN)
        self._tell(f"The supervisor approved {first.number} and returned {second.number}: {RETURN}")

    def _unsent(self, workplace: Workplace) -> int:
        with workplace.replica.read() as reading:
            return record.waiting(reading).unsent

    def _counts(self, workplace: Workplace) -> set[str]:
        """Ids of the person's own open orders on the device."""
        return {card.id for card in Day(workplace, self._clock, self._tell, self._folder).cards()}

    def _office_meanwhile(self, third: OrderCard, fourth: OrderCard) -> None:
        planner = self._server.account("planner")
        with Office(self._server.url, str(self._server.organization["slug"]), planner) as office:
            office.edit(third.id, priority=(third.priority, "critical" if third.priority != "critical" else "high"))
            office.edit(third.id, title=(third.title, TITLES[1]))
            office.assign(fourth.id, self._server.account("technician2").person_id)
            office.join_team(
                str(self._server.organization["team_ids"][0]), self._server.account("technician").person_id
            )
        self._tell(
            f"Meanwhile the office changed priority and title of {third.number}, gave {fourth.number} to somebody"
            " else and put the technician into a team."
        )

    def _together_again(self, technician: Workplace, before: set[str]) -> None:
        report = technician.engine.sync()
        with technician.replica.read() as reading:
            gone = [order_id for order_id in before if reading.get("work_order", order_id) is None]
        arrived = len(self._counts(technician) - before)
        self._found |= {"left_scope": len(gone), "joined_scope": arrived}
        self._tell(
            f"Sent {counted(report.pushed, 'change')} and {counted(report.blobs_sent, 'photo')}, received"
            f" {counted(report.pulled_rows, 'row')}. {counted(len(gone), 'order')} left the device,"
            f" {counted(arrived, 'order')} of the team arrived."
        )

    def _settle(self, technician: Workplace, order: OrderCard) -> None:
        """The title was changed on both sides: keep the technician's, with a mutation like any other."""
        with technician.replica.read() as reading:
            (conflict,) = record.conflicts(reading, order.id)
        self._tell(
            f"{order.number} has a conflict in its {conflict.field}:"
            f" mine “{conflict.mine}”, theirs “{conflict.theirs}”."
        )
        with technician.replica.write() as write:
            conflicts.settle(write, conflict.id, "mine", reason="Read off the name plate.")
        technician.engine.sync()
        self._tell("Settled by keeping mine; the other value stays readable.")

    def _import(self, technician: Workplace) -> None:
        """Import a file at the server, give one of its orders to the technician, and let it arrive."""
        if self._wishes.import_file is None:
            return
        result = imports.run(self._server, self._wishes.import_file, self._wishes.mappings)
        self._found["import"] = result
        self._tell(f"Imported {counted(result['new'], 'order')}; {counted(len(result['rejected']), 'row')} rejected.")
        with Office(
            self._server.url, str(self._server.organization["slug"]), self._server.account("planner")
        ) as office:
            order = imports.some_imported(office)
            office.assign(str(order["id"]), self._server.account("technician").person_id)
        technician.engine.sync()
        if technician.replica.get("work_order", str(order["id"])) is None:
            raise Bug("An imported order did not reach the device.")
        self._tell(f"The imported order {order['number']} was assigned and is on the device.")

    def _findings(
        self, day: Day, first: OrderCard, second: OrderCard, third: OrderCard, follow_up_id: str | None
    ) -> None:
        """Read everything back: from the replica, from the server, and from a replica that starts from nothing."""
        planner = self._server.account("planner")
        with Office(self._server.url, str(self._server.organization["slug"]), planner) as office:
            closed, returned, settled = (office.order(order.id) for order in (first, second, third))
        detail = day.detail(first.id)
        with day.workplace.replica.read() as reading:
            self._found |= _on_the_device(reading, first, second, detail)
            (conflict,) = record.conflicts(reading, third.id)
            waiting = record.waiting(reading)
        self._found |= _at_the_office(closed, returned, settled, conflict)
        self._compare(day, waiting)

    def _compare(self, day: Day, waiting: record.Waiting) -> None:
        """Fill a replica from nothing and say whether it is the same. `waiting`: what the device has not sent."""
        fresh = self._sign_in(self._make_desk("fresh"), "technician")
        fresh.engine.sync()
        different = proof.differences(day.workplace, fresh)
        store = self._desk.settings.replica_path(day.person_id)
        left = waiting.unsent + waiting.photos
        self._found |= {
            "pending_after": left,
            "parked_after": waiting.parked,
            "held_after": waiting.held,
            "converged": not different,
            "replica_encrypted": proof.is_encrypted(store, TITLES[0]),
        }
        agreed = "is the same as" if not different else f"differs in {', '.join(different)} from"
        self._tell(
            f"The replica {agreed} one that was filled from nothing just now;"
            f" {'nothing is' if not left else counted(left, 'change') + ' are'} waiting."
        )


def _on_the_device(reading: Reading, first: OrderCard, second: OrderCard, detail: OrderDetail) -> dict[str, Any]:
    """What the replica says about the first order, and who signed both. `detail`: of the first."""
    arrival = record.arrival(reading, first.id) or {}
    signed = record.signatures(reading, (first.id, second.id))
    used, followed = record.parts_used(reading, first.id), record.follow_ups(reading, first.id)
    return {
        "arrival": {name: arrival.get(name) for name in ("latitude", "longitude", "accuracy_m", "fence", "source")},
        "checklist": {
            "answered": detail.answered,
            "failed": detail.failed,
            "follow_up": followed[0] if followed else None,
        },
        "parts_used": used,
        "signatures": [
            {"meaning": line.meaning, "signer_role": line.signer_role, "sha256": line.sha256} for line in signed
        ],
    }


def _at_the_office(closed: _Rows, returned: _Rows, settled: _Rows, conflict: record.ConflictLine) -> dict[str, Any]:
    """What the server says about the order that was approved, the one that was returned and the one in conflict."""
    return {
        "sign_off": {
            "status": closed["work_order"][0]["status"],
            "returned": {
                "status": returned["work_order"][0]["status"],
                "reason": returned["work_order"][0]["status_reason"],
            },
        },
        "merged": {name: settled["work_order"][0][name] for name in ("title", "priority", "completion_note")},
        "conflict": {
            "field": conflict.field,
            "base": conflict.base,
            "mine": conflict.mine,
            "theirs": conflict.theirs,
            "resolution": settled["conflict"][0]["resolution"],
        },
    }


TITLES = ("Bearing noise at the drive end", "Noise at the motor, office's words")
"""Titles that the technician and the office give one order at the same time."""

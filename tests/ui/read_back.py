"""What the window's day left behind: in the replica, at the server, and on a new device of the same person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cmms_desktop.app.desk import Desk
from cmms_desktop.application.queries.checklist_lines import ItemLine
from cmms_desktop.application.queries.checklist_page import checklist_page
from cmms_desktop.application.session import Reading
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.demo.choices import PASSWORD
from cmms_desktop.demo.world import ORGANIZATION, DemoWorld
from cmms_desktop.sync.engine import Report
from sync_server.contract.fields import Row
from tests.support import convergence
from tests.ui.program import Program

Rows = dict[str, list[Row]]


def order_id(reading: Reading, number: str) -> str:
    """The id of an order by its number."""
    (found,) = reading.cursor.execute("SELECT id FROM work_order WHERE number = ?", (number,)).fetchone()
    return str(found)


def label(program: Program, number: str) -> str:
    """What the label of an order's asset says to a scanner."""
    sql = "SELECT a.qr_code FROM asset a JOIN work_order w ON w.asset_id = a.id WHERE w.number = ?"
    with program.shown.session.reading() as reading:
        (found,) = reading.cursor.execute(sql, (number,)).fetchone()
    return str(found)


def items(program: Program, number: str) -> list[ItemLine]:
    """What the checklists of an order ask."""
    with program.shown.session.reading() as reading:
        page = checklist_page(reading, order_id(reading, number))
    assert page is not None
    return [item for item in page.items if item.is_asked]


def at_server(world: DemoWorld, program: Program, number: str) -> Rows:
    """The rows of an order as the office reads them from the server, live ones only."""
    with program.shown.session.reading() as reading:
        found = world.office().order(order_id(reading, number))
    return {entity: [row for row in rows if row["deleted_at"] is None] for entity, rows in found.items()}


def until_all_is_sent(program: Program) -> None:
    """Wait until the strip says that nothing waits, and no photo is on its way."""
    program.person.until_sees("Online, synced", ", 0 waiting. Open Sync")
    status = program.shown.scheduler
    program.person.until("all is sent", lambda: (status.status.waiting, status.status.photos) == (0, 0))


def require_converged(world: DemoWorld, program: Program, folder: Path) -> None:
    """The device rests, its digests are those of its rows, and a new device of the same person has the same rows."""
    until_all_is_sent(program)
    here = program.shown.workplace.replica
    settings = ClientSettings(folder, world.server.url, ORGANIZATION)
    desk = Desk(settings, MemoryStore(), profile=keys.CHEAPEST, device_name="To compare")
    with desk.open(program.shown.login, PASSWORD) as fresh:
        assert isinstance(fresh.engine.sync(), Report)
        program.shown.scheduler.sync_now()
        program.person.until("both have the same rows", lambda: _same(program, fresh.replica))
        convergence.require_same(
            convergence.live_rows(here), convergence.live_rows(fresh.replica), names=("the window", "a new device")
        )
    convergence.require_settled(here)
    convergence.require_digests(here)


def _same(program: Program, fresh: Any) -> bool:
    return convergence.live_rows(program.shown.workplace.replica) == convergence.live_rows(fresh)

"""SIGKILL of the client, a hundred times, wherever it happens to be: opening, editing, sealing, sending, applying.

What it had said that it committed is in its replica; rows and mutations agree; the work goes on where it stopped; and
in the end every edit has had its effect, once (invariants 1, 2, 4 and 20).
"""

import logging
import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cmms_desktop.app.desk import Workplace
from tests.support import convergence
from tests.support.client_process import ClientPlan, FileStore, Said, a_client
from tests.support.fleet import Fleet, FleetDevice
from tests.support.small_site import PASSWORD

KILLS = 100
LONGEST_S = 0.25
"""A cycle takes some 20 ms, so that a kill falls anywhere in the first dozen of them."""


def plan_of(fleet: Fleet, device: FleetDevice, store: Path) -> ClientPlan:
    small = fleet.small
    return ClientPlan(
        folder=device.folder,
        store=store,
        url=fleet.stoppable.url,
        organization=small.organization.slug,
        login=device.login,
        password=PASSWORD,
        order_ids=tuple(small.order_ids[:2]),
        part_id=small.part_ids[0],
        stock_location_id=small.van_ids["technician"],
        start_at=1,
    )


def require_sound(workplace: Workplace, promised: set[str]) -> None:
    """The file is whole, what was promised is in it, and rows rest on mutations."""
    convergence.require_rows_rest_on_outbox(workplace.replica)
    with workplace.replica.read() as reading:
        assert reading.cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert reading.cursor.execute("PRAGMA cipher_integrity_check").fetchall() == []
        kept = {
            mutation_id
            for table in ("outbox", "outbox_done")
            for (mutation_id,) in reading.cursor.execute(f"SELECT mutation_id FROM {table}").fetchall()
        }
    assert promised <= kept, f"{len(promised - kept)} edits were promised and are gone"


@pytest.mark.slow
@pytest.mark.expects_warnings
def test_a_client_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    fleet: Fleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20_260_302)
    store = FileStore(tmp_path / "keyring")
    device = fleet.device("technician", store=store)
    plan = plan_of(fleet, device, tmp_path / "keyring")
    device.close()
    promised: set[str] = set()
    for _ in range(KILLS):
        with a_client(plan) as client:
            client.wait_until_ready()
            time.sleep(chance.uniform(0, LONGEST_S))
            said = client.kill()
        promised |= {mutation_id for _, _, mutation_id in said}
        plan = replace(plan, start_at=next_number(plan, said))
        with device.desk.open(device.login, PASSWORD) as workplace:
            require_sound(workplace, promised)
    device.reopen()
    fleet.ledger.note_all(device.workplace.replica)
    assert len(promised) > KILLS, "the clients were killed before they did anything"
    assert promised <= fleet.ledger.made.keys()
    fleet.assert_converged()
    require_only_cut_connections(caplog)


def require_only_cut_connections(caplog: pytest.LogCaptureFixture) -> None:
    """A server may note that a client broke off in the middle of a request, and nothing worse."""
    noted = [record for record in caplog.records if record.levelno >= logging.WARNING and not is_cut(record)]
    assert noted == []


def is_cut(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return "client disconnected" in str(error) or record.name.startswith("uvicorn")


def next_number(plan: ClientPlan, said: list[Said]) -> int:
    """Numbers are never used again, not even those of edits of which nothing was heard."""
    return max([plan.start_at, *(number for _, number, _ in said)]) + 10

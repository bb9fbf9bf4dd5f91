"""SIGKILL of the client, again and again: at any statement, any request, any moment.

What it had said that it committed is in its replica; rows and mutations agree; the work goes on where it stopped; and
in the end every edit has had its effect, once (invariants 1, 2, 4 and 20). `--kills N` kills the client N/3 times.
"""

import logging
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.support.client_process import ClientProcess, FileStore, Said, a_client, plan_for
from tests.support.fault_ledger import FaultLedger, share_of_kills
from tests.support.fleet import Fleet
from tests.support.kill_points import CLIENT_KINDS, CLIENT_STATEMENTS, KillPoint, arm_client
from tests.support.power_cuts import next_number
from tests.support.small_site import PASSWORD
from tests.support.sound_replica import require_sound


def wait_for_the_end(client: ClientProcess, point: KillPoint) -> list[Said]:
    if point.kind != "moment":
        return client.wait_until_killed()
    client.wait_until_ready()
    time.sleep(point.after_s)
    return client.kill()


@pytest.mark.slow
@pytest.mark.expects_warnings
def test_invariant_20_a_client_killed_anywhere_loses_nothing_and_doubles_nothing(
    fleet: Fleet,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
    fault_ledger: FaultLedger,
) -> None:
    device = fleet.device("technician", store=FileStore(tmp_path / "keyring"))
    plan = plan_for(fleet, device, tmp_path / "keyring")
    device.close()
    promised: set[str] = set()
    seeds = share_of_kills(request.config, 0)
    with fault_ledger.shard("kills client", first_seed=seeds[0], last_seed=seeds[-1]) as shard:
        for seed in seeds:
            point = KillPoint.draw(seed, CLIENT_KINDS, statements=CLIENT_STATEMENTS)
            with a_client(replace(plan, before=partial(arm_client, point))) as client:
                said = wait_for_the_end(client, point)
            shard.count += 1
            promised |= {each.text for each in said if each.kind == "edit"}
            plan = replace(plan, start_at=next_number(plan, said))
            with device.desk.open(device.login, PASSWORD) as workplace:
                require_sound(workplace, promised)
        device.reopen()
        fleet.ledger.note_all(device.workplace.replica)
        assert len(promised) > len(seeds), "the clients were killed before they did anything"
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

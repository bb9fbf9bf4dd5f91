"""A client that is suspended and resumed, with every connection gone meanwhile; and a second one on the same store."""

import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.client_process import FileStore, a_client, plan_for
from tests.support.fleet import Fleet
from tests.support.power_cuts import next_number
from tests.support.small_site import PASSWORD
from tests.support.sound_replica import require_sound
from tests.support.tcp_proxy import Line, a_proxy

pytestmark = [pytest.mark.slow, pytest.mark.expects_warnings]  # the server notes that a client broke off
SUSPENSIONS = 5
LONGEST_S = 0.1
PATIENCE_S = 60.0


def test_a_client_that_was_suspended_goes_on_where_it_stopped(fleet: Fleet, tmp_path: Path) -> None:
    device = fleet.device("technician", store=FileStore(tmp_path / "keyring"))
    chance = random.Random(7)
    device.close()
    with a_proxy(fleet.stoppable.url, Line()) as proxy:
        plan = replace(plan_for(fleet, device, tmp_path / "keyring"), url=proxy.url)
        with a_client(plan) as client:
            client.wait_until_ready()
            said = client.hear_until("edit")
            for _ in range(SUSPENSIONS):
                time.sleep(chance.uniform(0, LONGEST_S))
                os.kill(client.pid, signal.SIGSTOP)
                before = len(proxy.line.log)
                proxy.hang_up()
                os.kill(client.pid, signal.SIGCONT)
                until = time.monotonic() + PATIENCE_S
                while len(proxy.line.log) == before:  # it edits, and calls the server again
                    assert time.monotonic() < until, "the client does not call the server again"
                    said += client.hear_until("edit")
            said += client.kill()
    promised = {each.text for each in said if each.kind == "edit"}
    with device.desk.open(device.login, PASSWORD) as workplace:
        require_sound(workplace, promised)
    device.reopen()
    fleet.ledger.note_all(device.workplace.replica)
    fleet.assert_converged()


def test_a_second_program_on_the_same_store_is_sent_away_until_the_first_is_dead(fleet: Fleet, tmp_path: Path) -> None:
    device = fleet.device("technician", store=FileStore(tmp_path / "keyring"))
    device.close()
    plan = plan_for(fleet, device, tmp_path / "keyring")
    with a_client(plan) as first:
        first.wait_until_ready()
        with a_client(replace(plan, start_at=10_000)) as second:
            (told,) = second.wait_until_done()
        assert (told.kind, told.failure) == ("stopped", "AlreadyOpen")
        assert told.text == "Your work is already open in another window of this program."
        said = [*first.hear_until("edit"), *first.kill()]
    with a_client(replace(plan, start_at=next_number(plan, said), edits=3)) as third:
        said += third.wait_until_done()
    assert said[-1].kind == "done"
    with device.desk.open(device.login, PASSWORD) as workplace:
        require_sound(workplace, {each.text for each in said if each.kind == "edit"})
    device.reopen()
    fleet.ledger.note_all(device.workplace.replica)
    fleet.assert_converged()

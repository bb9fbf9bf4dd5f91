"""The power goes while a technician works: on a disk that keeps only what was synced, nothing that was saved is lost.

`--power-cuts N` cuts N times, with seeds counted up from `--first-seed`. The control runs take one protection away and
must lose something: without that, the disk would prove nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sync_server.application import pull
from tests.support.client_process import nothing
from tests.support.fault_ledger import FaultLedger
from tests.support.fleet import Fleet
from tests.support.fuse_disk import why_no_fuse
from tests.support.power_cuts import CutClient, stage_everything, sync_less, sync_no_photos

pytestmark = [
    pytest.mark.slow,
    pytest.mark.expects_warnings,  # the server notes that a client broke off in the middle of a request
    pytest.mark.skipif(bool(why_no_fuse()), reason=why_no_fuse() or "a disk can be cut here"),
]
CUTS = 10
"""Of an ordinary run."""
FIRST_SEED = 20_261_128
FIRST_CUTS = 3
FIRST_DAY = 1_000
"""Operations after which somebody who has just signed in has saved something."""
CONTROL_CUTS = 12
"""So many without a protection lose something, or the control fails. Almost every one does."""


def test_invariant_20_a_power_cut_at_any_operation_takes_nothing_that_was_saved(
    fleet: Fleet, tmp_path: Path, request: pytest.FixtureRequest, fault_ledger: FaultLedger
) -> None:
    cuts = request.config.getoption("--power-cuts") or CUTS
    first = request.config.getoption("--first-seed") or FIRST_SEED
    cut = CutClient.of(fleet, tmp_path)
    with fault_ledger.shard("power_cuts", first_seed=first, last_seed=first + cuts - 1) as shard:
        for seed in range(first, first + cuts):
            cut.work_until_the_power_goes(seed)
            shard.count += 1
            cut.require_sound()
        cut.device.reopen()
        fleet.ledger.note_all(cut.device.workplace.replica)
        assert len(cut.promised) > cuts, "the power went before anything was saved"
        assert cut.promised <= fleet.ledger.made.keys()
        fleet.assert_converged()


@pytest.mark.parametrize("seed", range(FIRST_CUTS))
def test_invariant_20_a_power_cut_on_the_first_day_takes_nothing_that_was_saved(
    fleet: Fleet, tmp_path: Path, seed: int
) -> None:
    """Every folder is new, and so is the first photo's; its number is not that of the first edit."""
    cut = CutClient.new(fleet, tmp_path)
    cut.plan = replace(cut.plan, start_at=2)
    cut.work_until_the_power_goes(seed, least=FIRST_DAY)
    assert cut.promised
    cut.require_sound()


@pytest.mark.parametrize("seed", range(FIRST_CUTS))
def test_invariant_20_a_power_cut_while_a_first_sync_is_staged_in_the_replica_damages_nothing(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Slices are not synced one by one: what a cut has left of them is whole or gone, and the next start goes on."""
    monkeypatch.setattr(pull, "SLICE_AGGREGATES", 2)
    cut = CutClient.new(fleet, tmp_path)
    cut.plan = replace(cut.plan, start_at=2, before=stage_everything)
    cut.work_until_the_power_goes(seed)
    cut.require_sound()
    cut.work_until_the_power_goes(seed + FIRST_CUTS, least=3 * FIRST_DAY)
    assert cut.promised
    cut.require_sound()


@pytest.mark.parametrize("protection", [sync_less, sync_no_photos])
def test_without_a_protection_power_cuts_take_what_was_saved(
    fleet: Fleet, tmp_path: Path, protection: Callable[[], None]
) -> None:
    """The control: the disk is as bad as it claims to be."""
    cut = CutClient.of(fleet, tmp_path)
    assert cut.plan.before is nothing
    cut.plan = replace(cut.plan, before=protection)
    for seed in range(CONTROL_CUTS):
        cut.work_until_the_power_goes(seed)
        if cut.lost():
            return
    pytest.fail(f"{CONTROL_CUTS} power cuts took nothing")

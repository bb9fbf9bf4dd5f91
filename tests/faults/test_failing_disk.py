"""A disk that fails or is full: the program says so in words and stops, and nothing that it had saved is lost.

After a failed sync the disk forgets what it should have saved and calls it clean, as Linux does: who tries again and
then says "saved" has lied. `--disk-faults N` lets N operations of a day fail, one in each; 0: every one in turn.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.client_process import Said
from tests.support.fault_ledger import FaultLedger
from tests.support.fleet import Fleet
from tests.support.fuse_disk import why_no_fuse
from tests.support.power_cuts import CutClient
from tests.support.volatile_disk import DiskPlan

pytestmark = [pytest.mark.slow, pytest.mark.expects_warnings]
needs_fuse = pytest.mark.skipif(bool(why_no_fuse()), reason=why_no_fuse() or "a disk can fail here")
DAY = 6
"""Edits of a small day: two of each kind, two photos, two cycles."""
FAULTS = 12
"""Of an ordinary run."""
A_SENTENCE = re.compile(r"[A-Z][A-Za-z ,;?'-]*[.?]( [A-Z][A-Za-z ,;?'-]*[.?])*")


def spread(wanted: int, most: int) -> Iterator[int]:
    """Numbers from 1 to `most`, all of them or so many."""
    step = max(1, most // wanted) if wanted else 1
    yield from range(1 + (step > 1) * step // 2, most + 1, step)


def require_words(said: list[Said]) -> None:
    """Every refusal is a sentence for a person; after one that means damage nothing is promised any more."""
    stopped = [each for each in said if each.kind == "stopped"]
    for each in stopped:
        assert A_SENTENCE.fullmatch(each.text), each.text
    damaged = next((place for place, each in enumerate(said) if each.failure == "ReplicaDamaged"), len(said))
    assert [each for each in said[damaged:] if each.kind == "edit"] == [], "it failed, and went on saving"


@needs_fuse
def test_a_write_or_sync_that_fails_is_told_and_takes_nothing_that_was_saved(
    fleet: Fleet, tmp_path: Path, request: pytest.FixtureRequest, fault_ledger: FaultLedger
) -> None:
    client = CutClient.of(fleet, tmp_path)
    disk, said = client.work(DiskPlan(), edits=DAY)
    assert {each.kind for each in said} == {"ready", "edit", "done"}
    option = request.config.getoption("--disk-faults")
    places = list(spread(FAULTS if option is None else option, disk.writes_and_syncs))
    unheard = []
    with fault_ledger.shard("disk_faults", first_seed=places[0], last_seed=places[-1]) as shard:
        for place in places:
            disk, said = client.work(DiskPlan(fail_at=place), edits=DAY, is_closed=place % 2 > 0)
            shard.count += 1
            require_words(said)
            client.require_sound()
            if disk.failed and not any(each.kind == "stopped" for each in said):
                unheard.append((place, disk.failed))
        client.device.reopen()
        fleet.ledger.note_all(client.device.workplace.replica)
        fleet.assert_converged()
    assert unheard == []

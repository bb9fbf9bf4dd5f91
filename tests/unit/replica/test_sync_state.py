"""Named values and checkpoints."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.replica import sync_state
from cmms_desktop.replica.sync_state import SyncState, thinned
from sync_server.contract.messages import MAX_CHECKPOINTS
from tests.support.replicas import Field, uid

seqs = st.lists(st.integers(1, 2**31), min_size=1, max_size=300, unique=True)


@given(seqs)
def test_checkpoints_stay_few_and_always_hold_the_newest(found: list[int]) -> None:
    kept = thinned(found)
    assert kept <= set(found)
    assert max(found) in kept
    assert len(kept) <= MAX_CHECKPOINTS


@given(seqs, st.integers(1, 2**31))
def test_a_restore_costs_at_most_twice_the_distance_to_it(found: list[int], restored: int) -> None:
    """Below any point there is a kept checkpoint about as far from it as the best one of all would be from the top."""
    best = max((seq for seq in found if seq <= restored), default=None)
    if best is None:
        return
    common = max((seq for seq in thinned(found) if seq <= restored), default=0)
    top = max(found)
    assert top - common + 1 <= 4 * (top - best + 1)


@given(st.lists(st.integers(1, 1_000), min_size=50, max_size=400))
def test_thinning_as_one_goes_keeps_what_thinning_at_once_needs(steps: list[int]) -> None:
    kept: set[int] = set()
    seq = 0
    for step in steps:
        seq += step
        kept = thinned([*kept, seq])
    assert max(kept) == seq
    assert min(kept) <= steps[0] + sum(steps) // 2
    assert len(kept) <= MAX_CHECKPOINTS


def test_values_keep_their_types(field: Field) -> None:
    field.replica.remember(offset_ms=-340, digests={"user:x": (-5, 3)}, bootstrap=["a", "b"], lease_nonce=None)
    state = field.replica.state()
    assert (state.offset_ms, state.digests, state.bootstrap) == (-340, {"user:x": (-5, 3)}, ("a", "b"))
    assert state.lease_nonce is None


def test_names_of_another_version_are_passed_over(field: Field) -> None:
    with field.replica.database.writer() as handle:
        handle.cursor.execute("INSERT INTO sync_state VALUES ('shoe_size', '44')")
    assert isinstance(field.replica.state(), SyncState)


def test_the_checkpoints_of_many_pulls_are_at_most_64(field: Field) -> None:
    with field.replica.database.writer() as handle:
        for seq in range(1, 3_000, 7):
            sync_state.add_checkpoint(handle.cursor, (seq, seq * 3))
    found = field.replica.checkpoints()
    assert len(found) <= MAX_CHECKPOINTS
    assert found[0] == (2_997, 2_997 * 3)
    assert list(found) == sorted(found, reverse=True)


def test_an_empty_history_is_no_checkpoint(field: Field) -> None:
    before = field.replica.checkpoints()
    with field.replica.database.writer() as handle:
        sync_state.add_checkpoint(handle.cursor, (0, 0))
    assert field.replica.checkpoints() == before


def test_a_quiet_pull_writes_nothing_for_a_minute(field: Field) -> None:
    field.pull()
    first = field.replica.state().last_sync_at
    field.pull()
    assert field.replica.state().last_sync_at == first
    field.advance(days=1)
    field.pull()
    later = field.replica.state().last_sync_at
    assert later is not None
    assert first is not None
    assert later > first
    field.advance(days=-2)
    field.pull()
    assert field.replica.state().last_sync_at != later


def test_a_device_is_not_synced_before_it_has_everything(tmp_path: Path) -> None:
    field = Field(tmp_path)
    field.add_order(1)
    field.pull_once()
    assert field.replica.state().bootstrap
    assert field.replica.state().last_sync_at is None
    field.fetch(field.replica.state().bootstrap[0])
    assert field.replica.state().last_sync_at is None, "what changed while it was fetched is not here yet"
    field.pull_once()
    assert field.replica.state().last_sync_at is not None
    field.replica.close()


def test_an_offset_that_was_just_measured_goes_into_the_next_mutation(field: Field) -> None:
    with field.replica.write() as write:
        assert write.offset_ms is None
    field.replica.remember(offset_ms=12)
    with field.replica.write() as write:
        assert write.offset_ms == 12
        assert write.get("work_order", uid(1)) is not None

"""A large new scope on its way: edits and news go between its slices, and whatever happens to it is sound.

Small scopes in slices of a few aggregates stand for large ones; tests/benchmarks/large_scope.py has the real size.
"""

from collections.abc import Callable

import pytest

from cmms_desktop.application.commands import remarks
from sync_server.contract.fields import Row
from sync_server.storage.epochs import rotate_all
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.restoring import Backups
from tests.support.server_side import a_row

SLICE = 4
EXTRA = 40


class Growing:
    """A technician who becomes a supervisor: his sites' orders, and their assets, are new to his device."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.order_id = fleet.small.order_ids[0]
        self.scope = f"review:{fleet.small.site_id}"
        rows: list[tuple[str, Row]] = [
            (
                "work_order",
                a_row("work_order", number=f"X-{n}", title="Of the site", site_id=fleet.small.site_id, status="new"),
            )
            for n in range(EXTRA)
        ]
        fleet.organization.commit(rows)
        fleet.ledger.begin()
        self.device: FleetDevice = fleet.device("technician")
        self.slices = 0
        self.meanwhile: dict[int, Callable[[], object]] = {}
        """Number of a request for a slice of the scope → what happens before it is sent."""
        self.device.weather.watch = self._watch

    def promote(self, role: str = "supervisor") -> None:
        """Give him another role at the site."""
        organization, person_id = self.fleet.organization, self.device.person_id
        (access,) = [row for row in organization.rows("site_access") if row["person_id"] == person_id]
        person = organization.stands("person", person_id)
        organization.commit([("person", {**person, "role": role}), ("site_access", {**access, "role": role})])

    def let_text_go_between(self) -> None:
        """As the scheduler does when somebody edits or pokes."""
        self.device.workplace.engine.is_text_due = lambda: self.is_on_its_way

    @property
    def is_on_its_way(self) -> bool:
        """Whether the scope is what is fetched now."""
        return self.scope in self.device.workplace.replica.state().bootstrap[:1]

    def _watch(self, path: str) -> None:
        if path == "/v1/bootstrap" and self.is_on_its_way:
            self.slices += 1
            if act := self.meanwhile.pop(self.slices, None):
                act()


@pytest.fixture
def growing(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Growing:
    made = Growing(fleet)
    monkeypatch.setattr("sync_server.application.pull.SLICE_AGGREGATES", SLICE)
    return made


def test_news_and_edits_of_own_orders_do_not_wait_for_a_large_scope(growing: Growing) -> None:
    fleet, device = growing.fleet, growing.device
    growing.promote()
    growing.let_text_go_between()
    seen: list[tuple[str, int]] = []

    def write() -> None:
        fleet.office.edit(growing.order_id, hazards="Live wires")
        with device.write() as write:
            remarks.add_comment(write, growing.order_id, "Said while the site comes.")

    def look() -> None:
        assert growing.is_on_its_way
        seen.append((str(device.see("work_order", growing.order_id)["hazards"]), device.waiting))

    growing.meanwhile = {3: write, 6: look}
    report = device.sync_well()
    assert seen == [("Live wires", 0)]
    assert growing.slices >= EXTRA / SLICE
    assert report.bootstrapped.count(growing.scope) == 1
    assert len(fleet.organization.rows("comment")) == 1
    fleet.assert_converged(fresh=())


def test_nothing_due_costs_no_request_between_slices(growing: Growing) -> None:
    growing.promote()
    paths: list[str] = []
    growing.device.weather.watch = paths.append
    growing.device.sync_well()
    first = paths.index("/v1/bootstrap")
    run = paths[first : first + EXTRA // SLICE]
    assert set(run) == {"/v1/bootstrap"}
    growing.fleet.assert_converged(fresh=())


@pytest.mark.parametrize("is_due", [False, True], ids=["alone", "with text between"])
def test_a_scope_that_is_lost_in_the_middle_leaves_nothing(growing: Growing, is_due: bool) -> None:
    growing.promote()
    if is_due:
        growing.let_text_go_between()
    growing.meanwhile = {4: lambda: growing.promote("technician")}
    growing.device.sync_well()
    state = growing.device.workplace.replica.state()
    assert state.bootstrap == ()
    assert growing.scope not in (state.digests or {})
    assert not growing.device.workplace.replica._staging.path.exists()
    growing.fleet.assert_converged(fresh=())


@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
@pytest.mark.parametrize("number", [4, 9])
def test_a_device_killed_at_any_slice_goes_on_where_it_was(growing: Growing, number: int, kind: str) -> None:
    growing.promote()
    growing.let_text_go_between()
    device = growing.device
    device.sync(*[Fault("none")] * number, Fault(kind))
    assert growing.slices
    growing.let_text_go_between()
    with device.write() as write:
        remarks.add_comment(write, growing.order_id, "Said after the crash.")
    device.sync_well()
    growing.fleet.assert_converged(fresh=())


@pytest.mark.parametrize("is_due", [False, True], ids=["alone", "with text between"])
def test_a_server_restored_in_the_middle_begins_the_scope_again(
    growing: Growing, backups: Backups, is_due: bool
) -> None:
    fleet = growing.fleet
    kept = backups.take()
    fleet.organization.change("work_order", growing.order_id, hazards="Lost with the restore")
    growing.promote()
    if is_due:
        growing.let_text_go_between()
    growing.meanwhile = {4: lambda: (backups.restore(kept), growing.promote())}
    assert growing.device.sync() is not None
    fleet.assert_converged(fresh=())
    assert growing.device.see("work_order", growing.order_id)["hazards"] is None


def test_a_new_epoch_in_the_middle_begins_the_scope_again(growing: Growing) -> None:
    growing.promote()
    database = growing.fleet.organization.database
    growing.meanwhile = {5: lambda: rotate_all(database, reason="The test says so.")}
    growing.device.sync_well()
    growing.fleet.assert_converged(fresh=())

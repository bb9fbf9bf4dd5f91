"""Any history of teams, sites, roles, windows and assignments: the index is right after every step, no device gets a
row that is not its own, none lacks one that is, and no interleaving of two writers makes a commit miss another.
"""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_server.contract.fields import Row
from sync_server.routines import recompute
from sync_server.routines.windows import end_windows
from sync_server.storage import org_clock
from tests.support.device_side import Client
from tests.support.scope_oracle import Rows, all_rows, assert_index_is_right, assert_mirrors, may_enter
from tests.support.scope_steps import ScopeSteps
from tests.support.server_side import NOW, Organization, Scene, Server, a_row

PATIENCE_S = 60.0
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def require_no_difference(organization: Organization, where: str) -> None:
    comparison = recompute.compare(organization.database, organization.id)
    assert comparison.count == 0, f"{where}: {'; '.join(map(str, comparison.first))}"


@pytest.mark.parametrize("seed", range(2))
def test_invariant_22_recomputing_equals_what_is_stored_after_every_step(scene: Scene, seed: int) -> None:
    """By two computations that share nothing: SQL of the routine, and plain Python over the rows."""
    steps = ScopeSteps(scene, seed)
    for number in range(40):
        steps.step()
        require_no_difference(scene.organization, f"after step {number}")
        if number % 8 == 0:
            assert_index_is_right(scene.organization)
    assert_index_is_right(scene.organization)


class Listener:
    """A device that syncs now and then, and everything that it was ever sent."""

    def __init__(self, organization: Organization, person: Row) -> None:
        self.organization, self.person = organization, person
        self.client: Client = organization.device(person)
        self.told: set[str] = set()
        """Aggregates of every row that came, whether it counted or not."""
        self.may_hold: set[str] = set()
        """Aggregates that its scopes held at any of its syncs."""

    def sync(self) -> None:
        """Sync, noting what comes and what its scopes hold at this moment."""
        lines = self.client.pull()
        self._note(lines)
        self.client.mirror.apply(lines)
        for scope in self.client.mirror.offered:
            token = None
            while True:
                part = self.client.bootstrap(scope, token=token)
                self._note(part)
                self.client.mirror.apply_slice(part)
                token = part[-1][1]["token"]
                if token is None:
                    break
        if self.client.mirror.offered:
            self.sync()

    def _note(self, lines: list[list[Any]]) -> None:
        types = lines[0][1]["types"]
        self.told |= {cells[types[line[1]].index("aggregate_id")] for line in lines if line[0] == "rows"
                      for cells in line[2]}  # fmt: skip
        granted = set(self.client.hello()["scopes"])
        held = self.organization.ask(
            "select aggregate_id::text from scope_aggregate where organization_id = %s and scope_id = any(%s) and live",
            self.organization.id,
            sorted(granted),
        )
        self.may_hold |= {id_ for (id_,) in held}


@pytest.mark.parametrize("seed", range(2))
def test_invariant_5_no_row_reaches_a_device_whose_scopes_never_held_its_aggregate(scene: Scene, seed: int) -> None:
    """Not even in a line that it would not apply."""
    steps, dice = ScopeSteps(scene, seed), random.Random(seed)
    listeners = [Listener(scene.organization, person) for person in steps.people]
    for _ in range(50):
        steps.step()
        if dice.random() < 0.4:
            dice.choice(listeners).sync()
    for listener in listeners:
        listener.sync()
        assert listener.told <= listener.may_hold
        strangers = {str(row["id"]) for row in scene.organization.rows("work_order")} - listener.may_hold
        assert not strangers & listener.told
    assert any({str(row["id"]) for row in scene.organization.rows("work_order")} - each.told for each in listeners)


@pytest.mark.parametrize("seed", range(2))
def test_invariant_6_every_live_row_of_its_scopes_is_on_a_device_that_has_synced(scene: Scene, seed: int) -> None:
    """However long it was away, and whatever happened to its scopes meanwhile."""
    steps, dice = ScopeSteps(scene, 100 + seed), random.Random(seed)
    clients = [scene.organization.device(person) for person in steps.people]
    for number in range(50):
        steps.step()
        if dice.random() < 0.3:
            client = clients[dice.randrange(1 + number // 25)]  # the third one stays away to the end
            assert_mirrors(scene.organization, client.sync(), set(client.hello()["scopes"]))
    for client in clients:
        assert_mirrors(scene.organization, client.sync(), set(client.hello()["scopes"]))


@pytest.mark.parametrize("seed", range(2))
def test_invariant_5_no_card_comes_to_a_device_whose_person_may_not_see_it(scene: Scene, seed: int) -> None:
    """A card is seen by who enters its site, and by who holds an order of that site that names it."""
    steps, dice = ScopeSteps(scene, 200 + seed), random.Random(seed)
    listeners = [Listener(scene.organization, person) for person in steps.people]
    has_named_foreign = False
    for _ in range(40):
        steps.step()
        rows = all_rows(scene.organization)
        has_named_foreign |= any(
            order["asset_id"] and rows["asset"][order["asset_id"]]["site_id"] != order["site_id"]
            for order in rows["work_order"].values()
        )
        listener = dice.choice(listeners)
        listener.told.clear()
        listener.sync()
        allowed = cards_to_be_seen(rows, str(listener.person["id"]))
        assert listener.told & rows["asset"].keys() <= allowed
        assert set(listener.client.mirror.of("asset")) <= allowed
    assert has_named_foreign, "or this has proved nothing"


def cards_to_be_seen(rows: Rows, person_id: str) -> set[str]:
    """Assets of sites that somebody may enter, and those of the site of an order of his that names them."""
    teams = {
        member["team_id"]
        for member in rows["team_member"].values()
        if member["person_id"] == person_id and not member["deleted_at"]
    }
    held = {
        assignment["work_order_id"]
        for assignment in rows["work_order_assignment"].values()
        if not assignment["deleted_at"] and (assignment["person_id"] == person_id or assignment["team_id"] in teams)
    }
    held |= {order_id for order_id, order in rows["work_order"].items() if order["created_by"] == person_id}
    named = {(rows["work_order"][order_id]["asset_id"], rows["work_order"][order_id]["site_id"]) for order_id in held}
    return {
        asset_id
        for asset_id, asset in rows["asset"].items()
        if may_enter(rows, person_id, asset["site_id"]) or (asset_id, asset["site_id"]) in named
    }


# ---- interleavings


class Gate:
    """Lets two writers meet where both have read and neither holds the clock, then go in a given order."""

    def __init__(self, first: str | None) -> None:
        self.first = first
        self.has_met = threading.Barrier(2)
        self.is_done = threading.Event()
        """Whether the first one has committed."""
        self._tick = org_clock.tick

    def tick(self, *arguments: Any, **named: Any) -> Any:
        """Stand in for the clock's own."""
        self.has_met.wait(PATIENCE_S)
        if self.first not in {None, threading.current_thread().name}:
            assert self.is_done.wait(PATIENCE_S)
        return self._tick(*arguments, **named)

    def run(self, name: str, act: Callable[[], object]) -> None:
        """Run a writer's commit in this thread, under its name."""
        threading.current_thread().name = name
        act()
        if self.first == name:
            self.is_done.set()


class Desk:
    """Commits that change what scopes hold, on one order, one team and one asset."""

    def __init__(self, scene: Scene) -> None:
        self.organization = organization = scene.organization
        self.person, self.site = scene.technician, scene.site
        self.other_site = organization.site()
        self.team = organization.add("team", name="Team")
        self.asset = organization.add("asset", site_id=scene.site["id"], code="A", name="Asset")
        self.far_asset = organization.add("asset", site_id=self.other_site["id"], code="F", name="Far asset")
        self.order = organization.order(scene.site)
        self.joined = organization.add("team", name="Joined")
        self.member = self._member(self.joined)
        organization.commit([("team_member", self.member)])
        self.assignment = self._assignment(person_id=self.person["id"])
        organization.commit([("work_order_assignment", self.assignment)])

    def _member(self, team: Row) -> Row:
        return a_row("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=self.person["id"])

    def _assignment(self, **whom: Any) -> Row:
        return a_row("work_order_assignment", aggregate_id=self.order["id"], work_order_id=self.order["id"], **whom)

    def _changed(self, entity: str, row: Row, **values: Any) -> None:
        self.organization.change(entity, row["id"], **values)

    def assign_team(self) -> None:
        self.organization.commit([("work_order_assignment", self._assignment(team_id=self.team["id"]))])

    def join_team(self) -> None:
        self.organization.commit([("team_member", self._member(self.team))])

    def assign_joined(self) -> None:
        self.organization.commit([("work_order_assignment", self._assignment(team_id=self.joined["id"]))])

    def leave_joined(self) -> None:
        self._changed("team_member", self.member, deleted_at=NOW)

    def unassign(self) -> None:
        self._changed("work_order_assignment", self.assignment, deleted_at=NOW)

    def give_asset(self) -> None:
        self._changed("work_order", self.order, asset_id=self.asset["id"])

    def move_asset(self) -> None:
        self._changed("asset", self.asset, site_id=self.other_site["id"])

    def enter_other_site(self) -> None:
        person_id = self.person["id"]
        values = {"person_id": person_id, "site_id": self.other_site["id"], "role": "technician"}
        self.organization.commit([("site_access", a_row("site_access", aggregate_id=person_id, **values))])

    def give_far_asset(self) -> None:
        self._changed("work_order", self.order, asset_id=self.far_asset["id"])

    def add_asset(self) -> None:
        named = {"aggregate_id": self.order["id"], "work_order_id": self.order["id"], "asset_id": self.asset["id"]}
        self.organization.commit([("work_order_asset", a_row("work_order_asset", **named))])

    def add_far_asset(self) -> None:
        named = {"aggregate_id": self.order["id"], "work_order_id": self.order["id"], "asset_id": self.far_asset["id"]}
        self.organization.commit([("work_order_asset", a_row("work_order_asset", **named))])

    def move_order(self) -> None:
        self._changed("work_order", self.order, site_id=self.other_site["id"])

    def comment(self) -> None:
        values = {"work_order_id": self.order["id"], "author_id": self.person["id"], "text": "Said.", "written_at": NOW}
        self.organization.commit([("comment", a_row("comment", aggregate_id=self.order["id"], **values))])

    def night(self) -> None:
        end_windows(self.organization.database, self.organization.id, at=LATER)


PAIRS = [
    ("assign_team", "join_team"),
    ("assign_joined", "leave_joined"),
    ("unassign", "give_asset"),
    ("move_asset", "give_asset"),
    ("move_asset", "unassign"),
    ("unassign", "add_asset"),
    ("move_asset", "add_asset"),
    ("enter_other_site", "add_far_asset"),
    ("move_order", "comment"),
    ("enter_other_site", "give_far_asset"),
    ("unassign", "comment"),
]


@pytest.mark.parametrize("order", ["one after the other", "the other way round", "at once"])
@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_invariant_8_no_interleaving_of_two_commits_makes_one_miss_the_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str], order: str
) -> None:
    """Both have read before either has the clock; then they commit in either order, or both ask for it at once."""
    desk = Desk(scene)
    scene.field.sync()
    gate = Gate({"one after the other": pair[0], "the other way round": pair[1], "at once": None}[order])
    with monkeypatch.context() as patch:
        patch.setattr(org_clock, "tick", gate.tick)
        with ThreadPoolExecutor(2) as both:
            for running in [both.submit(gate.run, name, getattr(desk, name)) for name in pair]:
                running.result(PATIENCE_S)
    require_no_difference(scene.organization, " and ".join(pair))
    assert_index_is_right(scene.organization)
    for client in (scene.field, scene.office):
        assert_mirrors(scene.organization, client.sync(), set(client.hello()["scopes"]))


@pytest.mark.parametrize("other", ["comment", "give_asset", "assign_joined"])
@pytest.mark.parametrize("first", ["night", "other"])
def test_invariant_8_the_night_and_a_writer_never_miss_each_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, other: str, first: str
) -> None:
    desk = Desk(scene)
    scene.organization.change("work_order", desk.order["id"], status="closed", closed_at=NOW)
    scene.organization.change("work_order", scene.order["id"], status="in_progress")
    scene.field.sync()
    gate = Gate("night" if first == "night" else other)
    with monkeypatch.context() as patch:
        patch.setattr(org_clock, "tick", gate.tick)
        with ThreadPoolExecutor(2) as both:
            for running in [both.submit(gate.run, name, getattr(desk, name)) for name in ("night", other)]:
                running.result(PATIENCE_S)
    require_no_difference(scene.organization, other)
    assert_index_is_right(scene.organization)
    assert_mirrors(scene.organization, scene.field.sync(), set(scene.field.hello()["scopes"]))

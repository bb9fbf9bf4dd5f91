"""Bootstrap: a scope in slices, while the organization goes on working; and long random histories."""

import random
from contextlib import suppress
from typing import Any

import pytest

from sync_server.application import planning
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from tests.support.device_side import Client
from tests.support.mirror import kinds
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Organization, Scene, Server, a_row, new_id


@pytest.fixture
def scene(server: Server, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A technician with ten orders, and a device that has nothing yet; slices of three aggregates."""
    monkeypatch.setattr("sync_server.application.pull.SLICE_AGGREGATES", 3)
    made = Scene.of(server)
    for _ in range(9):
        made.organization.order(made.site, made.technician)
    made.field = made.organization.device(made.technician)
    return made


def mine(scene: Scene) -> str:
    return f"user:{scene.technician['id']}"


def slices(scene: Scene, after_first: Any = None) -> list[list[list[Any]]]:
    """All slices of the technician's own scope, applied; `after_first` happens between the first and the second."""
    found: list[list[list[Any]]] = []
    token = None
    while not found or token is not None:
        found.append(scene.field.bootstrap(mine(scene), token=token))
        scene.field.mirror.apply_slice(found[-1])
        token = found[-1][-1][1]["token"]
        if len(found) == 1 and after_first is not None:
            after_first()
    return found


def site_scopes(scene: Scene) -> set[str]:
    return {mine(scene), "org:catalog", f"stock:{scene.site['id']}", f"assets:{scene.site['id']}"}


def test_a_scope_comes_in_slices_each_aggregate_whole_and_once(scene: Scene) -> None:
    scene.field.mirror.apply(scene.field.pull())
    found = slices(scene)
    joined = [id_ for each in found for line in each if line[0] == "join" for id_ in line[3]]
    assert len(found) == 4
    assert len(joined) == len(set(joined)) == 10
    assert joined == sorted(joined)
    assert len({each[-1][1]["seq"] for each in found}) == 1
    assert_mirrors(scene.organization, scene.field.sync(), site_scopes(scene))


def test_what_happens_between_slices_comes_with_the_next_pull(scene: Scene) -> None:
    scene.field.mirror.apply(scene.field.pull())
    orders = sorted(scene.organization.rows("work_order"), key=lambda row: str(row["id"]))
    first = {**a_row("work_order", id="00000000-0000-4000-8000-000000000001", number="0", title="First"),
             "site_id": scene.site["id"], "status": "assigned"}  # fmt: skip

    def meanwhile() -> None:
        scene.organization.change("work_order", orders[0]["id"], title="Changed after it was sent")
        for row in scene.organization.rows("work_order_assignment"):
            if row["work_order_id"] in {orders[1]["id"], orders[8]["id"]}:
                scene.organization.change("work_order_assignment", row["id"], deleted_at=NOW)
        assignment = a_row("work_order_assignment", aggregate_id=first["id"], work_order_id=first["id"],
                           person_id=scene.technician["id"])  # fmt: skip
        scene.organization.commit([("work_order", first), ("work_order_assignment", assignment)])
        scene.organization.change("work_order", orders[9]["id"], deleted_at=NOW)

    slices(scene, meanwhile)
    assert_mirrors(scene.organization, scene.field.sync(), site_scopes(scene))
    assert str(first["id"]) in scene.field.mirror.of("work_order")


def test_an_empty_scope_is_complete_at_once(scene: Scene) -> None:
    lines = scene.field.bootstrap(f"stock:{scene.site['id']}")
    assert kinds(lines) == ["header", "end"]
    assert lines[-1][1]["token"] is None
    assert lines[-1][1]["cursor"]


def test_a_token_of_another_scope_starts_this_one_at_its_beginning(scene: Scene) -> None:
    scene.field.mirror.apply(scene.field.pull())
    token = scene.field.bootstrap("org:catalog")[-1][1]["token"]
    assert token is not None
    fresh, mixed = (scene.field.bootstrap(mine(scene), token=each) for each in (None, token))
    assert mixed[:-1] == fresh[:-1]


def test_a_token_of_another_epoch_starts_again(scene: Scene) -> None:
    first = scene.field.bootstrap(mine(scene))
    scene.organization.ask(
        "update org_clock set epoch = gen_random_uuid() where organization_id = %s", scene.organization.id
    )
    again = scene.field.bootstrap(mine(scene), token=first[-1][1]["token"])
    assert again[0][1]["epoch"] != first[0][1]["epoch"]
    assert again[1:-1] == first[1:-1]


@pytest.mark.parametrize("token", ["", "x", "🙂", "A" * 1000])
def test_a_token_that_is_none_is_refused(scene: Scene, token: str) -> None:
    response = scene.field.post("/v1/bootstrap", {"scope": mine(scene), "token": token})
    assert (response.status_code, response.json()["code"]) == (409, "cursor_invalid")


def test_a_token_or_cursor_of_another_device_is_refused(scene: Scene) -> None:
    token = scene.field.bootstrap(mine(scene))[-1][1]["token"]
    other = scene.organization.device(scene.technician)
    cursor = scene.field.pull()[-1][1]["cursor"]
    for body in ({"token": token}, {"cursor": cursor}, {"token": cursor}):
        response = other.post("/v1/bootstrap", {"scope": mine(scene), **body})
        assert (response.status_code, response.json()["code"]) == (409, "cursor_invalid")


class History:
    """A random but repeatable life of an organization, by every way that rows are written."""

    def __init__(self, server: Server, seed: int) -> None:
        self.dice = random.Random(seed)
        self.organization: Organization = server.organization()
        self.sites = [self.organization.site() for _ in range(2)]
        self.people = [self.organization.person("technician", *self.sites[: 1 + n % 2]) for n in range(3)]
        self.people.append(self.organization.person("supervisor", self.sites[0]))
        self.boss = self.organization.person("manager")
        self.teams = [self.organization.add("team", name=f"Team {n}") for n in range(2)]
        self.part = self.organization.add("part", code="P", name="Part")
        self.store = self.organization.add(
            "stock_location", site_id=self.sites[0]["id"], kind="store", code="ST", name="Store"
        )
        self.assets = [
            self.organization.add("asset", site_id=self.dice.choice(self.sites)["id"], code=f"A{n}", name="Asset")
            for n in range(3)
        ]
        self.devices = [self.organization.device(person) for person in (*self.people, self.boss)]
        for device in self.devices:
            device.sync()

    @property
    def office(self) -> Client:
        return self.devices[-1]

    def pick(self, entity: str) -> Row | None:
        live = [row for row in self.organization.rows(entity) if row["deleted_at"] is None]
        return self.dice.choice(sorted(live, key=lambda row: str(row["id"]))) if live else None

    def step(self) -> None:
        kinds_of_step = (
            "order",
            "assign",
            "team",
            "leave",
            "unassign",
            "edit",
            "move",
            "comment",
            "use",
            "delete",
            "asset",
        )
        getattr(self, f"_{self.dice.choice(kinds_of_step)}")()

    def _order(self) -> None:
        device = self.dice.choice(self.devices)
        self._push(device, device.create("work_order", number=new_id(), title="O", site_id=self._site()["id"]))

    def _site(self) -> Row:
        return self.dice.choice(self.sites)

    def _push(self, device: Client, mutation: dict[str, Any]) -> None:
        assert device.push_one(mutation)["status"] in {"applied", "merged", "conflict", "rejected", "held"}

    def _assign(self) -> None:
        if order := self.pick("work_order"):
            person, team = self.dice.choice(self.people), self.dice.choice(self.teams)
            whom = self.dice.choice([(person["id"], None), (None, team["id"])])
            self._act(planning.assign, str(order["id"]), person_id=whom[0], team_id=whom[1])

    def _act(self, act: Any, *arguments: str, **named: Any) -> None:
        """Act for the office; an order that is deleted, finished or not there any more may refuse it."""
        with suppress(Refused):
            act(self.organization.database, self.organization.caller(self.office), *arguments, **named, at=NOW)

    def _team(self) -> None:
        self._act(planning.join_team, str(self.dice.choice(self.teams)["id"]), str(self.dice.choice(self.people)["id"]))

    def _leave(self) -> None:
        if member := self.pick("team_member"):
            self.organization.change("team_member", member["id"], deleted_at=NOW)

    def _unassign(self) -> None:
        if assignment := self.pick("work_order_assignment"):
            self.organization.change("work_order_assignment", assignment["id"], deleted_at=NOW)

    def _edit(self) -> None:
        if order := self.pick("work_order"):
            device = self.dice.choice(self.devices)
            status = self.dice.choice(["assigned", "in_progress", "cancelled", "new"])
            self._push(device, device.edit("work_order", order, title=new_id(), status=status))

    def _move(self) -> None:
        if order := self.pick("work_order"):
            asset = self.dice.choice([None, *self.assets])
            values = {"site_id": self._site()["id"], "asset_id": asset["id"] if asset else None}
            self.organization.change("work_order", order["id"], **values)

    def _comment(self) -> None:
        if order := self.pick("work_order"):
            device = self.dice.choice(self.devices)
            self._push(device, device.comment(order))

    def _use(self) -> None:
        device, order = self.dice.choice(self.devices), self.pick("work_order")
        order_id = order["id"] if order and self.dice.random() < 0.5 else None
        self._push(device, device.movement(self.store["id"], self.part["id"], "-1", order_id=order_id))

    def _delete(self) -> None:
        entity = self.dice.choice(["work_order", "comment", "asset"])
        if (row := self.pick(entity)) and self.dice.random() < 0.3:
            self._push(
                self.office, self.office.mutation(f"{entity}.delete", row["id"], aggregate_id=row["aggregate_id"])
            )

    def _asset(self) -> None:
        if asset := self.pick("asset"):
            self._push(self.office, self.office.edit("asset", asset, site_id=self._site()["id"]))


@pytest.mark.parametrize("seed", range(4))
def test_after_any_history_the_index_is_right_and_devices_mirror_their_scopes(server: Server, seed: int) -> None:
    history = History(server, seed)
    for number in range(1, 61):
        history.step()
        if history.dice.random() < 0.2:
            history.dice.choice(history.devices).sync()
        if number % 20 == 0:
            assert_index_is_right(history.organization)
    for device in history.devices:
        offered = device.post("/v1/pull", {"cursor": None})
        assert offered.status_code == 200
        mirror = device.sync()
        scopes = set(device.hello()["scopes"])
        assert_mirrors(history.organization, mirror, scopes)
        fresh = history.organization.device(history.organization.stands("person", device.person_id))
        assert fresh.sync().rows == mirror.rows

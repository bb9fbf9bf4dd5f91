"""No card of another site comes to a device by being named: by whatever way an order came to name it.

Whoever writes an order may name any asset. That must give nobody its card: not its holder, not those whom it is given
to, not in a line of an answer that his device would not keep.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sync_server.contract.fields import Row
from sync_server.routines import recompute
from tests.support.device_side import Client
from tests.support.import_desk import ImportDesk, line, text_of
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server, a_row

SECRET = "Vault pump"


@dataclass
class Two:
    """A site with its people, and an asset of another site that none of them may enter."""

    scene: Scene
    far: Row
    asset: Row

    def holders(self) -> list[str]:
        """Scopes that hold the foreign asset, or ever held it."""
        found = self.scene.organization.ask(
            "select scope_id from scope_aggregate where organization_id = %s and aggregate_id = %s order by 1",
            self.scene.organization.id,
            self.asset["id"],
        )
        return [scope for (scope,) in found]

    def require_unseen(self, *devices: Client) -> None:
        """No answer to any device says a word of the asset, and only its own site holds it."""
        for device in devices or (self.scene.field, self.scene.office):
            answers = [device.pull(), device.pull(cursor=None)]
            answers += [device.bootstrap(scope) for scope in device.hello()["scopes"]]
            assert SECRET not in repr(answers)
            device.sync()
            assert self.asset["id"] not in device.mirror.of("asset")
        assert self.holders() == [f"site:{self.far['id']}"]
        assert recompute.compare(self.scene.organization.database, self.scene.organization.id).count == 0
        assert_index_is_right(self.scene.organization)

    def enter(self, person: Row) -> Row:
        """Let somebody enter the other site."""
        values = {"person_id": person["id"], "site_id": self.far["id"], "role": "technician"}
        return self.scene.organization.add("site_access", aggregate_id=person["id"], **values)

    def has(self, device: Client) -> bool:
        return self.asset["id"] in device.sync().of("asset")


@pytest.fixture
def two(server: Server) -> Two:
    scene = Scene.of(server)
    far = scene.organization.site()
    return Two(scene, far, scene.organization.add("asset", site_id=far["id"], code="FAR-1", name=SECRET))


def test_an_order_that_a_technician_made_lends_him_nothing_of_another_site(two: Two) -> None:
    scene = two.scene
    made = {"status": "new", "created_by": scene.technician["id"], "asset_id": two.asset["id"]}
    scene.organization.order(scene.site, **made)
    two.require_unseen()


def test_an_edit_lends_nothing_of_another_site(two: Two) -> None:
    two.scene.organization.change("work_order", two.scene.order["id"], asset_id=two.asset["id"])
    two.require_unseen()


def test_a_settled_conflict_lends_nothing_of_another_site(two: Two) -> None:
    """Who made the edit could not have named it, nor can he by settling; a manager, who sees all, can."""
    scene = two.scene
    own = scene.organization.add("asset", site_id=scene.site["id"], code="OWN-1", name="Own pump")
    scene.organization.change("work_order", scene.order["id"], asset_id=own["id"])
    edit = scene.field.edit("work_order", scene.order, asset_id=two.asset["id"])
    assert scene.field.push_one(edit)["status"] == "conflict"
    (conflict,) = scene.field.sync().of("conflict").values()
    seen, mine = conflict["theirs_value"], conflict["mine_value"]
    settled = {"resolution": [None, "mine"], "resolved_value": [seen, mine]}
    answers = []
    for device in (scene.field, scene.organization.device(scene.organization.person("manager"))):
        resolving = device.mutation(
            "conflict.resolve", conflict["id"], aggregate_id=scene.order["id"], set=settled, base=edit["base"]
        )
        answers.append(device.push_one(resolving))
    assert [answers[0]["status"], answers[0]["code"]] == ["rejected", "conflicting_reference"]
    assert answers[1]["status"] in {"applied", "merged"}
    assert scene.now()["asset_id"] == two.asset["id"]
    two.require_unseen()


def test_an_approved_held_change_lends_nothing_of_another_site(two: Two) -> None:
    scene = two.scene
    scene.unassign()
    edit = scene.field.edit("work_order", scene.order, asset_id=two.asset["id"])
    assert scene.field.push_one(edit)["status"] == "held"
    (held,) = scene.organization.rows("held_mutation")
    scene.office.sync()
    assert scene.office.push_one(scene.office.edit("held_mutation", held, decision="approved"))["status"] == "applied"
    scene.organization.add(
        "work_order_assignment",
        aggregate_id=scene.order["id"],
        work_order_id=scene.order["id"],
        person_id=scene.technician["id"],
    )
    assert scene.now()["asset_id"] == two.asset["id"]
    two.require_unseen()


def test_an_imported_list_lends_nothing_of_another_site(two: Two, tmp_path: Path) -> None:
    """A row that names a site and the asset of another one, given to a technician afterwards by the office."""
    scene = two.scene
    desk = ImportDesk(scene.organization, tmp_path)
    path = desk.file(text_of([line(1, equipment="FAR-1", plant=scene.site["code"])]))
    said = desk.say(path)
    assert said.code == 0, said
    (order,) = [row for row in scene.organization.rows("work_order") if row["number"] == "W-1"]
    assert (order["site_id"], order["asset_id"]) == (scene.site["id"], two.asset["id"])
    planner = scene.organization.device(scene.organization.person("planner", scene.site))
    given = planner.post(f"/v1/office/work-orders/{order['id']}/assignment", {"person_id": scene.technician["id"]})
    assert given.status_code == 200, given.text
    two.require_unseen(scene.field, scene.office, planner)


def test_an_edit_of_the_office_lends_nothing_of_another_site_and_its_lists_show_nothing(two: Two) -> None:
    scene = two.scene
    planner = scene.organization.device(scene.organization.person("planner", scene.site))
    address = f"/v1/office/work-orders/{scene.order['id']}"
    edit = {"set": {"asset_id": [None, two.asset["id"]]}}
    assert planner.request("PATCH", address, content=_json(edit)).status_code == 409
    manager = scene.organization.device(scene.organization.person("manager"))
    assert manager.request("PATCH", address, content=_json(edit)).status_code == 200
    assert planner.post(f"{address}/assignment", {"person_id": planner.person_id}).status_code == 200
    assert SECRET not in planner.request("GET", address).text
    assert SECRET not in planner.request("GET", "/v1/office/work-orders").text
    two.require_unseen(scene.field, scene.office, planner)


def test_a_team_is_lent_what_its_order_s_site_has_and_each_member_what_he_may_enter(two: Two) -> None:
    scene, organization = two.scene, two.scene.organization
    team = organization.add("team", name="Team")
    guest = organization.person("technician", scene.site, two.far)
    for person in (scene.technician, guest):
        organization.add("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=person["id"])
    order = organization.order(scene.site, asset_id=two.asset["id"])
    organization.add("work_order_assignment", aggregate_id=order["id"], work_order_id=order["id"], team_id=team["id"])
    device = organization.device(guest)
    assert (two.has(scene.field), two.has(device)) == (False, True)
    assert two.holders() == sorted([f"site:{two.far['id']}", f"user:{guest['id']}"])


def test_who_enters_the_other_site_gets_the_card_and_gives_it_back_with_his_access(two: Two) -> None:
    scene, organization = two.scene, two.scene.organization
    organization.change("work_order", scene.order["id"], asset_id=two.asset["id"])
    assert not two.has(scene.field)
    access = two.enter(scene.technician)
    assert two.has(scene.field)
    organization.change("site_access", access["id"], role="supervisor")
    assert two.has(scene.field)
    organization.change("site_access", access["id"], role="technician", deleted_at=NOW)
    assert not two.has(scene.field)
    assert_index_is_right(organization)


def test_access_and_an_order_that_come_in_one_commit_lend_at_once(two: Two) -> None:
    """What somebody holds is looked up in the index, which does not know yet what this commit brings."""
    scene, organization = two.scene, two.scene.organization
    team = organization.add("team", name="Team")
    order = organization.order(scene.site, asset_id=two.asset["id"])
    organization.add("work_order_assignment", aggregate_id=order["id"], work_order_id=order["id"], team_id=team["id"])
    person_id = scene.technician["id"]
    member = a_row("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=person_id)
    values = {"person_id": person_id, "site_id": two.far["id"], "role": "technician"}
    access = a_row("site_access", aggregate_id=person_id, **values)
    organization.commit([("team_member", member), ("site_access", access)])
    assert two.has(scene.field)
    organization.commit(
        [
            ("team_member", {**organization.stands("team_member", member["id"]), "deleted_at": NOW}),
            ("site_access", {**organization.stands("site_access", access["id"]), "deleted_at": NOW}),
        ]
    )
    assert not two.has(scene.field)
    assert_index_is_right(organization)


MOVES: dict[str, Callable[[Two], Any]] = {
    "the asset moves away": lambda two: _move(two, "asset", two.asset, two.far),
    "the order moves away": lambda two: _move(two, "work_order", two.scene.order, two.far),
}


@pytest.mark.parametrize("how", MOVES)
def test_a_card_is_lent_as_long_as_it_is_of_the_order_s_site(two: Two, how: str) -> None:
    scene, organization = two.scene, two.scene.organization
    _move(two, "asset", two.asset, scene.site)
    organization.change("work_order", scene.order["id"], asset_id=two.asset["id"])
    for row in organization.rows("site_access"):
        if row["person_id"] == scene.technician["id"]:
            organization.change("site_access", row["id"], deleted_at=NOW)
    assert two.has(scene.field), "the order lends what lies at its own site, whoever may enter there"
    MOVES[how](two)
    assert not two.has(scene.field)
    assert_index_is_right(organization)
    moved = "work_order" if "asset" in how else "asset"
    _move(two, moved, scene.order if moved == "work_order" else two.asset, two.far)
    assert two.has(scene.field), "both are at one site again"
    assert_index_is_right(organization)


def _move(two: Two, entity: str, row: Row, site: Row) -> None:
    two.scene.organization.change(entity, row["id"], site_id=site["id"])


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()

"""Rights end at the site: what somebody sees, or was lent to, he does not rule."""

from collections.abc import Iterator

import pytest

from tests.support.postgres import Clusters
from tests.support.server_side import Scene, Server, a_server, new_id


@pytest.fixture(scope="module")
def server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    with a_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


def test_a_planner_puts_nobody_into_the_team_of_another_site(server: Server) -> None:
    scene = Scene.of(server)
    planner = scene.organization.person("planner", scene.organization.site())
    device = scene.organization.device(planner)
    device.sync()
    for site_id in (scene.site["id"], None):
        team = scene.organization.add("team", name="Team", site_id=site_id)
        answer = device.post(f"/v1/office/teams/{team['id']}/members", {"person_id": planner["id"]})
        assert answer.status_code in {403, 404}
    assert scene.organization.rows("team_member") == []


def test_a_supervisor_who_is_lent_to_another_site_works_there_like_a_technician(server: Server) -> None:
    scene = Scene.of(server)
    guest = scene.organization.person("supervisor", scene.organization.site())
    lent = scene.organization.order(scene.site, guest)
    device = scene.organization.device(guest)
    device.sync()
    assert device.push_one(device.edit("work_order", lent, title="Seen"))["status"] == "applied"
    deletion = device.mutation("work_order.delete", lent["id"])
    assert device.push_one(deletion)["code"] == "not_allowed"
    assigned = device.create(
        "work_order_assignment", aggregate_id=lent["id"], work_order_id=lent["id"], person_id=guest["id"]
    )
    assert device.push_one(assigned)["code"] == "not_allowed"


def test_a_technician_takes_nothing_out_of_the_van_of_another(server: Server) -> None:
    scene = Scene.of(server)
    far = scene.organization.site()
    colleague = scene.organization.person("technician", far)
    part = scene.organization.add("part", code=new_id(), name="Filter")
    van = scene.organization.add(
        "stock_location",
        site_id=far["id"],
        owner_id=colleague["id"],
        kind="van",
        code="V",
        name="Van",
    )
    used = scene.field.movement(van["id"], part["id"], "-1", order_id=scene.order["id"])
    assert scene.field.push_one(used)["status"] == "held"
    assert scene.organization.rows("stock_movement") == []


def test_nobody_makes_a_visit_in_the_name_of_another(server: Server) -> None:
    scene = Scene.of(server)
    visit = scene.field.create(
        "work_log", aggregate_id=scene.order["id"], work_order_id=scene.order["id"], person_id=scene.supervisor["id"]
    )
    assert scene.field.push_one(visit)["code"] == "not_allowed"

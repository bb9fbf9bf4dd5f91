"""What the office does over HTTP: lists and details of its own sites, edits, assignments, teams."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sync_server.application import planning
from tests.support.device_side import Client
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server, new_id

ORDERS = "/v1/office/work-orders"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


@pytest.fixture
def planner(scene: Scene) -> Client:
    return scene.organization.device(scene.organization.person("planner", scene.site))


def listed(client: Client, query: str = "") -> list[str]:
    response = client.request("GET", ORDERS + query)
    assert response.status_code == 200, response.text
    return [row["number"] for row in response.json()]


def patch(client: Client, order_id: object, **changes: list[Any]) -> httpx.Response:
    body = httpx.Request("PATCH", "http://x", json={"set": changes}).content
    return client.request("PATCH", f"{ORDERS}/{order_id}", content=body)


def assign(client: Client, order_id: object, **whom: object) -> httpx.Response:
    return client.post(f"{ORDERS}/{order_id}/assignment", whom)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def live_assignees(scene: Scene, order_id: object) -> list[object]:
    rows = scene.organization.rows("work_order_assignment")
    live = [row for row in rows if row["work_order_id"] == order_id and row["deleted_at"] is None]
    return [row["person_id"] or row["team_id"] for row in live]


def test_no_page_ends_between_orders_of_one_number(scene: Scene, planner: Client) -> None:
    """Numbers never refuse: who pages by number meets each order, also those that bear one twice."""
    for number in ("A", "B", "B", "B", "C"):
        scene.organization.order(scene.site, number=number)
    assert listed(planner, "?status=new&limit=1") == ["A"]
    assert listed(planner, "?status=new&limit=1&after=A") == ["B", "B", "B"]
    assert listed(planner, "?status=new&limit=1&after=B") == ["C"]


def test_a_list_shows_the_callers_sites_by_number(scene: Scene, planner: Client) -> None:
    for number in ("B", "A", "C"):
        scene.organization.order(scene.site, number=number)
    scene.organization.order(scene.organization.site(), number="ELSEWHERE")
    gone = scene.organization.order(scene.site, number="GONE")
    scene.organization.change("work_order", gone["id"], deleted_at=NOW)
    own = str(scene.order["number"])
    assert listed(planner) == ["A", "B", "C", own]
    assert listed(planner, "?status=new&limit=2") == ["A", "B"]
    assert listed(planner, "?status=new&limit=2&after=B") == ["C"]
    assert listed(planner, "?status=nonsense") == []
    assert listed(planner, "?limit=-5") == ["A"]
    assert listed(planner, f"?limit={10**15}&after=") == ["A", "B", "C", own]


@pytest.mark.parametrize(
    "query", ["?limit=x", "?limit=", f"?limit={10**40}", "?limit=1&limit=2", "?after=%ff&status=%00"]
)
def test_a_query_that_cannot_be_breaks_nothing(planner: Client, query: str) -> None:
    assert planner.request("GET", ORDERS + query).status_code < 500


def test_who_is_not_the_office_sees_an_empty_list(scene: Scene) -> None:
    assert listed(scene.field) == []
    customer = scene.organization.device(scene.organization.person("customer", scene.site))
    assert listed(customer) == []
    response = scene.field.request("GET", f"{ORDERS}/{scene.order['id']}")
    assert code(response) == (404, "not_found")


def test_managers_see_every_site_of_their_organization(scene: Scene, server: Server) -> None:
    Scene.of(server, is_synced=False)
    scene.organization.order(scene.organization.site(), number="FAR")
    manager = scene.organization.device(scene.organization.person("manager"))
    assert set(listed(manager)) == {"FAR", scene.order["number"]}


def test_an_order_is_shown_with_everything_in_it(scene: Scene, planner: Client) -> None:
    scene.inside("comment", author_id=scene.technician["id"], text="Remark", written_at=NOW)
    gone = scene.inside("checklist", name="Gone")
    scene.organization.change("checklist", gone["id"], deleted_at=NOW)
    shown = planner.request("GET", f"{ORDERS}/{scene.order['id']}").json()
    assert shown["work_order"] == [scene.now()]
    assert (len(shown["comment"]), len(shown["work_order_assignment"]), shown["checklist"]) == (1, 1, [])


def test_what_is_not_there_and_what_is_not_his_look_alike(scene: Scene, planner: Client, server: Server) -> None:
    foreign = Scene.of(server, is_synced=False).order["id"]
    elsewhere = scene.organization.order(scene.organization.site())["id"]
    asked = [foreign, elsewhere, new_id(), "x", "00000000", "%27", "a b", str(scene.order["id"]).upper()]
    ways = [
        lambda id_: planner.request("GET", f"{ORDERS}/{id_}"),
        lambda id_: patch(planner, id_, title=["Order", "Mine"]),
        lambda id_: assign(planner, id_, person_id=scene.technician["id"]),
    ]
    for way in ways:
        answers = {(response.status_code, response.text) for response in map(way, asked)}
        assert len(answers) == 1, answers
        assert next(iter(answers))[0] == 404
    assert scene.organization.stands("work_order", elsewhere)["title"] == "Order"


def test_an_edit_merges_like_everybody_elses(scene: Scene, planner: Client) -> None:
    (verdict,) = patch(planner, scene.order["id"], title=["Order", "By the office"]).json()
    assert (verdict["status"], verdict["commit_seq"]) == ("applied", scene.now()["sync_seq"])
    (verdict,) = patch(planner, scene.order["id"], title=["Order", "By another"]).json()
    assert verdict["status"] == "conflict"
    assert scene.now()["title"] == "By the office"
    (verdict,) = patch(planner, scene.order["id"], due_at=[None, NOW]).json()
    assert scene.now()["due_at"] == NOW
    assert code(patch(planner, scene.order["id"], priority=["medium", "whenever"])) == (422, "invalid_value")
    assert code(patch(planner, scene.order["id"], source_type=[None, "PM"])) == (422, "invalid_value")
    assert_index_is_right(scene.organization)


def test_an_assignment_replaces_every_other(scene: Scene, planner: Client) -> None:
    other = scene.organization.person("technician", scene.site)
    assert assign(planner, scene.order["id"], person_id=other["id"]).status_code == 200
    assert live_assignees(scene, scene.order["id"]) == [other["id"]]
    team = scene.organization.add("team", name="Team", site_id=scene.site["id"])
    assert assign(planner, scene.order["id"], team_id=team["id"]).status_code == 200
    assert live_assignees(scene, scene.order["id"]) == [team["id"]]
    joined = planner.post(f"/v1/office/teams/{team['id']}/members", {"person_id": scene.technician["id"]})
    assert joined.status_code == 200
    assert scene.order["id"] in scene.field.sync().of("work_order")
    assert_index_is_right(scene.organization)


def test_a_new_order_becomes_assigned_and_others_keep_their_state(scene: Scene, planner: Client) -> None:
    new = scene.organization.order(scene.site)
    running = scene.organization.order(scene.site, status="in_progress")
    for order in (new, running):
        assert assign(planner, order["id"], person_id=scene.technician["id"]).status_code == 200
    states = [scene.organization.stands("work_order", order["id"])["status"] for order in (new, running)]
    assert states == ["assigned", "in_progress"]


@pytest.mark.parametrize("whom", ["nobody", "both", "a stranger", "no id", "not there"])
def test_an_assignment_to_nobody_in_particular_changes_nothing(
    scene: Scene, planner: Client, server: Server, whom: str
) -> None:
    team = scene.organization.add("team", name="Team")
    body: dict[str, Any] = {
        "nobody": {},
        "both": {"person_id": scene.supervisor["id"], "team_id": team["id"]},
        "a stranger": {"person_id": Scene.of(server, is_synced=False).technician["id"]},
        "no id": {"person_id": "x"},
        "not there": {"person_id": new_id()},
    }[whom]
    response = assign(planner, scene.order["id"], **body)
    assert response.status_code in {409, 422}
    assert live_assignees(scene, scene.order["id"]) == [scene.technician["id"]]


def test_people_assigning_one_order_at_once_leave_one_assignee(scene: Scene, planner: Client) -> None:
    people = [scene.organization.person("technician", scene.site)["id"] for _ in range(6)]
    database, caller = scene.organization.database, scene.organization.caller(planner)
    with ThreadPoolExecutor(len(people)) as many:
        acts = [
            many.submit(
                planning.assign, database, caller, str(scene.order["id"]), person_id=str(person), team_id=None, at=NOW
            )
            for person in people
        ]
        assert all(act.result() for act in acts)
    assert len(live_assignees(scene, scene.order["id"])) == 1
    assert_index_is_right(scene.organization)


def test_a_technician_plans_nothing(scene: Scene, server: Server) -> None:
    team = scene.organization.add("team", name="Team")
    assert code(assign(scene.field, scene.order["id"], person_id=scene.supervisor["id"])) == (403, "not_allowed")
    members = f"/v1/office/teams/{team['id']}/members"
    assert code(scene.field.post(members, {"person_id": scene.technician["id"]})) == (403, "not_allowed")
    foreign = Scene.of(server, is_synced=False).organization.add("team", name="Team")
    answers = {
        (response.status_code, response.text)
        for id_ in (foreign["id"], new_id())
        for response in [scene.office.post(f"/v1/office/teams/{id_}/members", {"person_id": scene.technician["id"]})]
    }
    assert len(answers) == 1
    assert scene.organization.rows("team_member") == []


def test_who_is_dismissed_does_nothing_here_either(scene: Scene, planner: Client) -> None:
    scene.organization.change("person", planner.person_id, is_active=False)
    assert listed(planner) == []
    assert patch(planner, scene.order["id"], title=["Order", "Mine"]).status_code in {403, 404}
    assert scene.organization.rows("held_mutation") == []
    assert scene.now()["title"] == "Order"

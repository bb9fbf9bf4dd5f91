"""Each cell of the permission matrix on a real server: who may, does it; who may not, is told who may."""

import json
from pathlib import Path

import pytest

import sync_server
from sync_server.authz import permission_page
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.people import ROLES
from sync_server.contract.rules.matrix import ACTIONS, MATRIX, RECORDS, RESOURCES, SCOPES
from sync_server.contract.rules.permission import NOT_FOUND, refusal
from sync_server.storage.record_kinds import KINDS
from tests.support.device_side import Json
from tests.support.matrix_cells import BUILDERS
from tests.support.matrix_world import ASKED, CLASH, PLACES, Trial, Trying, World
from tests.support.server_side import Server

PAGE = Path(sync_server.__file__).parent / "PERMISSIONS.md"
DONE = {"applied", "merged"}


def test_the_matrix_names_every_entity_and_nothing_else() -> None:
    assert set(MATRIX) == set(REGISTRY)
    assert set(RECORDS) == {kind.resource for kind in KINDS.values()}, "test_office_records.py tries their cells"
    for resource in RESOURCES.values():
        assert set(resource.actions) <= set(ACTIONS)
        for cells in resource.actions.values():
            assert set(cells) <= set(ROLES)
            assert set(cells.values()) <= set(SCOPES)


def test_every_cell_is_tried() -> None:
    assert set(BUILDERS) == {(name, action) for name, resource in MATRIX.items() for action in resource.actions}


def test_the_page_is_what_the_code_says() -> None:
    stale = "run `.venv/bin/python -m sync_server permissions-page sync_server/PERMISSIONS.md`"
    assert PAGE.read_text("utf-8") == permission_page.page(), stale
    told = [name for names in permission_page.GROUPS.values() for name in names]
    assert sorted(told) == sorted(RESOURCES)


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    return World.of(server.organization())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_the_matrix_gives_it_and_nothing_else(world: World, role: str, place: str) -> None:
    trying = Trying(world, role, place)
    trials = list(trying.trials(BUILDERS))
    verdicts = trying.client.push(*(trial.mutation for trial in trials))
    wrong = [told for trial, verdict in zip(trials, verdicts, strict=True) if (told := fault(world, trial, verdict))]
    assert wrong == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES)
def test_the_office_s_routes_ask_the_same_matrix(world: World, role: str, place: str) -> None:
    trying = Trying(world, role, place)
    team = trying.put("team", name="Team", site_id=world.site["id"])
    list(trying.trials(BUILDERS))
    order, client = f"/v1/office/work-orders/{trying.order['id']}", trying.client
    edit = json.dumps({"set": {"title": ["Order", "Changed"]}}).encode()
    answers = {
        ("work_order", "change"): client.request("PATCH", order, content=edit),
        ("team_member", "create"): client.post(
            f"/v1/office/teams/{team['id']}/members", {"person_id": world.colleague["id"]}
        ),
        ("work_order", "plan"): client.post(f"{order}/assignment", {"person_id": world.colleague["id"]}),
    }
    done = {cell: answer.status_code == 200 for cell, answer in answers.items()}
    assert done == {cell: trying.may(*cell) for cell in answers}
    assert {answer.status_code for answer in answers.values()} <= {200, 403, 404}


def fault(world: World, trial: Trial, verdict: Json) -> str:
    """What is wrong about a verdict; empty: nothing."""
    if trial.is_allowed:
        kept = {"conflict"} if trial.resource in ASKED and trial.action != "plan" else set()
        return "" if verdict["status"] in DONE | kept else f"{trial.name}: {verdict}"
    if verdict["status"] == "rejected":
        who_may = {
            (refusal(trial.resource, each).code, refusal(trial.resource, each).sentence)
            for each in (trial.action, "change")
        }
        is_told = (verdict["code"], verdict["reason"]) in who_may | {(NOT_FOUND.code, NOT_FOUND.sentence)}
        return "" if is_told else f"{trial.name}: {verdict}"
    if trial.action not in CLASH or verdict["status"] != "conflict" or trial.watched is None:
        return f"{trial.name}: {verdict}"
    entity, row_id, *fields = trial.watched
    stands = world.organization.stands(entity, row_id)
    taken = [name for name in fields if stands[name] == trial.mutation["set"][name][1]]
    return f"{trial.name}: {taken} counted" if taken else ""


def test_a_colleague_s_visit_is_not_a_technician_s_to_change(server: Server) -> None:
    world = World.of(server.organization())
    trying = Trying(world, "technician", "holder")
    visit = trying.inside("work_log", person_id=world.colleague["id"])
    list(trying.trials(BUILDERS))
    verdict = trying.client.push_one(trying.client.edit("work_log", visit, work_minutes=90))
    assert (verdict["code"], verdict["reason"]) == ("not_allowed", refusal("work_log", "change").sentence)
    assert "technician (of his own)" in verdict["reason"]
    assert world.organization.stands("work_log", visit["id"])["work_minutes"] is None

"""Two thousand requests of every role of two organizations and two sites, the same every time (trust.md §2).

More of them on demand: `sh packaging/run fuzz`.
"""

from __future__ import annotations

from itertools import product

import pytest

from sync_server.app import ROUTES
from sync_server.contract.entities import REGISTRY
from sync_server.contract.problems import CODES
from tests.fuzz.doors import MAKERS, Doors
from tests.fuzz.hand import Hand
from tests.fuzz.planted import CANARY, planted_columns, prose_of
from tests.fuzz.shard import Shard
from tests.fuzz.sight import View
from tests.fuzz.world import AT_A_SITE, EVERYWHERE, World, a_world, every_site
from tests.support.server_side import Server

SEED = 1
REQUESTS = 2_000
STEPS = 300


@pytest.fixture(scope="module")
def doors(server: Server) -> Doors:
    return Doors(server.http.get(f"{server.url}/schema/openapi.json").json())


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    return a_world(server)


@pytest.mark.slow
@pytest.mark.expects_warnings  # devices that verify the same all the time are told of
def test_invariant_28_no_request_of_any_role_shows_changes_or_hints_at_what_is_not_his(server: Server) -> None:
    shard = Shard(server, SEED)
    found = [str(fault) for fault in shard.run(REQUESTS)]
    assert found == []
    asked = {told.rpartition(" ")[0] for told in shard.answers}
    assert asked == {door.name for door in shard.doors.doors}, "every door was asked"
    assert {actor.role for actor in shard.asking} == {*AT_A_SITE, *EVERYWHERE}
    assert shard.twins > REQUESTS / 4


def test_every_route_is_described_with_its_shapes_and_refusals(doors: Doors) -> None:
    """What is not described is not asked."""
    routes = {
        f"{method} {path.replace(':str', '')}"
        for route in ROUTES
        for path in route.paths
        for method in route.http_methods
    }
    assert {door.name for door in doors.doors} == routes
    assert set(MAKERS) <= routes
    for door in doors.doors:
        answers = door.said["responses"]
        assert any(status.startswith("2") for status in answers), door.name
        assert (door.said.get("requestBody") is not None) == (door.method in {"POST", "PATCH", "PUT"}), door.name
        refusals = {status: said["content"] for status, said in answers.items() if not status.startswith("2")}
        assert all(list(content) == ["application/problem+json"] for content in refusals.values()), door.name
        assert set(map(int, refusals)) <= {status for status in CODES.values() if status != 500}
        if door.said.get("security"):
            assert {"401", "403"} <= set(refusals), door.name


def test_every_text_of_every_entity_carries_a_canary_at_every_site(world: World) -> None:
    for (organization, site), entity in product(every_site(world), REGISTRY):
        mine = [each for each in world.things[entity] if (each.organization_id, each.site) == (organization.id, site)]
        rows = [dict(each.row) for each in mine if each.row is not None]
        assert rows, f"there is no {entity}"
        assert set(prose_of(entity)) <= planted_columns(rows), entity
    for kind in ("slug", "login", "text"):
        assert all(CANARY.search(thing.value) for thing in world.things[kind])


def test_a_seed_asks_the_same_in_every_world(server: Server, doors: Doors, world: World) -> None:
    other = a_world(server)
    for step in range(STEPS):
        told = []
        for each in (world, other):
            hand = Hand(each, each.actors[step % len(each.actors)], View(), f"{SEED}:{step}")
            door, request = doors.choose(hand)
            text = f"{door.name} {request.path}"
            for label, value in sorted(hand.named, key=lambda pair: -len(pair[1])):
                text = text.replace(value, label)
            told.append((text, [label for label, _ in hand.named]))
        assert told[0] == told[1], step

"""The judge has teeth: whatever leaks one row, or tells foreign from not there, is found, however it is wrapped."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import psycopg
import pytest
import zstandard

from tests.fuzz.answers import Answer
from tests.fuzz.doors import Door, Request
from tests.fuzz.hand import Hand
from tests.fuzz.judge import Judge, unseen_writes
from tests.fuzz.planted import CANARY
from tests.fuzz.shard import Shard
from tests.fuzz.sight import Sight
from tests.fuzz.world import Actor, Thing, World, a_world
from tests.support.server_side import NOW, Server

JSON = (("content-type", "application/json"),)
Wrapping = Callable[[str], Answer]


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(b"\x81" * 16 + json.dumps({"scopes": {text: 1}}).encode()).decode()


WRAPPINGS: dict[str, Wrapping] = {
    "plain": lambda text: Answer(200, JSON, text.encode()),
    "a header": lambda text: Answer(200, (*JSON, ("x-debug", text)), b"{}"),
    "compressed": lambda text: Answer(
        200,
        (("content-type", "application/x-ndjson"), ("content-encoding", "zstd")),
        zstandard.ZstdCompressor().compress(json.dumps(["end", {"note": text}]).encode()),
    ),
    "escaped": lambda text: Answer(200, JSON, ('["' + "".join(f"\\u{ord(each):04x}" for each in text) + '"]').encode()),
    "a document in a text": lambda text: Answer(200, JSON, json.dumps([json.dumps({"a": [text]})]).encode()),
    "a cursor": lambda text: Answer(200, JSON, json.dumps({"cursor": packed(text)}).encode()),
    "a refusal": lambda text: Answer(404, JSON, json.dumps({"detail": f"{text} is not yours"}).encode()),
}


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    return a_world(server)


@pytest.fixture
def judge(server: Server, world: World) -> Judge:
    with psycopg.connect(server.owner_url, autocommit=True) as reading:
        sight = Sight(reading)
        sight.look()
    return Judge(world, sight)


def somebody(world: World, role: str) -> Actor:
    """The first of a role: of the first organization and its first site."""
    return next(actor for actor in world.actors if actor.role == role)


def thing_of(world: World, kind: str, actor: Actor, *, is_own: bool, site: int) -> Thing:
    """Something of the actor's organization, or of the other one, at a site."""
    return next(
        each
        for each in world.things[kind]
        if (each.organization_id == actor.organization.id) == is_own and each.site == site
    )


def found(judge: Judge, answer: Answer, actor: Actor) -> list[str]:
    hand = Hand(judge.world, actor, judge.sight.of(actor.organization.id, actor.person_id), "x")
    return [fault for fault in judge.faults(answer, actor, hand) if "refusal as" not in fault]


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("is_own", [False, True], ids=["another organization", "another site"])
def test_one_canary_or_id_is_found_however_it_is_wrapped(
    judge: Judge, world: World, wrapping: Wrapping, is_own: bool
) -> None:
    actor = somebody(world, "supervisor")
    theirs = thing_of(world, "work_order", actor, is_own=is_own, site=1)
    assert theirs.row is not None
    for text in (str(theirs.row["title"]), theirs.value):
        assert found(judge, wrapping(text), actor), text
    own = thing_of(world, "work_order", actor, is_own=True, site=0)
    assert found(judge, wrapping(own.value), actor) == [], "what he may see is no fault"


def test_what_was_confided_to_others_and_the_bytes_of_their_photos_are_found(judge: Judge, world: World) -> None:
    actor = somebody(world, "customer")
    others = {kind: thing.value for kind, things in world.things.items() for thing in things[-1:]}
    for secret in (others["slug"], others["login"], others["device"], others["command"], *world.photos):
        assert found(judge, WRAPPINGS["plain"](secret), actor), secret


def test_a_row_of_a_stream_that_belongs_to_nothing_of_his_is_found(judge: Judge, world: World) -> None:
    actor = somebody(world, "technician")
    for entity in ("comment", "checklist_item"):
        row = thing_of(world, entity, actor, is_own=True, site=1).row
        assert row is not None
        lines = [["header", {"types": {entity: ["aggregate_id"]}}], ["rows", entity, [[row["aggregate_id"]]]]]
        body = "\n".join(map(json.dumps, lines)).encode()
        answer = Answer(200, (("content-type", "application/x-ndjson"),), body)
        assert any("a row of" in fault for fault in found(judge, answer, actor))


def test_one_differing_word_header_or_status_is_a_difference(judge: Judge, world: World) -> None:
    actor = somebody(world, "planner")
    hand = Hand(world, actor, judge.sight.of(actor.organization.id, actor.person_id), "x")
    hands = (hand, hand.twin())

    def differs(**changed: object) -> bool:
        said = {"status": 404, "headers": JSON, "raw": b'{"code": "not_found", "detail": "It is not there."}'}
        pair = (Answer(**said), Answer(**(said | changed)))  # type: ignore[arg-type]
        return bool(list(judge.differences(*pair, hands, is_stream=False)))

    assert not differs()
    assert differs(status=403)
    assert differs(headers=(*JSON, ("retry-after", "1")))
    assert differs(raw=b'{"code": "not_found", "detail": "You may not see it."}')


def test_what_he_wrote_of_both_before_is_no_difference_and_what_is_told_of_one_is(judge: Judge, world: World) -> None:
    """His own earlier values come back to him in both answers, and only one of them is what is asked about now."""
    actor = somebody(world, "planner")
    hand = Hand(world, actor, judge.sight.of(actor.organization.id, actor.person_id), "x")
    hands = (hand, hand.twin())
    for each in hands:
        each.named = [("<person 0>", f"00000000-0000-4000-8000-{'f' if each is hand else 'e':0>12}")]
    values = [each.named[0][1] for each in hands]

    def answer(*rows: str) -> Answer:
        return Answer(200, JSON, "\n".join(json.dumps(["rows", "conflict", [[row]]]) for row in rows).encode())

    both = answer(f"1 {values[0]}", f"2 {values[1]}")
    assert list(judge.differences(both, both, hands, is_stream=False)) == []
    assert list(judge.differences(answer(f"1 {values[0]}"), answer(), hands, is_stream=False))
    assert list(judge.differences(answer(values[0]), answer(f"{values[1]} is secret"), hands, is_stream=False))


def test_a_write_to_what_its_sender_does_not_see_is_found(server: Server, world: World) -> None:
    actor = somebody(world, "technician")
    with psycopg.connect(server.owner_url, autocommit=True) as reading:
        sights = [Sight(reading), Sight(reading)]
        sights[0].look()
        theirs = thing_of(world, "work_order", actor, is_own=True, site=1)
        actor.organization.change("work_order", theirs.value, title="Mine", updated_at=NOW)
        sights[1].look()
        assert any("title" in fault for fault in unseen_writes(*sights, actor))


class Leaking(Shard):
    """Asks a server that shows one row too many, once: a comment of another site in an answer with rows."""

    leaked = 0

    def _send(self, request: Request, actor: Actor, door: Door) -> Answer:
        answer = super()._send(request, actor, door)
        has_rows = door.path in {"/v1/bootstrap", "/v1/pull"} and answer.status == 200
        if has_rows and actor.role == "technician" and not self.leaked:
            self.leaked += 1
            world = self.judge.world
            row = thing_of(world, "comment", actor, is_own=True, site=1 - actor.site).row
            extra = json.dumps(["note", row]).encode()
            plain = tuple((name, value) for name, value in answer.headers if name != "content-encoding")
            return Answer(answer.status, plain, answer.body + extra + b"\n")
        return answer


@pytest.mark.expects_warnings
def test_a_whole_shard_finds_one_row_too_many_and_says_how_to_ask_again(server: Server) -> None:
    for seed in range(1, 6):  # one in which a technician is shown rows: which it is changes with every new door
        shard = Leaking(server, seed=seed)
        faults = list(shard.run(400))
        if shard.leaked:
            break
    assert shard.leaked == 1
    assert faults
    assert all(CANARY.search(fault.what) or "of what he may not see" in fault.what for fault in faults)
    assert f"--first-seed {seed} --only {faults[0].step}" in str(faults[0])
    assert len({fault.step for fault in faults}) == 1

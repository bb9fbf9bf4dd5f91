"""A shard: so many requests of one seed against a world of their own. What fails tells how to send it again, alone."""

from __future__ import annotations

import copy
import json
import logging
import random
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import psycopg

from sync_server.authz.tokens import Access
from sync_server.contract.rules.chain import digest_of
from tests.fuzz.answers import Answer
from tests.fuzz.doors import Door, Doors, Request
from tests.fuzz.hand import Hand
from tests.fuzz.judge import Judge, unseen_writes
from tests.fuzz.sight import Sight
from tests.fuzz.world import Actor, World, a_world
from tests.support.server_side import Server

OK = 200
BUSY = 503
PATIENCE = 5
"""Times that a busy server is asked again."""
RENEWED_EVERY = 500
"""Steps; an access token lasts ten minutes."""
STREAMS = frozenset({"/v1/sync"})
"""Doors of which only the first line is compared: what follows is the pull, read a moment later."""


@dataclass(frozen=True)
class Fault:
    """Something that must not be. `step`: with the seed, it says what was asked."""

    seed: int
    step: int
    asked: str
    what: str

    def __str__(self) -> str:
        again = f"sh packaging/run fuzz --first-seed {self.seed} --only {self.step}"
        return f"{self.asked}\n  {self.what}\n  alone: {again}\n  with all before it: {again.replace('only', 'upto')}"


@dataclass
class Shard:
    """Sends the requests of one seed. `sent`: how many there were so far."""

    server: Server
    seed: int
    sent: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    """Door with status → how often."""
    twins: int = 0
    """Pairs that were compared."""
    violations: int = 0
    asking: list[Actor] = field(default_factory=list)
    """Who asked, step by step."""
    doors: Doors = field(init=False)
    judge: Judge = field(init=False)
    stumbles: list[str] = field(default_factory=list)
    """Where the server came upon what it had not expected, whatever it answered then."""

    def run(self, requests: int, *, only: int | None = None, upto: int | None = None) -> Iterator[Fault]:
        """Send so many requests, or one step alone, or all up to a step; give what must not be."""
        with psycopg.connect(self.server.owner_url, autocommit=True) as reading, _hearing(self.stumbles):
            world = a_world(self.server)
            sight = Sight(reading, {actor.person_id: actor.organization.id for actor in world.actors})
            self.doors = Doors(self.server.http.get(f"{self.server.url}/schema/openapi.json").json())
            self.judge = Judge(world, sight)
            step = 0 if only is None else only
            while (self.sent < requests and only is None) or (only == step and not self.sent):
                if step % RENEWED_EVERY == 0:
                    _renew(world)
                yield from (Fault(self.seed, step, asked, what) for asked, what in self._step(step))
                yield from (Fault(self.seed, step, "the server stumbled", each) for each in self.stumbles)
                self.stumbles.clear()
                if step == upto:
                    return
                step += 1

    def _step(self, step: int) -> Iterator[tuple[str, str]]:
        """Send one request, and its twin when it names anything foreign."""
        judge, sight = self.judge, self.judge.sight
        sight.look()
        hand = self._hand(step)
        door, request = self.doors.choose(hand)
        self.asking.append(hand.actor)
        asked = f"{hand.actor.name}: {door.name}, naming {', '.join(label for label, _ in hand.named) or 'nothing'}"
        before = copy.copy(sight)
        known = self._send(request, hand.actor, door)
        yield from ((asked, what) for what in self._effects(before, hand.actor))
        yield from ((asked, what) for what in judge.faults(known, hand.actor, hand))
        if not hand.foreign:
            return
        twin = hand.twin()
        _, request = self.doors.choose(twin)
        unknown = self._send(request, hand.actor, door)
        sight.look()
        yield from ((asked, f"asked about nobody: {what}") for what in judge.faults(unknown, hand.actor, twin))
        self.twins += 1
        is_stream = door.path in STREAMS
        foreign = ", ".join(f"{each.kind} {each.value}" for each in hand.foreign)
        differences = list(judge.differences(known, unknown, (hand, twin), is_stream=is_stream))
        if differences and self._is_its_own_doing(hand, twin, unknown):
            return
        yield from ((asked, f"{what}\n    foreign: {foreign}") for what in differences)

    def _is_its_own_doing(self, hand: Hand, twin: Hand, unknown: Answer) -> bool:
        """Whether the second answer is other because the first request was carried out: sent again, it is answered
        like that about nothing (what one gave away is gone, what one began to send stands further on)."""
        again = hand.again()
        door, request = self.doors.choose(again)
        answer = self._send(request, hand.actor, door)
        self.judge.sight.look()
        return not list(self.judge.differences(answer, unknown, (again, twin), is_stream=door.path in STREAMS))

    def _hand(self, step: int) -> Hand:
        world, seed = self.judge.world, f"{self.seed}:{step}"
        actor = random.Random(f"who {seed}").choice(world.actors)
        sight = self.judge.sight
        known = frozenset(sight.shown.get(actor.person_id, ()))
        return Hand(world, actor, sight.of(actor.organization.id, actor.person_id), seed, known=known)

    def _effects(self, before: Sight, actor: Actor) -> Iterator[str]:
        """Look at the rows again, and say what changed of anybody else's."""
        clocks, sight = before.clocks, self.judge.sight
        now = sight.look()
        for organization_id, seq in now.items():
            if clocks[organization_id] == seq:
                continue
            if organization_id != actor.organization.id:
                yield f"it has changed another organization: {clocks[organization_id]} → {seq}"
            else:
                yield from unseen_writes(before, sight, actor)

    def _send(self, request: Request, actor: Actor, door: Door) -> Answer:
        for _ in range(PATIENCE):
            answer = self._send_once(request, actor)
            if answer.status != BUSY:
                break
        told = f"{door.name} {answer.status}"
        self.answers[told] = self.answers.get(told, 0) + 1
        self.sent += 1
        if request.sealed:
            _follow_chain(actor, request.sealed, answer if answer.status == OK else self._pushed_alone(request, actor))
        return answer

    def _pushed_alone(self, request: Request, actor: Actor) -> Answer:
        """Learn what became of a push whose answer was refused together with a pull, as devices do."""
        return self._send_once(Request("POST", "/v1/push", request.push), actor)

    def _send_once(self, request: Request, actor: Actor) -> Answer:
        client = actor.client
        own = {"Content-Type": "application/json"} if request.is_anonymous else client.credentials()
        made = client.http.build_request(
            request.method, client.url + request.path, content=request.content, headers={**own, **request.headers}
        )
        response = client.http.send(made, stream=True)
        try:
            raw = _first_words(response) if "event-stream" in response.headers.get("content-type", "") else None
            raw = b"".join(response.iter_raw()) if raw is None else raw
        finally:
            response.close()
        return Answer(
            response.status_code, tuple((name.lower(), value) for name, value in response.headers.items()), raw
        )


class _Ear(logging.Handler):
    """Hears of exceptions that the server's own code did not expect."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(level=logging.ERROR)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.heard.append("".join(traceback.format_exception(record.exc_info[1])[-4:]))


@contextmanager
def _hearing(heard: list[str]) -> Iterator[None]:
    ear, log = _Ear(heard), logging.getLogger("sync_server")
    log.addHandler(ear)
    try:
        yield
    finally:
        log.removeHandler(ear)


def _first_words(response: httpx.Response) -> bytes:
    """What a stream of pokes says at once: that it listens."""
    return next(response.iter_raw(), b"")


def _renew(world: World) -> None:
    """Give everybody an access token that lasts."""
    tokens = world.server.services.tokens
    for actor in world.actors:
        access = Access(actor.organization.id, actor.person_id, actor.client.device.id)
        actor.client.session["access_token"], _ = tokens.issue(access, at=datetime.now(UTC))


def _follow_chain(actor: Actor, sealed: list[bytes], answer: Answer) -> None:
    """Let the device go on where the server's chain of it is: what was refused whole has no place in it."""
    device = actor.client.device
    started = device.seq - len(sealed)
    said = answer.lines[0] if answer.status == OK else {}
    said = said[1] if isinstance(said, list) else said
    taken = max(0, min(int(said.get("chain_seq", started)) - started, len(sealed)))
    device.seq = started + taken
    device.head = digest_of(sealed[taken - 1]) if taken else _previous(sealed[0])


def _previous(sealed: bytes) -> str:
    """The digest that a sealed change names as the one before it."""
    return str(json.loads(sealed)["prev"])

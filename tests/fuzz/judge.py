"""What an answer may be: nothing in it that its receiver may not see, no difference between foreign and not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from sync_server.contract.problems import CODES
from tests.fuzz.answers import Answer, plain, tokens_in
from tests.fuzz.hand import Hand
from tests.fuzz.planted import tokens
from tests.fuzz.sight import Sight, View
from tests.fuzz.world import Actor, World

NDJSON = "application/x-ndjson"
SIDE_EFFECTS = frozenset({"stock_level", "asset_stub"})
"""Aggregates that follow from others: a guest takes parts from a store that he does not see the whole of."""
MARKS = frozenset({"code_conflict", "version", "sync_seq", "row_hash", "updated_at", "updated_by"})
"""What a code that was given up changes of the row that waited for it (D-97)."""


@dataclass(frozen=True)
class Judge:
    """Judges answers against the oracle of what people may see."""

    world: World
    sight: Sight

    def faults(self, answer: Answer, actor: Actor, hand: Hand) -> Iterator[str]:
        """Say what is wrong with one answer."""
        view = self.sight.of(actor.organization.id, actor.person_id)
        yield from self._leaks(answer, actor, view, hand)
        yield from _bad_form(answer)
        yield from _foreign_rows(answer, view)

    def _leaks(self, answer: Answer, actor: Actor, view: View, hand: Hand) -> Iterator[str]:
        said = tokens("\n".join(value for _, value in hand.named))
        client = actor.client
        own = {actor.organization.id, actor.person_id, client.device.id, client.slug, client.mirror.epoch}
        left = set(_left(answer)) & self.sight.ever.get(actor.person_id, set())
        for token in sorted(tokens_in(answer) - said - own - left - view.tokens):
            if token in self.world.confided:
                if actor.person_id not in self.world.confided[token]:
                    yield f"{token} was confided to others"
            elif token in self.world.photos:
                digest = self.world.photos[token]
                if digest not in view.digests | self._uploads(actor):
                    yield f"{token} is in a photo that he may not see"
            elif token in self.sight.owners:
                is_own = actor.organization.id in self.sight.owners[token]
                where = ", ".join(self.sight.places(token))
                yield f"{token} is of {'what he may not see' if is_own else 'another organization'}: {where}"

    def _uploads(self, actor: Actor) -> set[str]:
        return {each.value for each in self.world.things["sha256"] if each.owner_id == actor.person_id}

    def differences(
        self, known: Answer, unknown: Answer, hands: tuple[Hand, Hand], *, is_stream: bool
    ) -> Iterator[str]:
        """Say where the answer about something foreign differs from that about nothing; nothing is excused (D-193)."""
        named = [*hands[0].named, *hands[1].named]  # what he wrote of either before comes back to him in both answers
        first, second = (plain(answer, named, only_first_line=is_stream) for answer in (known, unknown))
        if first != second:
            alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
            at = max(0, alike - 300)
            shown = f"\n    {first[at : at + 1200]}\n    {second[at : at + 1200]}"
            yield f"foreign and not there are answered differently:{shown}"


def _left(answer: Answer) -> Iterator[str]:
    """What an answer says to have left a scope, and what the scopes were about that it says are his no more."""
    for line in answer.lines if answer.media_type == NDJSON else []:
        if line[0] == "leave":
            yield from (id_ for id_, _ in line[2])
        elif line[0] == "scope-":
            yield line[1].partition(":")[2]


def _bad_form(answer: Answer) -> Iterator[str]:
    if answer.status >= 500:
        yield f"status {answer.status}"
    if answer.status >= 400 and answer.raw:
        if answer.media_type != "application/problem+json":
            yield f"a refusal as {answer.media_type}"
        elif answer.lines[0].get("code") not in CODES:
            yield f"an unknown code: {answer.lines[0].get('code')}"


def _foreign_rows(answer: Answer, view: View) -> Iterator[str]:
    """Every row of a stream belongs to an aggregate that its receiver may see (invariant 5)."""
    types: dict[str, list[str]] = {}
    for line in answer.lines if answer.media_type == NDJSON else []:
        if line[0] == "header":
            types = line[1]["types"]
        elif line[0] == "join":
            yield from (f"{id_} joins" for id_ in line[3] if id_ not in view.aggregates)
        elif line[0] == "rows":
            at = types[line[1]].index("aggregate_id")
            yield from (f"a row of {row[at]}" for row in line[2] if row[at] not in view.aggregates)


def unseen_writes(before: Sight, after: Sight, actor: Actor) -> Iterator[str]:
    """Say which rows a request has changed that its sender could not see, before or since."""
    organization_id = actor.organization.id
    seen = {id_ for sight in (before, after) for id_ in sight.of(organization_id, actor.person_id).aggregates}
    for entity, rows in after.rows[organization_id].items():
        for row_id, row in rows.items():
            was = before.rows[organization_id][entity].get(row_id)
            if was == row or row["aggregate_id"] in seen or entity in SIDE_EFFECTS:
                continue
            if entity == "notification" and was is None and row["read_at"] is None:
                continue  # others are told what he did; he neither sees nor touches it
            changed = {name for name in row if was is None or was.get(name) != row[name]}
            if not changed <= MARKS and not _follows(entity, row, actor):
                yield f"{entity} {row_id} was changed: {sorted(changed - MARKS)}"


def _follows(entity: str, row: dict[str, object], actor: Actor) -> bool:
    """Whether it goes along with what somebody does: a movement of a level, what is held of one who was dismissed, and
    what he makes himself without seeing it, such as the card of an asset.
    """
    if entity == "held_mutation":
        return row["author_id"] == actor.person_id
    return row["created_by"] == actor.person_id or (entity == "stock_movement" and row["work_order_id"] is None)

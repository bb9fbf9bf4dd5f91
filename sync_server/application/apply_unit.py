"""One transaction of a push: up to 500 mutations, groups whole, all or nothing (sync.md §5)."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from sync_server.application import access, following_rules, held_mutations, holders, naming, signatures
from sync_server.application.access import Access
from sync_server.application.incoming import Incoming, refused
from sync_server.application.unit_of_work import Asked, UnitOfWork
from sync_server.authz.visibility import Caller, actor_of
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation, Verdict
from sync_server.contract.problems import Problem
from sync_server.contract.rules import arcs
from sync_server.contract.rules.draft import Actor, Key
from sync_server.contract.rules.policy import Outcome, decide, more_reads, reads
from sync_server.errors import Refused
from sync_server.storage import applied_mutations, devices, unit_reads
from sync_server.storage.applied_mutations import Stored
from sync_server.storage.devices import Device
from sync_server.storage.org_clock import Commit
from sync_server.storage.unit_reads import Membership, UnitReads

log = logging.getLogger(__name__)

Group = list[Incoming]
REUSED = Problem("mutation_reused", "This id was used for another change before. The change was not applied.")
OTHER_REFUSED = Problem("group_refused", "Another change of the same step was refused.")


@dataclass(slots=True)
class Unit:
    """What the transaction knows while it decides."""

    caller: Caller
    work: UnitOfWork
    known: UnitReads
    is_revoked: bool
    at: str
    actors: dict[str, Actor] = field(default_factory=dict)
    lines: dict[str, list[Membership]] = field(default_factory=dict)
    signed: dict[str, Problem | None] = field(default_factory=dict)

    def forgotten_seq(self) -> int:
        """Give the commit up to which it may be forgotten what the device held."""
        return devices.forgotten_seq(self.work.connection, self.caller.organization_id, self.caller.device_id)


def apply_unit(
    connection: Connection[TupleRow], caller: Caller, groups: Sequence[Group], *, device: Device
) -> tuple[list[str], int]:
    """Apply groups and give the verdict texts in order, and where the device's chain stands.

    `device`: the caller's, locked in this transaction.
    """
    batch = [item for group in groups for item in group]
    work = UnitOfWork(connection, caller.organization_id, caller.person_id)
    with connection.pipeline():  # digests are compared and rows taken apart while PostgreSQL reads the rest (D-124)
        coming = _ask(work, caller, batch)
        chain = devices.advance_chain(device, [item.link for item in batch])
        first = _first_of_each(batch)
        unit = _taken(work, caller, coming, is_revoked=device.is_revoked)
    stored = unit.known.stored
    if any(item.mutation.device_seq <= device.chain_seq and item.mutation.mutation_id not in stored for item in batch):
        raise Refused(
            "chain_broken",
            "This device sends other changes than it did before. Write a rescue file for your administrator.",
        )
    is_new = not stored and len(first) == len(batch)  # nearly always
    reused = set() if is_new else {item.digest for item in batch if _is_reused(item, first, stored)}
    fresh = groups if is_new else [group for group in (_fresh_of(group, stored, reused) for group in groups) if group]
    decided = _decide_fresh(unit, fresh, chain) if fresh else {}
    if not fresh:
        devices.store_chain(connection, caller.organization_id, caller.device_id, chain)
    return [_answer(item, stored, decided, reused) for item in batch], chain[0]


def _first_of_each(batch: Iterable[Incoming]) -> dict[str, Incoming]:
    first: dict[str, Incoming] = {}
    for item in batch:
        first.setdefault(item.mutation.mutation_id, item)
    return first


def _is_reused(item: Incoming, first: dict[str, Incoming], stored: dict[str, Stored]) -> bool:
    """Whether its id was given to another change before, in this unit or ever."""
    known = stored.get(item.mutation.mutation_id)
    is_reused = item.digest != (known.body_digest if known else first[item.mutation.mutation_id].digest)
    if is_reused:
        log.error("a mutation id was used again for another change")
    return is_reused


def _fresh_of(group: Group, stored: dict[str, Stored], reused: set[str]) -> Group:
    """Give what of a group is new; it can only be refused when another member's id was used before."""
    fresh = [item for item in group if item.mutation.mutation_id not in stored and item.digest not in reused]
    return refused(fresh, OTHER_REFUSED) if any(item.digest in reused for item in group) else fresh


def _answer(item: Incoming, stored: dict[str, Stored], decided: dict[str, str], reused: set[str]) -> str:
    mutation_id = item.mutation.mutation_id
    if item.digest in reused:
        return applied_mutations.text_of(_rejection(item.mutation, REUSED))
    return stored[mutation_id].result if mutation_id in stored else decided[mutation_id]


def _decide_fresh(unit: Unit, groups: Sequence[Group], chain: devices.Chain) -> dict[str, str]:
    verdicts = _decided(unit, groups)
    items = {item.mutation.mutation_id: item for group in groups for item in group}
    answers = [(each, items[each.mutation_id].mutation.device_seq, items[each.mutation_id].digest) for each in verdicts]
    connection, caller = unit.work.connection, unit.caller
    ruled = following_rules.finish(unit.work)
    with connection.pipeline():  # PostgreSQL works on one statement while the next is put together (D-124)
        commit = ruled or unit.work.finish()
        return applied_mutations.record(
            connection, caller.organization_id, caller.device_id, commit.seq, answers, chain=chain
        )


def decide_all(
    connection: Connection[TupleRow], caller: Caller, groups: Sequence[Group]
) -> tuple[Commit, list[Verdict]]:
    """Decide groups and write what they come to, in one commit; the caller's transaction ends it."""
    work = UnitOfWork(connection, caller.organization_id, caller.person_id)
    with connection.pipeline():
        unit = _taken(work, caller, _ask(work, caller, [item for group in groups for item in group]))
    verdicts = _decided(unit, groups)
    return following_rules.finish(unit.work) or unit.work.finish(), verdicts


def _decided(unit: Unit, groups: Sequence[Group]) -> list[Verdict]:
    batch = [item.mutation for group in groups for item in group if item.problem is None]
    unit.signed = signatures.check_all(unit.work.connection, unit.caller.organization_id, batch)
    return [verdict for group in groups for verdict in _decide_group(unit, group)]


Coming = tuple[list[Asked], Cursor[TupleRow]]
"""Rows with their locks, and what else a decision asks for, on their way."""


def _ask(work: UnitOfWork, caller: Caller, items: Sequence[Incoming]) -> Coming:
    """Ask for the locks of what the mutations name, then for what else stands; within a pipeline.

    Those that were decided before are among them: that is not known before it is read, and their locks harm nobody.
    """
    sound = [item for item in items if item.problem is None]
    batch = [item.mutation for item in sound]
    rows = work.ask(_named(work, sound))
    return rows, unit_reads.ask(
        work.connection,
        caller.organization_id,
        device_id=caller.device_id,
        mutation_ids={item.mutation.mutation_id for item in items},
        person_ids={mutation.user for mutation in batch} | {m.signer.user for m in batch if m.signer},
        aggregate_ids={mutation.aggregate_id for mutation in batch} | naming.asked(batch),
    )


def _taken(work: UnitOfWork, caller: Caller, coming: Coming, *, is_revoked: bool = False) -> Unit:
    """Take what was asked for, in the order in which it comes."""
    rows, reading = coming
    work.take(rows)
    known = unit_reads.taken(reading)
    unit = Unit(caller, work, known, is_revoked=is_revoked, at=instant_text(datetime.now(UTC)))
    unit.actors = {person[0]: actor_of(person) for person in known.people}
    for line in known.lines:
        unit.lines.setdefault(line.aggregate_id, []).append(line)
    return unit


def _named(work: UnitOfWork, batch: Sequence[Incoming]) -> dict[Key, None]:
    """Give the rows that the mutations name, and those that they decide about name."""
    named = [item.reads for item in batch]
    held = [key for keys in named for key in keys if key[0] == "held_mutation"]
    work.read(held)
    bodies = held_mutations.bodies(map(work.loaded.get, dict.fromkeys(held)))
    every = [*(item.mutation for item in batch), *bodies]
    keys = dict.fromkeys(key for keys in [*named, *map(reads, bodies)] for key in keys)
    naming = [key for key in keys if key[0] in {"conflict", "custom_field_value"}]
    work.read(naming)
    known = _Known({key: work.loaded[key] for key in naming})
    return keys | dict.fromkeys(key for mutation in every for key in more_reads(mutation, known))


@dataclass(frozen=True, slots=True)
class _Known:
    rows: dict[Key, Row | None]

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row that was read without a lock."""
        return self.rows.get((entity, row_id))


def _decide_group(unit: Unit, group: Group) -> list[Verdict]:
    """Decide a group in a draft of its own; it counts whole or not at all."""
    work = unit.work
    before = work.changed, work.stamped, work.readings
    if len(group) > 1:  # of one nothing is laid down before
        work.changed, work.stamped, work.readings = dict(work.changed), dict(work.stamped), list(work.readings)
    verdicts: list[Verdict] = []
    for item in group:
        verdict = _decide_one(unit, item)
        verdicts.append(verdict)
        if verdict.status in {"rejected", "held"}:
            work.changed, work.stamped, work.readings = before
            return _stop_group(unit, group, verdict)
    holders.put_right(work, (item.mutation for item in group), at=unit.at)
    return verdicts


def _stop_group(unit: Unit, group: Group, verdict: Verdict) -> list[Verdict]:
    """Stop all of a group: held whole, unless a member of it can only be refused; refused whole."""
    unusable = next((item for item in group if item.problem is not None), None)
    if verdict.status == "held" and unusable is None:
        sites = [_site(unit, item.mutation) for item in group]
        elsewhere = held_mutations.site_for(unit.work, sites, author_id=group[0].mutation.user)
        for item, site_id in zip(group, sites, strict=True):
            held_mutations.keep(unit.work, item, reason=verdict.reason or "", at=unit.at, site_id=site_id or elsewhere)
        return [Verdict(mutation_id=i.mutation.mutation_id, status="held", reason=verdict.reason) for i in group]
    if verdict.status == "held" and unusable is not None:
        verdict = _decide_one(unit, unusable)
    return [
        verdict
        if item.mutation.mutation_id == verdict.mutation_id
        else _rejection(item.mutation, item.problem or OTHER_REFUSED)
        for item in group
    ]


def _rejection(mutation: Mutation, problem: Problem) -> Verdict:
    return Verdict(mutation_id=mutation.mutation_id, status="rejected", code=problem.code, reason=problem.sentence)


def _decide_one(unit: Unit, item: Incoming) -> Verdict:
    mutation = item.mutation
    if (problem := item.problem or unit.signed.get(mutation.mutation_id)) is not None:
        return _rejection(mutation, problem)
    actor = unit.actors.get(mutation.signer.user if mutation.signer else mutation.user)
    allowed = _judge(unit, mutation, None if unit.is_revoked else actor)
    if allowed.problem is not None:
        return _rejection(mutation, allowed.problem)
    if allowed.held is not None or actor is None:
        return Verdict(mutation_id=mutation.mutation_id, status="held", reason=allowed.held)
    outcome = decide(mutation, unit.work, actor=actor, at=unit.at)
    if mutation.type == "held_mutation.set" and outcome.problem is None:
        row = outcome.changes.get(("held_mutation", mutation.id)) or unit.work.get("held_mutation", mutation.id) or {}
        wanted = mutation.set.get("decision", (None, None))[1]
        outcome = held_mutations.decided(unit.work, row, wanted=wanted, decider=actor, at=unit.at)
    named = _judge_names(unit, mutation, outcome, actor)
    problem = outcome.problem or named.problem or access.may_place(actor, outcome.changes, unit.work.get)
    if problem is not None:
        return _rejection(mutation, problem)
    if named.held is not None:
        return Verdict(mutation_id=mutation.mutation_id, status="held", reason=named.held)
    _keep(unit, mutation, outcome, allowed)
    return Verdict(
        mutation_id=mutation.mutation_id,
        status=outcome.status,
        conflicts=tuple(str(row["id"]) for row in outcome.to_settle) if outcome.conflicts else (),
    )


def _keep(unit: Unit, mutation: Mutation, outcome: Outcome, allowed: Access) -> None:
    unit.work.put(outcome.changes)
    if outcome.conflicts:
        unit.work.put({("conflict", str(row["id"])): row for row in outcome.conflicts})
    if allowed.is_late and "is_late" in REGISTRY[mutation.entity].by_name:
        key = (mutation.entity, mutation.id)
        unit.work.put({key: {**outcome.changes[key], "is_late": True}})
    if outcome.readings:
        unit.work.readings += [{**row, "is_late": allowed.is_late} for row in outcome.readings]
    if mutation.type == "held_mutation.set":
        held_mutations.stamp_outcome(unit.work, mutation.id)


def _judge(unit: Unit, mutation: Mutation, actor: Actor | None) -> Access:
    root, is_new = _root(unit, mutation)
    location = _location(unit, mutation)
    return access.judge(
        mutation,
        actor=actor,
        site_id=access.site_of(mutation, root, location),
        exists=root is not None,
        is_new=is_new,
        lines=unit.lines.get(mutation.aggregate_id, ()),
        granted=unit.known.granted if mutation.signer is None else frozenset(),
        epochs=unit.known.epochs,
        forgotten_seq=unit.forgotten_seq,
        location=location,
        row=unit.work.get(mutation.entity, mutation.id),
    )


def _judge_names(unit: Unit, mutation: Mutation, outcome: Outcome, actor: Actor) -> Access:
    """Judge what a change names now. What was held names what its author knew; who decides answers for it."""
    if mutation.type == "held_mutation.set":
        return Access()
    granted = unit.known.granted if mutation.signer is None else frozenset()
    sight = naming.Sight(actor, unit.work.loaded, unit.work.changed, unit.lines, granted)
    return sight.judge(outcome.changes, mutation, epochs=unit.known.epochs, forgotten_seq=unit.forgotten_seq)


def _root(unit: Unit, mutation: Mutation) -> tuple[Row | None, bool]:
    """Give the root of a mutation, and whether an earlier mutation of this unit has made it."""
    for key in arcs.roots(mutation):
        if (root := unit.work.get(*key)) is not None:
            return root, unit.work.loaded.get(key) is None
    return None, False


def _site(unit: Unit, mutation: Mutation) -> object:
    return access.site_of(mutation, _root(unit, mutation)[0], _location(unit, mutation))


def _location(unit: Unit, mutation: Mutation) -> Row | None:
    location_id = mutation.set.get("stock_location_id", (None, None))[1]
    return unit.work.loaded.get(("stock_location", str(location_id)))

"""One transaction of a push: up to 50 mutations, groups whole, all or nothing (sync.md §5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import access, held_mutations, signatures
from sync_server.application.access import Access
from sync_server.application.incoming import Incoming
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz.visibility import Caller, load_actors
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation, Verdict
from sync_server.contract.problems import Problem
from sync_server.contract.rules.draft import Actor, Key
from sync_server.contract.rules.policy import Outcome, decide, more_reads, reads
from sync_server.storage import applied_mutations, devices
from sync_server.storage.applied_mutations import Stored
from sync_server.storage.org_clock import Commit

Group = list[Incoming]


@dataclass(slots=True)
class Unit:
    """What the transaction knows while it decides."""

    caller: Caller
    work: UnitOfWork
    epoch: str
    is_revoked: bool
    at: str
    actors: dict[str, Actor] = field(default_factory=dict)
    lines: dict[str, list[access.Membership]] = field(default_factory=dict)
    signed: dict[str, Problem | None] = field(default_factory=dict)


def apply_unit(
    connection: Connection[TupleRow], caller: Caller, groups: Sequence[Group], *, refused: Problem | None = None
) -> tuple[list[str], int]:
    """Apply groups and give the verdict texts in order, and where the device's chain stands.

    `refused` rejects them all unlooked: what the database would not take when it was tried before.
    """
    batch = [item for group in groups for item in group]
    device = devices.lock(connection, caller.organization_id, caller.device_id)
    chain_seq, chain_head = devices.advance_chain(device, [item.link for item in batch])
    stored = applied_mutations.claim(
        connection, caller.organization_id, caller.device_id, [(i.mutation.mutation_id, i.digest) for i in batch]
    )
    fresh = [[item for item in group if item.mutation.mutation_id not in stored] for group in groups]
    decided = _decide_fresh(connection, caller, [group for group in fresh if group], device.is_revoked, refused)
    devices.store_chain(connection, caller.organization_id, caller.device_id, chain_seq, chain_head)
    return [_answer(item, stored, decided) for item in batch], chain_seq


def _answer(item: Incoming, stored: dict[str, Stored], decided: dict[str, str]) -> str:
    mutation_id = item.mutation.mutation_id
    if mutation_id not in stored:
        return decided[mutation_id]
    if stored[mutation_id].body_digest != item.digest:
        reused = Problem("mutation_reused", "This id was used for another change before. The change was not applied.")
        return applied_mutations.text_of(_rejection(item.mutation, reused))
    return stored[mutation_id].result


def _decide_fresh(
    connection: Connection[TupleRow], caller: Caller, groups: list[Group], is_revoked: bool, refused: Problem | None
) -> dict[str, str]:
    if not groups:
        return {}
    commit, verdicts = decide_all(connection, caller, groups, is_revoked=is_revoked, refused=refused)
    return applied_mutations.settle(connection, caller.organization_id, commit.seq, verdicts)


def decide_all(
    connection: Connection[TupleRow],
    caller: Caller,
    groups: Sequence[Group],
    *,
    is_revoked: bool = False,
    refused: Problem | None = None,
) -> tuple[Commit, list[Verdict]]:
    """Decide groups and write what they come to, in one commit; the caller's transaction ends it."""
    unit = Unit(
        caller=caller,
        work=UnitOfWork(connection, caller.organization_id, caller.person_id),
        epoch=devices.epoch(connection, caller.organization_id),
        is_revoked=is_revoked,
        at=instant_text(datetime.now(UTC)),
    )
    batch = [item.mutation for group in groups for item in group]
    _load(unit, batch)
    unit.signed = signatures.check_all(connection, caller.organization_id, batch)
    verdicts: list[Verdict] = []
    for group in groups:
        verdicts += _refuse_all(group, refused) if refused else _decide_group(unit, group)
    return unit.work.finish(), verdicts


def _load(unit: Unit, batch: Sequence[Mutation]) -> None:
    """Read what the mutations name, then lock: roots first, rows by table and id."""
    keys = list(dict.fromkeys(key for mutation in batch for key in _wanted(mutation)))
    conflicts = [key for key in keys if key[0] == "conflict"]
    unit.work.read(conflicts)
    known = {key: unit.work.loaded[key] for key in conflicts}
    keys += [key for mutation in batch for key in more_reads(mutation, _Known(known))]
    unit.work.lock(dict.fromkeys(keys))
    people = {mutation.user for mutation in batch} | {m.signer.user for m in batch if m.signer}
    unit.actors = load_actors(unit.work.connection, unit.caller.organization_id, people)
    unit.lines = access.memberships(
        unit.work.connection, unit.caller.organization_id, {mutation.aggregate_id for mutation in batch}
    )


def _wanted(mutation: Mutation) -> Iterable[Key]:
    return reads(mutation) if mutation.entity in REGISTRY and _is_wellformed(mutation) else ()


def _is_wellformed(mutation: Mutation) -> bool:
    ids = [mutation.id, mutation.aggregate_id]
    if mutation.type == "checklist.answer_all":
        ids += mutation.set
    return all(GUID.fullmatch(id_) for id_ in ids)


@dataclass(frozen=True, slots=True)
class _Known:
    rows: dict[Key, Row | None]

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row that was read without a lock."""
        return self.rows.get((entity, row_id))


def _decide_group(unit: Unit, group: Group) -> list[Verdict]:
    """Decide a group in a draft of its own; it counts whole or not at all."""
    before = dict(unit.work.changed)
    verdicts: list[Verdict] = []
    for item in group:
        verdict = _decide_one(unit, item.mutation)
        verdicts.append(verdict)
        if verdict.status in {"rejected", "held"}:
            unit.work.changed = before
            return _stop_group(unit, group, verdict)
    return verdicts


def _stop_group(unit: Unit, group: Group, verdict: Verdict) -> list[Verdict]:
    if verdict.status == "held":
        for item in group:
            held_mutations.keep(
                unit.work, item, reason=verdict.reason or "", at=unit.at, site_id=_site(unit, item.mutation)
            )
        return [Verdict(mutation_id=i.mutation.mutation_id, status="held", reason=verdict.reason) for i in group]
    other = Problem("group_refused", "Another change of the same step was refused.")
    return [
        verdict if item.mutation.mutation_id == verdict.mutation_id else _rejection(item.mutation, other)
        for item in group
    ]


def _refuse_all(group: Group, problem: Problem) -> list[Verdict]:
    return [_rejection(item.mutation, problem) for item in group]


def _rejection(mutation: Mutation, problem: Problem) -> Verdict:
    return Verdict(mutation_id=mutation.mutation_id, status="rejected", code=problem.code, reason=problem.sentence)


def _decide_one(unit: Unit, mutation: Mutation) -> Verdict:
    if mutation.entity not in REGISTRY:
        unknown = Problem("unknown_type", "This server does not know this kind of record. It has to be updated.")
        return _rejection(mutation, unknown)
    if not _is_wellformed(mutation):
        return _rejection(mutation, Problem("invalid_value", "The change names its record by something that is no id."))
    if (problem := unit.signed.get(mutation.mutation_id)) is not None:
        return _rejection(mutation, problem)
    actor = unit.actors.get(mutation.signer.user if mutation.signer else mutation.user)
    allowed = _judge(unit, mutation, None if unit.is_revoked else actor)
    if allowed.problem is not None:
        return _rejection(mutation, allowed.problem)
    if allowed.held is not None or actor is None:
        return Verdict(mutation_id=mutation.mutation_id, status="held", reason=allowed.held)
    outcome = decide(mutation, unit.work, actor=actor, at=unit.at)
    if outcome.problem is not None:
        return _rejection(mutation, outcome.problem)
    _keep(unit, mutation, outcome, allowed)
    return Verdict(
        mutation_id=mutation.mutation_id,
        status=outcome.status,
        conflicts=tuple(str(row["id"]) for row in outcome.conflicts),
    )


def _keep(unit: Unit, mutation: Mutation, outcome: Outcome, allowed: Access) -> None:
    changes = dict(outcome.changes)
    changes.update({("conflict", str(row["id"])): row for row in outcome.conflicts})
    if allowed.is_late and "is_late" in REGISTRY[mutation.entity].by_name:
        key = (mutation.entity, mutation.id)
        changes[key] = {**changes[key], "is_late": True}
    if mutation.type == "held_mutation.set":
        changes.update(held_mutations.decided(changes[mutation.entity, mutation.id], unit.at, mutation.user))
    unit.work.put(changes)


def _judge(unit: Unit, mutation: Mutation, actor: Actor | None) -> Access:
    root = _root(unit, mutation)
    return access.judge(
        mutation,
        actor=actor,
        site_id=_site(unit, mutation),
        exists=root is not None,
        lines=unit.lines.get(mutation.aggregate_id, ()),
        epoch=unit.epoch,
    )


def _root(unit: Unit, mutation: Mutation) -> Row | None:
    roots = (unit.work.get(root, mutation.aggregate_id) for root in REGISTRY[mutation.entity].aggregates)
    return next((root for root in roots if root is not None), None)


def _site(unit: Unit, mutation: Mutation) -> object:
    location_id = mutation.set.get("stock_location_id", (None, None))[1]
    key = ("stock_location", str(location_id))
    return access.site_of(mutation, _root(unit, mutation), unit.work.loaded.get(key))

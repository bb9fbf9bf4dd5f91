"""Mutations that the server keeps until a supervisor decides (sync.md §4, §5)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from sync_server.application.incoming import Incoming
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import arcs
from sync_server.contract.rules.draft import Actor, derived_id
from sync_server.contract.rules.permission import Place, may_decide, may_do
from sync_server.contract.rules.policy import Outcome, decide
from sync_server.contract.rules.upcasting import upcast

DECIDED = Problem("already_exists", "Somebody decided about this change before.")
DECISION = Problem(
    "not_allowed", "This is a decision about another held change. Refuse it, and decide about that change."
)


def keep(work: UnitOfWork, item: Incoming, *, reason: str, at: str, site_id: object) -> None:
    """Write a held_mutation row; its aggregate brings the outcome to the author and the supervisors."""
    held_id = derived_id(item.mutation.mutation_id, "held_mutation")
    values: Row = {
        "id": held_id,
        "aggregate_id": held_id,
        "created_at": at,
        "created_by": item.mutation.user,
        "updated_at": at,
        "updated_by": item.mutation.user,
        "author_id": item.mutation.user,
        "site_id": site_id if isinstance(site_id, str) else None,
        "target_aggregate_id": item.mutation.aggregate_id,
        "mutation_id": item.mutation.mutation_id,
        "body": item.sealed.decode(),
        "why": reason,
    }
    work.put({("held_mutation", held_id): completed(REGISTRY["held_mutation"], values)})


def site_for(work: UnitOfWork, sites: Sequence[object], *, author_id: str) -> object:
    """Give the site whose supervisors decide about what belongs to none, such as a word that is a tag now.

    It is that of the rest of its group, else one of its author's, else the first: otherwise nobody would ever see it.
    """
    known = next((site_id for site_id in sites if site_id is not None), None)
    if known is not None or None not in sites:
        return known
    found = work.connection.execute(
        "select s.id::text from site s left join site_access a on a.organization_id = s.organization_id"
        " and a.site_id = s.id and a.person_id = %s where s.organization_id = %s and s.deleted_at is null"
        " order by (a.id is not null and a.deleted_at is null) desc, (a.id is not null) desc, s.created_at, s.id"
        " limit 1",
        (author_id, work.organization_id),
    ).fetchone()
    return None if found is None else found[0]


def bodies(rows: Iterable[Row | None]) -> list[Mutation]:
    """Read the mutations that undecided rows hold."""
    return [_body(row) for row in rows if row is not None and row["decision"] is None]


def _body(row: Row) -> Mutation:
    return upcast(msgspec.json.decode(str(row["body"]), type=Mutation))


def decided(work: UnitOfWork, row: Row, *, wanted: object, decider: Actor, at: str) -> Outcome:
    """Stamp who decided and when; an approved mutation is applied in the same commit, under its author's name.

    The first decision counts; whoever decides otherwise later is told. The decider's rights count, because he answers
    for it. `wanted` is the decision that he sent; `row` has what stands after it. Gives the changes to keep; its
    problem refuses the decision.
    """
    key = ("held_mutation", str(row["id"]))
    before = work.get(*key)
    problem = may_decide(decider, author_id=row["author_id"], site_id=row["site_id"])
    if problem is not None:
        return Outcome("rejected", {}, problem=problem)
    if before is not None and before["decision"] is not None:
        is_same = wanted == before["decision"]
        return Outcome("applied", {}) if is_same else Outcome("rejected", {}, problem=DECIDED)
    stamped: Row = {**row, "decided_at": at, "decided_by": decider.person_id}
    if row["decision"] != "approved" or before is None:
        return Outcome("applied", {key: stamped})
    inner = _body(row)
    if inner.entity == "held_mutation":  # carried out as a plain edit, it would count what it names as applied
        return Outcome("rejected", {}, problem=DECISION)
    author = replace(decider, person_id=str(row["author_id"]))
    problem = may_do(decider, inner.type, Place(_site_now(work, inner, row)))
    outcome = decide(inner, work, actor=author, at=at) if problem is None else Outcome("rejected", {}, problem=problem)
    return Outcome(
        outcome.status, {**outcome.changes, key: stamped}, outcome.conflicts, outcome.problem, outcome.readings
    )


def stamp_outcome(work: UnitOfWork, held_id: str) -> None:
    """Let an approval that is kept say in which commit it is carried out; whatever is refused leaves nothing."""
    key = ("held_mutation", held_id)
    if key in work.changed and work.changed[key]["decision"] == "approved":
        work.stamp_commit(key, "outcome_seq")


def _site_now(work: UnitOfWork, inner: Mutation, row: Row) -> object:
    """Site of what a held mutation is about. It may have moved since: then the decider needs his rights there."""
    roots = (work.get(*key) for key in arcs.roots(inner))
    root = next((each for each in roots if each is not None), None)
    return row["site_id"] if root is None else root.get("site_id", row["site_id"])

"""Which mutations must wait because another one, refused or held, made what they build on."""

from collections.abc import Iterable
from typing import Any

from cmms_desktop.replica.touches import DECODER
from sync_server.contract.messages import Mutation


def created_by(mutations: Iterable[Mutation]) -> set[str]:
    """Ids that mutations bring into being: their own, and those of the rows that they create."""
    made: set[str] = set()
    for mutation in mutations:
        made.add(mutation.mutation_id)
        if mutation.type.endswith(".create"):
            made.add(mutation.id)
    return made


def references_of(mutation: Mutation) -> set[str]:
    """Ids that a mutation names: its row, its aggregate, what it depends on, values and items that it sets."""
    values = {new for _, new in mutation.set.values() if isinstance(new, str)}
    return {mutation.id, mutation.aggregate_id, *mutation.depends, *mutation.set} | values


def blocked_groups(cursor: Any) -> dict[str, str]:
    """Pending group → mutation that blocks it."""
    stopped = cursor.execute("SELECT body FROM outbox WHERE state IN ('parked', 'held') ORDER BY n").fetchall()
    if not stopped:
        return {}
    blockers: dict[str, str] = {}
    for (body,) in stopped:
        mutation = DECODER.decode(body)
        blockers.update(dict.fromkeys(created_by([mutation]), mutation.mutation_id))
    return _blocked(blockers, _pending_groups(cursor))


def _pending_groups(cursor: Any) -> dict[str, list[Mutation]]:
    groups: dict[str, list[Mutation]] = {}
    for group_id, body in cursor.execute(
        "SELECT group_id, body FROM outbox WHERE state = 'pending' ORDER BY n"
    ).fetchall():
        groups.setdefault(group_id, []).append(DECODER.decode(body))
    return groups


def _blocked(blockers: dict[str, str], groups: dict[str, list[Mutation]]) -> dict[str, str]:
    blocked: dict[str, str] = {}
    for group_id, mutations in groups.items():
        named = set().union(*(references_of(mutation) for mutation in mutations))
        blocker = next((blockers[each] for each in sorted(named & blockers.keys())), None)
        if blocker is not None:
            blocked[group_id] = blocker
            blockers.update(dict.fromkeys(created_by(mutations), blocker))
    return blocked

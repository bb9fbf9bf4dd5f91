"""What a person does about mutations that need attention: take them back, or send them again as new ones."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from cmms_desktop.errors import Refused
from cmms_desktop.replica.blocking import created_by, references_of
from cmms_desktop.replica.drafting import Value, require_accepted
from cmms_desktop.replica.local_write import Background, LocalWrite, let_wait
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.touches import DECODER
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.upcasting import upcast

ALREADY_SENT: Final = (
    "This change was sent already, or is in a rescue file, and cannot be taken back. Correct it with another one."
)
_WANTING: Final = "('not_found', 'conflicting_reference', 'group_refused')"
"""Codes with which the server refuses what names a record that is not there, and the rest of its group."""
RESTED_ON: Final = "Later changes rest on this one. Take them back as well, or correct and send this one again."


def withdraw(settling: Settlement, mutation_id: str, *, with_dependents: bool) -> tuple[str, ...]:
    """Take back a mutation that was never sent or was refused, with its group.

    Args:
        with_dependents: Take back, too, what was made on records that it creates.

    Returns:
        Ids of all that was withdrawn.

    Raises:
        Refused: the server has it or is being asked, or other changes rest on it.
    """
    lines = _group_of(settling.cursor, mutation_id)
    if not lines or any(state not in {"pending", "parked"} for _, _, _, state in lines):
        raise Refused("not_found", ALREADY_SENT)
    dependents = _dependents(settling.cursor, lines[0][2])
    if dependents and not with_dependents:
        raise Refused("conflicting_reference", RESTED_ON)
    for group_id in dependents:
        lines += settling.cursor.execute(f"{_LINES} WHERE group_id = ?", (group_id,)).fetchall()
    blobs = {sha256 for line in lines for sha256 in _mutation(settling.cursor, line[0]).blobs}
    settling.close([line[0] for line in lines], state="withdrawn")
    _forget_blobs(settling.cursor, blobs)
    settling.release_hidden()
    settling.rebase()
    return tuple(line[1] for line in lines)


_LINES: Final = "SELECT n, mutation_id, group_id, state FROM outbox"


def _group_of(cursor: Any, mutation_id: str) -> list[tuple[int, str, str, str]]:
    """(n, mutation id, group id, state) of a mutation and the others of its group, in order."""
    which = "WHERE group_id = (SELECT group_id FROM outbox WHERE mutation_id = ?) ORDER BY n"
    found: list[tuple[int, str, str, str]] = cursor.execute(f"{_LINES} {which}", (mutation_id,)).fetchall()
    return found


def _forget_blobs(cursor: Any, blobs: set[str]) -> None:
    """Do not send files that only withdrawn mutations name."""
    bodies = [body for (body,) in cursor.execute("SELECT body FROM outbox").fetchall()] if blobs else []
    for sha256 in blobs:
        if not any(sha256 in body for body in bodies):
            cursor.execute("UPDATE blob SET state = 'withdrawn' WHERE sha256 = ? AND state = 'to_send'", (sha256,))


def _dependents(cursor: Any, group_id: str) -> list[str]:
    """Groups, not yet at the server, that name what a group creates, or what such a group creates."""
    lines = cursor.execute(
        "SELECT group_id, body FROM outbox WHERE state IN ('pending', 'parked') ORDER BY n"
    ).fetchall()
    groups: dict[str, list[Mutation]] = {}
    for group, body in lines:
        groups.setdefault(group, []).append(DECODER.decode(body))
    made = created_by(groups.pop(group_id, ()))
    dependents = []
    for group, mutations in groups.items():
        if made & set().union(*(references_of(mutation) for mutation in mutations)):
            dependents.append(group)
            made |= created_by(mutations)
    return dependents


def resend_as_new(
    settling: Settlement, mutation_id: str, *, changed: Mapping[str, Value], new_id: Callable[[], str]
) -> tuple[str, ...]:
    """Make a refused mutation and its group again, on the rows as they stand now; the old ones count as withdrawn.

    What the group creates keeps its id and its place in the order, so that later changes on it can be sent after it.
    Those that had gone together with it, and were refused for want of what it creates, are made again along with it.

    Args:
        changed: Field → corrected value, for the named mutation alone.

    Returns:
        Ids of the new mutations.

    Raises:
        Refused: it is not parked, or a rule says no to the corrected one too.
    """
    lines = _group_of(settling.cursor, mutation_id)
    if not lines or any(state != "parked" for _, _, _, state in lines):
        raise Refused("not_found", "Only a refused change can be corrected and sent again.")
    wanting = _refused_for_want_of(settling.cursor, lines[0][2])
    old = {line[1]: _mutation(settling.cursor, line[0]) for line in lines}
    settling.close([line[0] for line in lines], state="withdrawn")
    write = LocalWrite(settling.store, Background.of(settling.cursor), now=settling.now, new_id=new_id)
    write.group()
    for each, mutation in old.items():
        _make_again(write, mutation, changed if each == mutation_id else {})
    has_creation = any(mutation.type.endswith(".create") for mutation in old.values())
    places = [line[0] for line in lines] if has_creation and len(write.made) == len(lines) else write.made
    settling.cursor.executemany("UPDATE outbox SET n = ? WHERE n = ?", list(zip(places, write.made, strict=True)))
    resting = _made_again_as_they_are(settling, wanting, new_id)
    settling.load_again()
    settling.forced.update(places, resting)
    outcomes = settling.rebase()
    for n in places:
        require_accepted(outcomes[n])
    sql = "SELECT mutation_id FROM outbox WHERE n = ?"
    return tuple(settling.cursor.execute(sql, (n,)).fetchone()[0] for n in (*places, *resting))


def _refused_for_want_of(cursor: Any, group_id: str) -> list[str]:
    """Groups that the server refused only because what a refused group creates was not there, in order."""
    found = cursor.execute(
        f"SELECT group_id FROM outbox GROUP BY group_id HAVING min(state = 'parked' AND code IN {_WANTING})"
    ).fetchall()
    wanting = {line[0] for line in found}
    return [each for each in _dependents(cursor, group_id) if each in wanting]


def _made_again_as_they_are(settling: Settlement, groups: Iterable[str], new_id: Callable[[], str]) -> list[int]:
    """Let groups wait again under new ids, in their places, as their author made them and when he did."""
    places: list[int] = []
    for group_id in groups:
        new_group = new_id()
        lines = settling.cursor.execute(
            "SELECT n, made_at FROM outbox WHERE group_id = ? ORDER BY n", (group_id,)
        ).fetchall()
        for n, made_at in lines:
            old = _mutation(settling.cursor, n)
            made = msgspec.structs.replace(old, mutation_id=new_id(), group=new_group)
            settling.close([n], state="withdrawn")
            places.append(let_wait(settling.cursor, made, {}, made_at=made_at, n=n))
    return places


def _mutation(cursor: Any, n: int) -> Mutation:
    (body,) = cursor.execute("SELECT body FROM outbox WHERE n = ?", (n,)).fetchone()
    return upcast(DECODER.decode(body))


def _make_again(write: LocalWrite, mutation: Mutation, changed: Mapping[str, Value]) -> None:
    values: dict[str, Value] = {name: new for name, (_, new) in mutation.set.items()}
    values.update(changed)
    extra: dict[str, Any] = {"signer": mutation.signer, "depends": mutation.depends, "blobs": mutation.blobs}
    verb = mutation.type.rpartition(".")[2]
    says_more = values.keys() - REGISTRY[mutation.entity].by_name.keys()
    if verb == "create":
        write.create(mutation.entity, values, aggregate_id=mutation.aggregate_id, id=mutation.id, **extra)
    elif verb == "set" and not says_more:
        write.set(mutation.entity, mutation.id, **extra, **dict[str, Any](values))
    elif verb == "delete":
        write.delete(mutation.entity, mutation.id)
    else:  # it says more than fields of its row, such as why an order is to be handed on
        pairs = {name: (_seen(write, mutation, name), new) for name, new in values.items()}
        write.mutate(mutation.type, entity=mutation.entity, id=mutation.id, set=pairs, **extra)


def _seen(write: LocalWrite, mutation: Mutation, name: str) -> Scalar:
    """The old value of a special mutation: an item's present answer, else what the person saw then."""
    item = write.get("checklist_item", name) if mutation.type == "checklist.answer_all" else None
    return item["result"] if item is not None else mutation.set.get(name, (None, None))[0]

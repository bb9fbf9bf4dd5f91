"""Whether a mutation may be applied: rights, membership, and what becomes of late ones (the table of sync.md §5)."""

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from sync_server.authz.visibility import may_hold
from sync_server.contract.codec import GUID
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import notifying
from sync_server.contract.rules.draft import Actor, Key, level_id
from sync_server.contract.rules.metering import READ
from sync_server.contract.rules.permission import (
    FOLLOWS,
    NOT_FOUND,
    OF_ONE_PERSON,
    Place,
    follows,
    impossible,
    is_own,
    may,
    may_do,
)
from sync_server.contract.rules.policy import is_kept
from sync_server.errors import Refused
from sync_server.storage.epochs import Epochs
from sync_server.storage.unit_reads import Membership


class Access(msgspec.Struct, frozen=True):
    """Apply (late or not), hold with a reason, or reject with a problem."""

    problem: Problem | None = None
    held: str | None = None
    is_late: bool = False


FOREIGN_STOCK = Access(held="foreign_stock")
OTHERS_NAME = Problem("not_allowed", "Nobody writes in the name of another.")


def not_found() -> Refused:
    """The one refusal for what is not there and for what is not the caller's."""
    return Refused(NOT_FOUND.code, NOT_FOUND.sentence)


def judge(
    mutation: Mutation,
    *,
    actor: Actor | None,
    site_id: object,
    exists: bool,
    is_new: bool,
    lines: Iterable[Membership],
    granted: Collection[str],
    epochs: Epochs,
    forgotten_seq: Callable[[], int],
    location: Row | None = None,
    row: Row | None = None,
) -> Access:
    """Decide about one mutation.

    `actor` None: device revoked or person gone. `exists`: the root is there; `is_new`: made in the same transaction,
    by the same device, so that no scope can hold it yet. `granted`: scopes that the device was told it holds.
    `forgotten_seq`: gives the commit up to which it may be forgotten what the device held.
    `location`: the stock location that a movement names. `row`: what it is about, as it stands; None: not there yet.
    """
    if actor is None:
        return Access(held="revoked")
    if _names_another(mutation, actor):
        return Access(OTHERS_NAME)
    if (problem := _never(mutation)) is not None:
        return Access(problem)  # before anybody looks whether it is there
    if row is None and mutation.type == "stock_movement.create" and not _is_of_what_it_names(mutation):
        return Access(NOT_FOUND)
    is_foreign = not _may_take_from(actor, mutation, site_id, location)
    if is_foreign and _is_of_no_order(mutation):
        return FOREIGN_STOCK  # whether anything was ever moved there is nobody's business
    if not exists:
        return _made(mutation, actor, site_id, granted) if _makes_root(mutation) else Access(NOT_FOUND)
    mine = [line for line in lines if may_hold(actor, line.scope_id)]
    live = [line.scope_id for line in mine if line.live]
    if is_new or live or (actor.is_office_at(site_id) and mutation.entity not in OF_ONE_PERSON):
        is_held = is_new or f"user:{actor.person_id}" in live
        place = Place(site_id, is_held=is_held, is_own=is_own(actor, row))
        return FOREIGN_STOCK if is_foreign else Access(may_do(actor, mutation.type, place))
    once = [] if mine else [line for line in lines if line.scope_id in granted]
    if not mine and not once:
        return _forgotten(mutation, epochs, forgotten_seq)
    return FOREIGN_STOCK if is_foreign else _late(mutation, mine or once, epochs, is_cut=bool(once))


def _never(mutation: Mutation) -> Problem | None:
    """Say what nobody can do whatever his rights are; said to everybody alike, it tells nothing of what is there."""
    return FOLLOWS if is_kept(mutation.type) else impossible(mutation.type)


def _makes_root(mutation: Mutation) -> bool:
    """Whether a mutation makes an aggregate of its own; the first movement of a part at a place makes its level.

    What is to be put into something that is not there is refused like what is put into something unseen, whoever asks:
    his rights would tell the one from the other.
    """
    if not mutation.type.endswith(".create"):
        return False
    return REGISTRY[mutation.entity].is_root or _is_of_no_order(mutation)


def _made(mutation: Mutation, actor: Actor, site_id: object, granted: Iterable[str]) -> Access:
    """Judge what makes an aggregate. Whose role at the site was cut since may have had the right when he made it."""
    problem = may_do(actor, mutation.type, Place(site_id))
    lost = (scope_id for scope_id in granted if not may_hold(actor, scope_id))
    is_cut = problem is not None and any(scope_id.partition(":")[2] == site_id for scope_id in lost)
    return Access(held="site_lost") if is_cut else Access(problem)


def _is_of_no_order(mutation: Mutation) -> bool:
    """Whether a movement is posted to a level itself."""
    return mutation.type == "stock_movement.create" and mutation.set.get("work_order_id", (None, None))[1] is None


def _is_of_what_it_names(mutation: Mutation) -> bool:
    """Whether a movement is put into the order that it names, or into the level of its place and part."""
    order_id = mutation.set.get("work_order_id", (None, None))[1]
    if order_id is not None:
        return order_id == mutation.aggregate_id
    location_id, part_id = (str(mutation.set.get(name, (None, None))[1]) for name in ("stock_location_id", "part_id"))
    return bool(GUID.fullmatch(location_id)) and mutation.aggregate_id == level_id(location_id, part_id)


def _names_another(mutation: Mutation, actor: Actor) -> bool:
    """Whether a remark, a photo or a visit is made in somebody else's name."""
    name = "person_id" if mutation.entity == "work_log" else "author_id"
    return mutation.set.get(name, (None, actor.person_id))[1] != actor.person_id


def _may_take_from(actor: Actor, mutation: Mutation, site_id: object, location: Row | None) -> bool:
    """A technician uses and returns parts of his own van and of the stores of the order's site or his own sites."""
    if mutation.type != "stock_movement.create" or location is None or actor.is_office_at(location["site_id"]):
        return True
    if mutation.set.get("kind", (None, None))[1] not in {"usage", "return"}:
        return False
    if location["owner_id"] is not None:
        return location["owner_id"] == actor.person_id
    return location["site_id"] == site_id or actor.role_at(location["site_id"]) is not None


def _late(mutation: Mutation, lines: list[Membership], epochs: Epochs, *, is_cut: bool) -> Access:
    """Judge what comes from a former member. `is_cut`: he lost his role at the site, not only this record."""
    base_seq = epochs.common_seq(mutation.base.epoch, mutation.base.seq)
    if base_seq is None or not any(_covers(line, base_seq) for line in lines):
        return Access(held="interval_unknown")
    if not is_cut and _only_adds(mutation):
        return Access(is_late=True)
    return Access(held="access_lost")


def _only_adds(mutation: Mutation) -> bool:
    """Whether it makes a record that nobody changes afterwards: a remark, a movement, a reading; or says what was read.

    News leave their person when they are old. That he has read them on the way is nothing to be decided about.
    """
    is_record = REGISTRY[mutation.entity].append_only and mutation.type.endswith(".create")
    return is_record or mutation.type in {READ, notifying.READ}


def _forgotten(mutation: Mutation, epochs: Epochs, forgotten_seq: Callable[[], int]) -> Access:
    """Judge what comes from nobody who is known to have held the record: perhaps he did, long ago."""
    base_seq = epochs.common_seq(mutation.base.epoch, mutation.base.seq)
    if base_seq is not None and 0 < base_seq < forgotten_seq():
        return Access(held="interval_unknown")
    return Access(NOT_FOUND)


def _covers(line: Membership, seq: int) -> bool:
    """Whether a commit lies in the last stay of an aggregate in a scope."""
    return line.join_seq <= seq and (line.live or (line.left_seq is not None and seq < line.left_seq))


def site_of(mutation: Mutation, root: Row | None, location: Row | None) -> object:
    """Site that a mutation is about: its root's, that of the stock that moves, or of what it makes the one it names.

    What it says besides is nobody's business: a mutation may carry any word, and none opens a site.
    """
    if root is not None and root.get("site_id") is not None:
        return root["site_id"]
    if mutation.entity == "stock_movement" and location is not None:
        return location["site_id"]
    is_made = mutation.type.endswith(".create") and "site_id" in REGISTRY[mutation.entity].by_name
    return mutation.set.get("site_id", (None, None))[1] if is_made else None


def may_place(actor: Actor, changes: Mapping[Key, Row], standing: Callable[[str, str], Row | None]) -> Problem | None:
    """Whether somebody may bring what he changed to the sites where it is now: whoever brings it there sees it there.

    `standing` gives a row as it was before. By whatever way a row comes to another site (an edit, a granted request, an
    approved held change), the rights of whoever answers for it count there as well.
    """
    for (entity, row_id), row in changes.items():
        if row.get("site_id") is None:
            continue
        before = standing(entity, row_id)
        if before is not None and before["site_id"] == row["site_id"]:
            continue
        action = "create" if before is None else "change"
        if not follows(entity) and (problem := may(actor, entity, action, Place(row["site_id"]))) is not None:
            return problem
    return None

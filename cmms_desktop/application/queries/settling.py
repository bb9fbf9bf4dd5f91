"""What the person of this replica may settle: both sides of every conflict, and held changes. Frozen rows.

The rules of the contract decide; a screen asks them before it offers a choice, and the command asks them again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.held import HeldLine, held_lines
from cmms_desktop.application.queries.inbox import ConflictGroup, ConflictLine, Inbox, inbox
from cmms_desktop.application.queries.lookups import order_links, state_of
from cmms_desktop.application.queries.own_work import holds
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Merge, Row
from sync_server.contract.rules import permission, status
from sync_server.contract.rules.conflicts import WHOLE_ROW
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import Place, actions_given, may
from sync_server.contract.rules.registers import AUDIT_PAIRS, working_role
from sync_server.contract.rules.settling import ONLY_OFFICE_PLANS, ONLY_OFFICE_RESTORES

SIGN_INSTEAD: Final = "This state needs a new signature. Keep the office's, then sign the order."
GONE: Final = "It cannot be brought back from here. What was entered stays readable."
ANY_REASON: Final = "given later"


@dataclass(frozen=True, slots=True)
class SettleRight:
    """Whether the author's value may be kept, or another put in its place. `why_not`: a sentence; None: he may."""

    why_not: str | None = None
    needs_reason: bool = False
    """The rule asks for a reason when it is kept."""
    may_keep_office: bool = True
    """Whether he may let the office's value stand: a request of another he may neither grant nor decline."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Everything of the inbox. `rights` by open conflict; `may_decide`: held changes the person decides about."""

    inbox: Inbox
    held: tuple[HeldLine, ...]
    rights: Mapping[str, SettleRight]
    may_decide: frozenset[str]
    held_orders: frozenset[str]
    """Orders of held changes that are still on this device."""
    last_sync_at: str | None


def inbox_page(reading: Reading) -> InboxPage:
    """Read all of it in one snapshot."""
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    found, held = inbox(reading), held_lines(reading)
    return InboxPage(
        inbox=found,
        held=held,
        rights=_rights(reading, actor, found.open),
        may_decide=_may_decide(reading, actor),
        held_orders=frozenset(order_links(reading, (line.subject.aggregate_id for line in held))),
        last_sync_at=state.last_sync_at,
    )


def _rights(reading: Reading, actor: Actor, groups: Iterable[ConflictGroup]) -> dict[str, SettleRight]:
    rights: dict[str, SettleRight] = {}
    for group in groups:
        root = reading.get(group.aggregate, group.aggregate_id) or {}
        rights.update((line.id, _right(reading, actor, line, root)) for line in group.conflicts)
    return rights


def _right(reading: Reading, actor: Actor, line: ConflictLine, root: Row) -> SettleRight:
    is_held = holds(reading, line.subject.aggregate_id, actor.person_id)
    refused = may(actor, "conflict", "settle", Place(root.get("site_id"), is_held=is_held))
    if refused is not None:
        return SettleRight(refused.sentence, may_keep_office=False)
    given = actions_given(actor, line.entity, Place(root.get("site_id"), is_held=True))
    is_office = actor.is_office_at(root.get("site_id")) or "plan" in given
    if line.kind == "request":
        return SettleRight() if is_office else SettleRight(ONLY_OFFICE_PLANS, may_keep_office=line.is_mine)
    if line.kind == "deleted" and not _can_return(reading, line):
        return SettleRight(GONE)
    if line.kind == "deleted":
        return SettleRight(None if is_office else ONLY_OFFICE_RESTORES)
    if line.kind != "status":
        return SettleRight()
    current, wanted = str(line.current.raw), str(line.mine.raw)
    role = working_role(actor, root.get("site_id"))
    problem = status.may_move(current, wanted, role=role, reason=ANY_REASON, given=given)
    if problem is not None:
        return SettleRight(problem.sentence)
    if wanted in {"completed", "closed"} and root.get("requires_signature"):
        return SettleRight(SIGN_INSTEAD)
    return SettleRight(needs_reason=status.needs_reason(current, wanted))


def _can_return(reading: Reading, line: ConflictLine) -> bool:
    """Whether what was deleted can be restored with the author's value: it was there, and the field can be written."""
    spec = REGISTRY.get(line.entity)
    column = spec.by_name.get(line.field) if spec else None
    is_fixed = column is None or (column.merge in {Merge.FIXED, Merge.DERIVED} and line.field != WHOLE_ROW)
    return not is_fixed and reading.get(line.entity, line.subject.id) is not None


def is_bookkeeping(line: ConflictLine) -> bool:
    """Whether a field says only what something belongs to, who made it or when; nobody decides about it alone."""
    spec = REGISTRY.get(line.entity)
    column = spec.by_name.get(line.field) if spec else None
    if line.kind == "deleted" and line.field in AUDIT_PAIRS:
        return True
    if line.kind != "deleted" or column is None or column.merge is not Merge.FIXED:
        return False
    return column.references is not None or column.kind in {"guid", "instant"}


def _may_decide(reading: Reading, actor: Actor) -> frozenset[str]:
    lines = reading.cursor.execute(
        "SELECT id, author_id, site_id FROM held_mutation WHERE decision IS NULL AND deleted_at IS NULL"
    ).fetchall()
    return frozenset(
        held_id
        for held_id, author_id, site_id in lines
        if permission.may_decide(actor, author_id=author_id, site_id=site_id) is None
    )

"""What the person of this replica may do with an order, as the rules of the contract say. Decides nothing itself."""

from dataclasses import dataclass
from typing import Final, Literal

from cmms_desktop.application.queries.lookups import state_of, text_of
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules import sign_off
from sync_server.contract.rules.permission import Place, actions_given, may
from sync_server.contract.rules.registers import working_role


@dataclass(frozen=True, slots=True)
class OrderRights:
    """What may be done with an order here."""

    is_assigned: bool
    """To the person or a team of his, or made by him on this device."""
    may_work: bool
    """He is assigned and may travel, answer, use parts and sign for the work."""
    may_remark: bool
    """He may comment and attach photos."""
    may_follow_up: bool = False
    """He may make another order at its site."""
    may_enter_costs: bool = False
    """He may enter what it cost."""
    may_review: bool = False
    """He may sign the work of others off, or return it."""
    is_office: bool = False
    """He plans there himself, and has nobody to ask."""


Thing = Literal["work_order", "asset"]
"""Kinds of things that people comment on and mark."""
NO_RIGHTS: Final = OrderRights(is_assigned=False, may_work=False, may_remark=False)

REMARK: Final = (("comment", "create"), ("attachment", "create"))
WORK: Final = (
    *(("work_log", "create"), ("work_log", "change"), ("work_log_event", "create")),
    *(("work_order", "work"), ("checklist_item", "change"), ("stock_movement", "create")),
    *(("work_order", "complete"), ("signature", "create"), ("personal_value", "create")),
)
"""What working on an order writes; whoever may not do all of it is offered nothing of it."""

_ASSIGNED: Final = """
SELECT EXISTS (SELECT 1 FROM member WHERE aggregate_id = ?1 AND scope_id = 'user:' || ?2)
  OR EXISTS (SELECT 1 FROM work_order WHERE id = ?1 AND version = 0 AND created_by = ?2)
  OR EXISTS (SELECT 1 FROM work_order_assignment x LEFT JOIN team_member t ON t.team_id = x.team_id
    AND t.deleted_at IS NULL WHERE x.aggregate_id = ?1 AND x.deleted_at IS NULL AND ?2 IN (x.person_id, t.person_id))"""


def holds(reading: Reading, aggregate_id: str, person_id: str) -> bool:
    """Whether a record is somebody's: assigned to him or a team of his, or made by him."""
    (is_his,) = reading.cursor.execute(_ASSIGNED, (aggregate_id, person_id)).fetchone()
    return bool(is_his)


def may_comment(reading: Reading, about: Thing, about_id: str) -> bool:
    """Whether the person of this replica may comment on an order or an asset; not on what is not here."""
    return may_do_all(reading, about, about_id, ("comment", "create"))


def may_photograph(reading: Reading, about: Thing, about_id: str) -> bool:
    """Whether he may attach photos to an order or an asset; not to an order that is signed."""
    row = reading.get(about, about_id) or {}
    is_locked = about == "work_order" and row.get("status") in sign_off.LOCKED
    return not is_locked and may_do_all(reading, about, about_id, *REMARK)


def may_do_all(reading: Reading, about: Thing, about_id: str, *acts: tuple[str, str]) -> bool:
    """Whether he may do all of some acts, resource and action, inside of an order or an asset that is here."""
    row = reading.get(about, about_id)
    if row is None or row["deleted_at"] is not None:
        return False
    state = state_of(reading)
    place = Place(text_of(row["site_id"]), is_held=holds(reading, about_id, state.person_id))
    actor = actor_of(reading.rows, state.person_id, state)
    return not any(may(actor, *act, place) for act in acts)


def order_rights(reading: Reading, order_id: str) -> OrderRights:
    """Say what the person of this replica may do with an order; nothing when it is not here."""
    order = reading.get("work_order", order_id)
    if order is None:
        return NO_RIGHTS
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    is_assigned = holds(reading, order_id, state.person_id)
    role = working_role(actor, order["site_id"])
    place = Place(text_of(order["site_id"]), is_held=is_assigned)
    given = actions_given(actor, "work_order", place)
    problem = sign_off.may_perform(role_at_site=role, is_assigned=is_assigned, status="in_progress", given=given)
    may_remark = not any(may(actor, *act, place) for act in REMARK)
    return OrderRights(
        is_assigned=is_assigned,
        may_work=is_assigned and problem is None and not any(may(actor, *act, place) for act in WORK),
        may_remark=may_remark,
        may_follow_up=may(actor, "work_order", "create", Place(place.site_id)) is None,
        may_enter_costs=may(actor, "work_order_cost", "create", Place(place.site_id)) is None,
        may_review=may(actor, "work_order", "review", place) is None,
        is_office=actor.is_office_at(order["site_id"]),
    )

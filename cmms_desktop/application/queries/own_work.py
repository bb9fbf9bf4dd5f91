"""What the person of this replica may do with an order, as the rules of the contract say. Decides nothing itself."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import state_of, text_of
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules import permission, sign_off


@dataclass(frozen=True, slots=True)
class OrderRights:
    """What may be done with an order here."""

    is_assigned: bool
    """To the person or a team of his, or made by him on this device."""
    may_work: bool
    """He is assigned and may travel, answer, use parts and sign for the work."""
    may_remark: bool
    """He may comment and attach photos."""
    is_office: bool = False
    """He plans there himself, and has nobody to ask."""


NO_RIGHTS: Final = OrderRights(is_assigned=False, may_work=False, may_remark=False)

_ASSIGNED: Final = """
SELECT EXISTS (SELECT 1 FROM member WHERE aggregate_id = ?1 AND scope_id = 'user:' || ?2)
  OR EXISTS (SELECT 1 FROM work_order WHERE id = ?1 AND version = 0 AND created_by = ?2)
  OR EXISTS (SELECT 1 FROM work_order_assignment x LEFT JOIN team_member t ON t.team_id = x.team_id
    AND t.deleted_at IS NULL WHERE x.aggregate_id = ?1 AND x.deleted_at IS NULL AND ?2 IN (x.person_id, t.person_id))"""


def order_rights(reading: Reading, order_id: str) -> OrderRights:
    """Say what the person of this replica may do with an order; nothing when it is not here."""
    order = reading.get("work_order", order_id)
    if order is None:
        return NO_RIGHTS
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    (is_assigned,) = reading.cursor.execute(_ASSIGNED, (order_id, state.person_id)).fetchone()
    role = actor.role_at(order["site_id"]) or actor.role
    problem = sign_off.may_perform(role_at_site=role, is_assigned=bool(is_assigned), status="in_progress")
    refusal = permission.may_write(actor, "comment", site_id=text_of(order["site_id"]))
    return OrderRights(
        is_assigned=bool(is_assigned),
        may_work=bool(is_assigned) and problem is None,
        may_remark=refusal is None or bool(is_assigned),
        is_office=actor.is_office_at(order["site_id"]),
    )

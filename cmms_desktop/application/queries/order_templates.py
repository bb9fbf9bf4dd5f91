"""Templates that orders can be made of here. Frozen rows."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import state_of, text_of
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.permission import Place, may


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template. `minutes`: what it takes as a rule; None: not estimated."""

    id: str
    name: str
    minutes: int | None


_ACTIVE: Final = """
SELECT id, name, estimated_minutes FROM work_order_template WHERE deleted_at IS NULL AND is_active ORDER BY name, id"""


def templates_for(reading: Reading, site_id: str) -> tuple[TemplateLine, ...]:
    """Give those in use, by name; none where this person makes no orders."""
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    if may(actor, "work_order", "create", Place(site_id)) is not None:
        return ()
    lines = reading.cursor.execute(_ACTIVE).fetchall()
    return tuple(
        TemplateLine(text_of(id_), text_of(name), minutes if isinstance(minutes, int) else None)
        for id_, name, minutes in lines
    )

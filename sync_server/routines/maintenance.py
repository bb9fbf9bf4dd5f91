"""Makes the orders of planned maintenance that are due, one schedule after the other; those that cannot be are told."""

from datetime import datetime

from sync_server.application.maintenance import making
from sync_server.application.maintenance.making import Made
from sync_server.routines.steps import Rest, rested, without_rest
from sync_server.storage.engine import Database


def make_orders(database: Database, organization_id: str, *, at: datetime, rest: Rest = without_rest) -> list[Made]:
    """Make what is due at a moment, with a rest after each commit; give what came of each schedule, by name."""
    told = []
    for schedule_id in making.ready(database, organization_id, at=at):
        goes_on = True
        while goes_on:  # what is far ahead comes in several commits
            made = rested(lambda: making.make(database, organization_id, schedule_id, at=at), rest)  # noqa: B023
            goes_on = made is not None and bool(made.numbers)
            told += [made] if made is not None else []
    return told


def counted(told: list[Made]) -> dict[str, int]:
    """Give how many orders were made, and how many schedules were held back."""
    held_back = [each for each in told if each.held_back is not None]
    return {"made": sum(len(each.numbers) for each in told), "held_back": len(held_back)}

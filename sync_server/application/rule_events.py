"""Which events a unit's changes come to: the difference that its commit makes, whatever steps led there. Pure.

A unit in which nothing of that sort happened is looked through once, and nothing is asked of the database for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.rules.metering import judged

DONE: Final = frozenset({"completed", "closed"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        word: One of `automation.EVENTS`.
        entity: `work_order`, or `meter` for a reading.
        row: The order or the meter as the commit leaves it.
        source: What says which event it is, of all that ever happen to the row.
    """

    word: str
    entity: str
    row: Row
    source: str


def events_of(work: UnitOfWork) -> list[Event]:
    """Give the events of a unit that is about to be finished, in the order of its changes."""
    return [*_of_orders(work), *_of_readings(work)]


def _of_orders(work: UnitOfWork) -> Iterator[Event]:
    for key, row in work.changed.items():
        if key[0] != "work_order":
            continue
        for word in _words(work.loaded.get(key), row):
            yield Event(word, "work_order", row, source=f"{row['id']} {row['version']}")


def _words(before: Row | None, after: Mapping[str, object]) -> Iterator[str]:
    """Give what happened to an order. What was made and done without network comes at once, and is both."""
    if after["deleted_at"] is not None:
        return
    was, now = None if before is None else before["status"], after["status"]
    if before is None:
        yield "order_created"
    if was == "completed" and now == "in_progress":
        yield "order_returned"
    if now in DONE and was not in DONE:
        yield "order_completed"


def _of_readings(work: UnitOfWork) -> Iterator[Event]:
    """Only the first critical reading of several: who reads a meter again tells nothing new."""
    states: dict[str, str] = {}
    for reading in work.readings:
        meter_id = str(reading["meter_id"])
        if meter_id not in states:
            states[meter_id] = _stood(work.loaded.get(("meter", meter_id)))
        meter = work.get("meter", meter_id)
        if meter is not None and reading["state"] == "critical" and states[meter_id] != "critical":
            yield Event("reading_critical", "meter", meter, source=str(reading["id"]))
        states[meter_id] = str(reading["state"])


def _stood(meter: Row | None) -> str:
    if meter is None or meter["last_value"] is None:
        return "normal"
    return judged(meter, Decimal(str(meter["last_value"])))

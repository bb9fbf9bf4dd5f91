"""The sheet on which demonstration data is planned: rows in wire form, in units that are committed one after another.

Plain Python without a database: the same profile and day always give the same rows.
"""

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sync_server.contract.codec import checked, completed
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import Key, level_id

NAMESPACE = uuid.UUID("6f0c1a2e-5d1b-5c58-9a52-0d7f6b1a9c11")
"""Never changes: ids of demonstration rows follow from it and from their names."""

Unit = dict[Key, Row]
"""Rows of one commit. A row that an earlier unit holds too is a change of it."""


@dataclass(slots=True)
class Content:
    """Rows of one organization, in the order in which they are to be committed."""

    slug: str
    today: date
    chance: random.Random
    units: list[Unit] = field(default_factory=lambda: [{}])
    levels: dict[str, Row] = field(default_factory=dict)

    @property
    def organization_id(self) -> str:
        """Id of the organization itself."""
        return self.id_of("organization", self.slug)

    def id_of(self, entity: str, name: str) -> str:
        """Id of the row of an entity with a name that is its own within the organization."""
        return str(uuid.uuid5(NAMESPACE, f"{self.slug}/{entity}/{name}"))

    def at(self, *, days: int = 0, minutes: int = 0) -> str:
        """Instant so many days and minutes from today's midnight, UTC, in wire form."""
        return instant_text(datetime.combine(self.today, time(), UTC) + timedelta(days=days, minutes=minutes))

    def on(self, *, days: int) -> str:
        """Date so many days from today, in wire form."""
        return (self.today + timedelta(days=days)).isoformat()

    def next_unit(self) -> None:
        """Let what follows be committed later than what was added so far."""
        if self.units[-1]:
            self.units.append({})

    def add(
        self,
        entity: str,
        id_: str,
        *,
        at: str,
        by: str | None = None,
        aggregate_id: str | None = None,
        **values: Scalar,
    ) -> Row:
        """Add a row made at an instant by a person; its aggregate is its own unless another is named."""
        spec = REGISTRY[entity]
        audit: Row = {"created_at": at, "created_by": by, "updated_at": at, "updated_by": by}
        given = {name: checked(spec.by_name[name], value) for name, value in values.items()}
        row = completed(spec, {"id": id_, "aggregate_id": aggregate_id or id_, **audit, **given})
        self.units[-1][entity, id_] = row
        return row

    def copy(self, entity: str, id_: str, *, source: Row, names: Iterable[str], **values: Scalar) -> Row:
        """Add a row that repeats some columns of another and was made with it."""
        row = self.add(entity, id_, at=str(source["created_at"]))
        row.update({name: source[name] for name in names}, **values)
        return row

    def move(
        self, name: str, *, location_id: str, part_id: str, quantity: int, kind: str, at: str, by: str | None,
        order_id: str | None = None,
    ) -> None:  # fmt: skip
        """Post a movement and bring its level along, so that the level stays the sum at every commit."""
        key = level_id(location_id, part_id)
        level = self.levels.get(key) or self.add(
            "stock_level", key, at=at, by=by, stock_location_id=location_id, part_id=part_id
        )
        total = Decimal(str(level["quantity"])) + quantity
        level = {**level, "quantity": str(total.quantize(Decimal("0.0001"))), "updated_at": at, "updated_by": by}
        self.levels[key] = self.units[-1]["stock_level", key] = level
        self.add(
            "stock_movement",
            self.id_of("stock_movement", name),
            at=at,
            by=by,
            aggregate_id=order_id or key,
            stock_location_id=location_id,
            part_id=part_id,
            work_order_id=order_id,
            kind=kind,
            quantity=str(quantity),
            moved_at=at,
        )

    def asset(self, asset_id: str) -> Row:
        """Give an asset that was added."""
        return next(unit["asset", asset_id] for unit in self.units if ("asset", asset_id) in unit)

    def rows(self, entity: str) -> Iterator[Row]:
        """Rows of an entity as they stand in the end."""
        last = {key: row for unit in self.units for key, row in unit.items() if key[0] == entity}
        return iter(last.values())

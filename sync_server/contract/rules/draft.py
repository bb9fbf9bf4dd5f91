"""The sheet on which a policy works: rows as they stand, with the changes so far laid over them."""

import uuid
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.matrix import roles_that_may

Key = tuple[str, str]
"""Entity and id of a row."""

FROM_LEAST_TO_GREATEST = ("customer", "technician", "planner", "supervisor", "manager", "admin")
"""Roles; of several accesses of a person to one site the greatest counts, whichever came first."""

OFFICE = roles_that_may("work_order", "plan")
EVERYWHERE = roles_that_may("work_order", "reopen")
"""Roles that somebody has at every site, whatever his accesses say."""


class Rows(Protocol):
    """Where a policy reads rows from."""

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row as it stands, deleted ones too; None: there is none."""


class Extra(NamedTuple):
    """What somebody may do besides what his role gives him: a row of `person_permission`."""

    resource: str
    action: str
    scope: str
    site_id: str | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants the change, with his role on every site that he may enter, and what he was given besides."""

    person_id: str
    role: str
    site_roles: dict[str, str] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()

    def role_at(self, site_id: object) -> str | None:
        """Role on a site; managers and admins have theirs everywhere. None, for what belongs to no site: his own."""
        if site_id is None or self.role in EVERYWHERE:
            return self.role
        return self.site_roles.get(str(site_id))

    def is_office_at(self, site_id: object) -> bool:
        """Whether his edits of planning data count as the office's."""
        return self.role_at(site_id) in OFFICE


@dataclass(slots=True)
class Draft:
    """Rows with a mutation's changes over them. Nothing below is touched until the caller takes the changes."""

    rows: Rows
    changes: dict[Key, Row] = field(default_factory=dict)
    conflicts: list[Row] = field(default_factory=list)
    readings: list[Row] = field(default_factory=list)
    """Readings of meters for the history, which only the server keeps."""

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row as the draft has it."""
        key = (entity, row_id)
        return self.changes[key] if key in self.changes else self.rows.get(entity, row_id)

    def put(self, entity: str, row: Row) -> None:
        """Lay a whole row over what is there."""
        self.changes[entity, str(row["id"])] = row

    def change(self, entity: str, row: Row, **values: object) -> Row:
        """Lay a copy with other values over a row, and give it."""
        changed: Row = {**row, **values}  # type: ignore[dict-item]
        self.put(entity, changed)
        return changed


def derived_id(source_id: str, name: str) -> str:
    """An id that both sides compute alike for a row that a policy makes."""
    return str(uuid.uuid5(uuid.UUID(source_id), name))


def level_id(stock_location_id: str, part_id: str) -> str:
    """Id of the stock level of a part at a stock location: one row, whoever moves first."""
    return derived_id(stock_location_id, f"stock_level:{part_id}")


def stub_id(asset_id: str) -> str:
    """Id of an asset's stub."""
    return derived_id(asset_id, "asset_stub")


def roots_of(entity: str, aggregate_id: str) -> list[Key]:
    """Keys under which the root of an aggregate may be found, given an entity inside it."""
    return [(root, aggregate_id) for root in REGISTRY[entity].aggregates]

"""What each person may see, computed from the rows by the oracle of the scopes, never by the server's own rules.

Computed again whenever the clock of his organization has moved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities import REGISTRY
from sync_server.storage.record_kinds import KINDS
from tests.fuzz.planted import tokens
from tests.support.scope_oracle import OFFICE, Rows, reasons_of, roles_of_person, scopes_of_person

EVERYWHERE = frozenset({"manager", "admin"})
"""Roles that somebody has at every site."""
EVERY_ROW = " union all ".join(
    f"select '{entity}', organization_id::text, row_to_json(t)::text from {entity} t" for entity in sorted(REGISTRY)
)
EVERY_RECORD = " union all ".join(
    f"select organization_id::text, row_to_json(t)::text from {kind.name} t" for kind in KINDS.values()
)
HOW_RECORDS_STAND = " union all ".join(
    f"select '{kind.name}', count(*), sum(hashtextextended(t::text, 0)) from {kind.name} t" for kind in KINDS.values()
)
"""Nothing of them moves a clock."""


@dataclass
class View:
    """What somebody may see: aggregates, and every id and canary in their rows."""

    aggregates: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    """SHA-256 of the photos that he may read."""
    ruled: frozenset[str] = frozenset()
    """Ids of what he is asked about without being shown it: the stock of vans of the sites where he is the office."""


@dataclass
class Sight:
    """The rows of every organization as they stand, and what each person may see of them."""

    reading: Connection[TupleRow]
    """Sees past all roles."""
    people: dict[str, str] = field(default_factory=dict)
    """Person → organization, of those whose sight is remembered."""
    ever: dict[str, set[str]] = field(default_factory=dict)
    """Person → aggregates that he may see, or might once."""
    shown: dict[str, set[str]] = field(default_factory=dict)
    """Person → ids and canaries that he may see, or might once."""
    rows: dict[str, Rows] = field(default_factory=dict)
    """Organization → rows."""
    owners: dict[str, set[str]] = field(default_factory=dict)
    """Id or canary → organizations in which it stands."""
    clocks: dict[str, int] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Organization → rows of the records that its office keeps."""
    _stand: list[tuple[Any, ...]] = field(default_factory=list)
    _reasons: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _texts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Organization → aggregate → its rows as text."""
    _views: dict[str, View] = field(default_factory=dict)

    def look(self) -> dict[str, int]:
        """Read all rows again when a clock has moved; give the clocks."""
        clocks = dict(self._ask("select organization_id::text, seq from org_clock"))
        stand = self._ask(HOW_RECORDS_STAND)
        if clocks != self.clocks or stand != self._stand:
            self._stand = stand
            self._read()
            for person_id, organization_id in self.people.items():
                view = self.of(organization_id, person_id)
                self.ever.setdefault(person_id, set()).update(view.aggregates)
                self.shown.setdefault(person_id, set()).update(view.tokens)
            self.clocks = clocks
        return clocks

    def of(self, organization_id: str, person_id: str) -> View:
        """Give what a person may see, as of the last look."""
        if person_id not in self._views:
            self._views[person_id] = self._view(organization_id, person_id)
        return self._views[person_id]

    def places(self, token: str) -> list[str]:
        """Say in which columns an id or a canary stands."""
        return sorted(
            {
                f"{entity}.{name}"
                for rows in self.rows.values()
                for entity, by_id in rows.items()
                for row in by_id.values()
                for name, value in row.items()
                if token in str(value)
            }
        )

    def _view(self, organization_id: str, person_id: str) -> View:
        rows, reasons = self.rows[organization_id], self._reasons[organization_id]
        aggregates = {id_ for scope in scopes_of_person(rows, person_id) for id_ in reasons.get(scope, ())}
        ruled: set[str] = set()
        if person_id in rows["person"]:
            seen = {site for site, role in roles_of_person(rows, person_id).items() if role in OFFICE}
            if rows["person"][person_id]["role"] in EVERYWHERE:
                seen = set(rows["site"])  # also of sites that are deleted, which no device is told of any more
            places = {id_ for id_, place in rows["stock_location"].items() if place["site_id"] in seen}
            ruled = {id_ for id_, level in rows["stock_level"].items() if level["stock_location_id"] in places}
            for listed in ("work_order", "service_request", "calendar_event"):
                aggregates |= {id_ for id_, row in rows[listed].items() if row["site_id"] in seen}
        photos = [row for row in rows["attachment"].values() if row["aggregate_id"] in aggregates]
        texts = self._texts[organization_id]
        held, asked = (
            tokens("\n".join(text for id_ in ids for text in texts.get(id_, ()))) for ids in (aggregates, ruled)
        )
        digests = frozenset(str(row["sha256"]) for row in photos)
        held |= tokens("\n".join(self._records_for(organization_id, person_id, aggregates)))
        return View(frozenset(aggregates), frozenset(held), digests, frozenset(asked))

    def _records_for(self, organization_id: str, person_id: str, aggregates: set[str]) -> list[str]:
        """Records that somebody reads if he is the office anywhere: not those about what he does not see."""
        rows = self.rows[organization_id]
        if person_id not in rows["person"]:
            return []
        roles = {rows["person"][person_id]["role"], *roles_of_person(rows, person_id).values()}
        if not roles & OFFICE:
            return []
        about = ("work_order_id", "asset_id")
        return [
            json.dumps(row)
            for row in self.records.get(organization_id, ())
            if all(row.get(name) is None or row[name] in aggregates for name in about)
        ]

    def _read(self) -> None:
        self._views, self.owners, self.rows, self._texts, self._reasons = {}, {}, {}, {}, {}
        for entity, organization_id, text in self._ask(EVERY_ROW):
            row = json.loads(text)
            every = self.rows.setdefault(organization_id, {name: {} for name in REGISTRY})
            every[entity][row["id"]] = row
            self._texts.setdefault(organization_id, {}).setdefault(row["aggregate_id"], []).append(text)
            for token in tokens(text):
                self.owners.setdefault(token, set()).add(organization_id)
        self.records = {}
        for organization_id, text in self._ask(EVERY_RECORD):
            self.records.setdefault(organization_id, []).append(json.loads(text))
            for token in tokens(text):
                self.owners.setdefault(token, set()).add(organization_id)
        for organization_id, rows in self.rows.items():
            found: dict[str, set[str]] = {}
            for scope, aggregate_id in reasons_of(rows, {})[0]:
                found.setdefault(scope, set()).add(aggregate_id)
            self._reasons[organization_id] = found

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.reading.execute(query.encode()).fetchall()

"""Computes every organization's scope index again from its rows and compares it with what is stored.

There must be no difference: each one is a fault of the server or of its disk, is told as an alarm, and can be put
right by a commit that devices hear of. Compares some thousand ids at a time, each in a snapshot of its own: nothing is
locked, no snapshot grows old, and memory does not depend on the size of the organization.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.unit_of_work import under_the_clock
from sync_server.contract.entities import AGGREGATES
from sync_server.routines.steps import Rest, in_steps, reading, without_rest
from sync_server.storage import scope_comparison, scope_repair
from sync_server.storage.engine import Database
from sync_server.storage.membership import QUERIES
from sync_server.storage.org_clock import Commit
from sync_server.storage.scope_comparison import FIRST, Difference, Span

log = logging.getLogger(__name__)

SPAN = 5_000
"""Sources, or aggregates, that one question looks at."""
SHOWN = 20
"""Differences that are named in the log and in the answer."""
STEP = 500
"""Differences that one commit puts right."""


@dataclass(slots=True)
class Comparison:
    """What a comparison came to."""

    count: int = 0
    first: list[Difference] = field(default_factory=list)
    """Of the differences, the first 20."""

    def add(self, found: list[Difference]) -> None:
        """Count differences, and keep the first ones."""
        self.count += len(found)
        self.first += found[: SHOWN - len(self.first)]


def compare(database: Database, organization_id: str, *, rest: Rest = without_rest) -> Comparison:
    """Compare the whole index, part by part, with a rest after each.

    What is committed meanwhile is compared as it stands when its part is looked at.
    """
    comparison = Comparison()
    began = monotonic()
    for found in _differences(database, organization_id):
        comparison.add(found)
        rest(monotonic() - began)
        began = monotonic()
    if comparison.count:
        named = "; ".join(map(str, comparison.first))
        log.error("the scope index of %s differs from its rows %d times: %s", organization_id, comparison.count, named)
    return comparison


def repair(database: Database, organization_id: str) -> Comparison:
    """Put right whatever differs; give what did."""
    comparison = Comparison()
    for found in _differences(database, organization_id):
        comparison.add(found)
        for start in range(0, len(found), STEP):
            in_steps(lambda: _repair(database, organization_id, found[start : start + STEP]))  # noqa: B023
    if comparison.count:
        log.error("the scope index of %s was put right in %d places", organization_id, comparison.count)
    return comparison


def _repair(database: Database, organization_id: str, differences: list[Difference]) -> None:
    with database.transaction("worker", organization_id) as connection:

        def act(commit: Commit) -> dict[str, list[str]]:
            scope_repair.repair(connection, organization_id, differences, seq=commit.seq)
            return {}

        under_the_clock(connection, organization_id, act)


def _differences(database: Database, organization_id: str) -> Iterator[list[Difference]]:
    """Give what differs, part by part: reasons, entries with what they say of the content, heads."""
    with reading(database, organization_id) as connection:
        nameless = scope_comparison.nameless(connection, organization_id)
    yield nameless
    for entity in QUERIES:
        yield from _over(database, organization_id, lambda *of: _reasons(*of, entity=entity))  # noqa: B023
    yield from _over(database, organization_id, _entries)
    with reading(database, organization_id) as connection:
        heads = scope_comparison.heads(connection, organization_id)
    yield heads


Part = Callable[[Connection[TupleRow], str, str], tuple[list[Difference], Span, bool]]


def _over(database: Database, organization_id: str, part: Part) -> Iterator[list[Difference]]:
    after, is_more = FIRST, True
    while is_more:
        with reading(database, organization_id) as connection:
            found, (_, after), is_more = part(connection, organization_id, after)
        yield found


def _reasons(
    connection: Connection[TupleRow], organization_id: str, after: str, *, entity: str
) -> tuple[list[Difference], Span, bool]:
    span, is_more = scope_comparison.source_span(connection, organization_id, entity, after=after, limit=SPAN)
    return scope_comparison.reasons(connection, organization_id, entity, span), span, is_more


def _entries(connection: Connection[TupleRow], organization_id: str, after: str) -> tuple[list[Difference], Span, bool]:
    span, is_more = scope_comparison.entry_span(connection, organization_id, after=after, limit=SPAN)
    found = scope_comparison.entries(connection, organization_id, span)
    for type_ in AGGREGATES:
        found += scope_comparison.content(connection, organization_id, type_, span)
    return found, span, is_more

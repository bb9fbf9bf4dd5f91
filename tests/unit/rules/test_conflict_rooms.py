"""A conflict lies in the aggregate of what it is about; every aggregate that can have one has room for it."""

from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Merge

SETTABLE = frozenset(Merge) - {Merge.FIXED, Merge.DERIVED}


def test_every_aggregate_with_a_settable_field_holds_conflicts() -> None:
    with_fields = {
        root
        for root, entities in AGGREGATES.items()
        for entity in entities
        if entity != "conflict" and any(column.merge in SETTABLE for column in REGISTRY[entity].columns)
    }
    assert with_fields == set(REGISTRY["conflict"].aggregates)

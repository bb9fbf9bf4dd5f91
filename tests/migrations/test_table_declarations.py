"""What must be true of the tables as they are declared, without any database."""

from sqlalchemy import UniqueConstraint

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import COMMON
from sync_server.storage.tables import ABOVE_TENANTS, SYNCED, metadata


def test_every_row_leads_to_an_organization_by_mandatory_references() -> None:
    anchored = {"organization"}
    for table in metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            is_mandatory = not any(table.columns[name].nullable for name in constraint.column_keys)
            if is_mandatory and constraint.referred_table.name in anchored:
                anchored.add(table.name)
    free = {
        *("org_commit", "scope_aggregate", "scope_reason", "scope_head", "scope_window", "applied_mutation"),
        "search_entry",
    }
    assert anchored == set(metadata.tables) - free - ABOVE_TENANTS


def test_a_synced_table_has_the_declared_columns_in_wire_order() -> None:
    assert list(SYNCED) == list(REGISTRY)
    for name, table in SYNCED.items():
        assert [column.name for column in table.columns] == ["organization_id", *REGISTRY[name].names]
        assert tuple(REGISTRY[name].names[: len(COMMON)]) == COMMON


TO_THE_SERVER_ALONE = {"work_order_assignment": {"contractor_id": "contractor"}}
"""References to tables that no device has, which no declaration can name."""


def test_every_declared_reference_is_a_foreign_key_of_the_organization() -> None:
    for name, table in SYNCED.items():
        declared = {column.name: column.references for column in REGISTRY[name].columns if column.references}
        declared |= TO_THE_SERVER_ALONE.get(name, {})
        found = {
            key.column_keys[1]: key.referred_table.name
            for key in table.foreign_key_constraints
            if key.column_keys[0] == "organization_id" and len(key.column_keys) == 2
        }
        assert found == declared


def test_every_table_and_column_says_what_it_means() -> None:
    silent = [table.name for table in metadata.sorted_tables if not table.comment]
    silent += [str(column) for table in metadata.sorted_tables for column in table.columns if not column.comment]
    assert silent == []


def test_a_column_that_may_be_missing_says_what_that_means() -> None:
    """What a database calls NULL is the first thing that a reader asks."""
    nullable = [column for table in metadata.sorted_tables for column in table.columns if column.nullable]
    assert [str(column) for column in nullable if "NULL" not in (column.comment or "")] == []


def test_every_index_says_why_it_is_there() -> None:
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    constraints = [each for table in metadata.sorted_tables for each in table.constraints]
    unique = [each for each in constraints if isinstance(each, UniqueConstraint)]
    assert len(indexes) > len(metadata.tables)
    assert [each.name for each in (*indexes, *unique) if not each.info.get("why")] == []

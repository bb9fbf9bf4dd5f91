"""The database explains itself: each table, column, function and part says what it is for."""

import psycopg

from sync_server.storage.tables import metadata
from tests.migrations.catalog import MEANINGS, MEANINGS_OF_FUNCTIONS, MEANINGS_OF_PARTITIONS, facts
from tests.support.postgres import both_postgres_ends

pytestmark = both_postgres_ends


def test_the_database_says_of_each_table_and_column_what_its_declaration_says(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        said = {(table, column): text for table, column, text in facts(connection, MEANINGS)}
    declared = {(table.name, ""): table.comment for table in metadata.sorted_tables}
    declared |= {(column.table.name, column.name): column.comment for t in metadata.sorted_tables for column in t.c}
    assert said.pop(("alembic_version", ""))
    assert said == declared


def test_every_function_and_part_says_what_it_is_for(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        said = facts(connection, MEANINGS_OF_FUNCTIONS) | facts(connection, MEANINGS_OF_PARTITIONS)
    assert len(said) > 10
    assert [name for name, text in said if not text] == []

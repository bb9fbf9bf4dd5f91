"""What PostgreSQL itself says about a schema, as sets that can be compared."""

from typing import Any

import psycopg

Facts = set[tuple[Any, ...]]

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.condeferrable, k.condeferred
FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND k.contype IN ('p', 'u', 'f', 'c')
  AND k.conparentid = 0
"""
INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(i.oid)
FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
"""
TABLES = """
SELECT relname, relkind, relispartition, relrowsecurity, relforcerowsecurity, relowner::regrole::text,
  coalesce(array(SELECT unnest(relacl)::text ORDER BY 1), '{}')
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
"""
COLUMN_GRANTS = """
SELECT c.relname, a.attname, array(SELECT unnest(a.attacl)::text ORDER BY 1)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND a.attacl IS NOT NULL AND NOT a.attisdropped
"""
TRIGGERS = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
"""
POLICIES = """
SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies
WHERE schemaname = 'public'
"""
FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.proowner::regrole::text, p.prosecdef, coalesce(p.proconfig, '{}'), p.prosrc,
  coalesce(array(SELECT unnest(p.proacl)::text ORDER BY 1), '{}')
FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""
MEANINGS = """
SELECT c.relname, coalesce(a.attname, ''), d.description
FROM pg_class AS c JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
"""What tables (column '') and columns mean. Partitions say only which part they are."""
MEANINGS_OF_FUNCTIONS = """
SELECT p.oid::regprocedure::text, coalesce(obj_description(p.oid, 'pg_proc'), '')
FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
"""
MEANINGS_OF_PARTITIONS = """
SELECT oid::regclass::text, coalesce(obj_description(oid, 'pg_class'), '')
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relispartition
"""
EVERYTHING = (
    *(COLUMNS, CONSTRAINTS, INDEXES, TABLES, COLUMN_GRANTS, TRIGGERS, POLICIES, FUNCTIONS),
    *(MEANINGS, MEANINGS_OF_FUNCTIONS, MEANINGS_OF_PARTITIONS),
)


def facts(connection: psycopg.Connection[Any], query: str) -> Facts:
    """Answers of one of the queries above; lists become tuples."""
    rows = connection.execute(query.encode()).fetchall()
    return {tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in rows}


def snapshot(owner_url: str) -> dict[str, Facts]:
    """Everything that a migration makes in a database, but for Alembic's own table."""
    with psycopg.connect(owner_url) as connection:
        found = {query: facts(connection, query) for query in EVERYTHING}
    return {query: {fact for fact in each if fact[0] != "alembic_version"} for query, each in found.items()}

"""What a migrated database says of itself that no declaration says: policies, grants, triggers, functions, parts.

Only reads. Nothing in it depends on rows, on the machine, on the day, or on the version of PostgreSQL.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

_POLICIES = """
SELECT p.tablename AS table, p.policyname AS name, p.permissive = 'RESTRICTIVE' AS is_restrictive, p.roles::text[],
  p.cmd AS command, p.qual AS rule
FROM pg_policies AS p JOIN pg_class AS c ON c.relname = p.tablename AND c.relnamespace = 'public'::regnamespace
WHERE p.schemaname = 'public' AND NOT c.relispartition ORDER BY 1, 2
"""
_GRANTS = """
SELECT c.relname AS table, r.rolname AS role, p.word AS privilege,
  CASE WHEN has_table_privilege(r.oid, c.oid, p.word) THEN ARRAY[]::text[] ELSE array(
    SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND p.word <> 'DELETE' AND has_column_privilege(r.oid, c.oid, a.attnum, nullif(p.word, 'DELETE'))
    ORDER BY a.attnum) END AS columns
FROM pg_class AS c, pg_roles AS r,
  unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS p(word, place)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND r.rolname = any(%s)
  AND (has_table_privilege(r.oid, c.oid, p.word)
    OR (p.word <> 'DELETE' AND has_any_column_privilege(r.oid, c.oid, nullif(p.word, 'DELETE'))))
ORDER BY 1, 2, p.place
"""
_TRIGGERS = """
SELECT c.relname AS table, t.tgname AS name, p.proname AS function, t.tginitdeferred AS is_deferred
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal AND NOT c.relispartition ORDER BY 1, 2
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text AS signature, pg_get_function_result(p.oid) AS result,
  p.proowner::regrole::text AS owner, p.prosecdef AS is_definer,
  array(SELECT DISTINCT a.grantee::regrole::text FROM aclexplode(p.proacl) AS a
    WHERE a.grantee <> p.proowner ORDER BY 1) AS callers,
  coalesce(obj_description(p.oid, 'pg_proc'), '') AS meaning
FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
"""
_DIVIDED = """
SELECT c.relname AS table, pg_get_partkeydef(c.oid) AS key, k.partstrat = 'h' AS is_hashed,
  (SELECT count(*) FROM pg_inherits AS i WHERE i.inhparent = c.oid)::int AS parts
FROM pg_partitioned_table AS k JOIN pg_class AS c ON c.oid = k.partrelid
WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rows roles see and write. `rule` as PostgreSQL writes it."""

    table: str
    name: str
    is_restrictive: bool
    roles: list[str]
    command: str
    rule: str


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege of one role on a table; on these columns only, or (none named) on all."""

    table: str
    role: str
    privilege: str
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A function that a table calls when it is written; `is_deferred`: at the end of the commit."""

    table: str
    name: str
    function: str
    is_deferred: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function, whose rights it has (`is_definer`: its owner's), and who may call it."""

    signature: str
    result: str
    owner: str
    is_definer: bool
    callers: list[str]
    meaning: str


@dataclass(frozen=True, slots=True)
class Divided:
    """A table in parts: by what, and how many when the number is fixed (by hash)."""

    table: str
    key: str
    is_hashed: bool
    parts: int


@dataclass(frozen=True, slots=True)
class Catalog:
    """All of it, each by name."""

    policies: list[Policy]
    grants: list[Grant]
    triggers: list[Trigger]
    functions: list[Function]
    divided: list[Divided]


def read_catalog(connection: Connection[Any], roles: tuple[str, ...]) -> Catalog:
    """Read it; grants of these roles only.

    Args:
        connection: Of anybody who may log in; the catalog is everybody's.
        roles: Names in PostgreSQL.
    """
    return Catalog(
        policies=connection.cursor(row_factory=class_row(Policy)).execute(_POLICIES).fetchall(),
        grants=connection.cursor(row_factory=class_row(Grant)).execute(_GRANTS, (list(roles),)).fetchall(),
        triggers=connection.cursor(row_factory=class_row(Trigger)).execute(_TRIGGERS).fetchall(),
        functions=connection.cursor(row_factory=class_row(Function)).execute(_FUNCTIONS).fetchall(),
        divided=connection.cursor(row_factory=class_row(Divided)).execute(_DIVIDED).fetchall(),
    )

"""Whether every table could be spread over the nodes of a Citus cluster by its organization, without Citus at hand.

The rules are those of Citus's own manual (*Creating and Modifying Distributed Objects*, *Triggers on Distributed
Tables*, *SQL Support and Workarounds*) and of what its sources refuse (`EnsureRelationCanBeDistributed`,
`ErrorIfUnsupportedForeignConstraintExists`, `ErrorIfUnsupportedPolicyExpr`):

1. a distributed table has a distribution column that is never missing nor generated, of one type for all that are
   stored together;
2. each primary key, unique index and exclusion has that column among its keys;
3. a foreign key between distributed tables has it in the same place on both sides; one to a reference table is free;
   a reference table refers to reference tables only; nobody refers to a table that stays local;
4. no foreign key changes it (ON UPDATE CASCADE, SET NULL, SET DEFAULT);
5. policies have no subquery;
6. no triggers, unless `citus.enable_unsafe_triggers` is on and they read their own shard only;
7. no sequences but of bigint, no inheritance, no partitions of partitions, no rewriting rules.

`organization`, `organization_directory`, `organization_domain` and `subscription_plan` would be reference tables: they
are small, and the first three are read before an organization is known.
What does not keep a rule today is named here, with what it would take (D-155 in sync_server/README.md).
"""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sync_server.storage.tables import metadata
from tests.migrations.catalog import POLICIES, facts
from tests.support.postgres import both_postgres_ends

REFERENCE = {"organization", "organization_directory", "organization_domain", "subscription_plan"}
LOCAL = {"alembic_version"}
DISTRIBUTED = set(metadata.tables) - REFERENCE

KINDS = f"""
kind AS (
  SELECT c.oid, c.relname::text AS name, a.attnum,
    CASE WHEN c.relname = ANY (ARRAY{sorted(REFERENCE)}) THEN 'reference'
      WHEN c.relname = ANY (ARRAY{sorted(LOCAL)}) THEN 'local' ELSE 'distributed' END AS spread,
    a.atttypid::regtype::text AS type, a.attnotnull AS is_there, a.attgenerated = '' AS is_given
  FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'organization_id'
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
)
"""
RULES = {
    "distribution column": """
        SELECT name FROM kind WHERE spread = 'distributed' AND (type = 'uuid' AND is_there AND is_given) IS NOT TRUE
    """,
    "unique key": """
        SELECT x.indexrelid::regclass::text FROM pg_index AS x JOIN kind ON kind.oid = x.indrelid
        WHERE spread = 'distributed' AND (x.indisunique OR x.indisexclusion)
          AND NOT attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])
    """,
    "foreign key": """
        SELECT k.conname || ' of ' || own.name FROM pg_constraint AS k JOIN kind AS own ON own.oid = k.conrelid
        JOIN kind AS other ON other.oid = k.confrelid
        WHERE k.contype = 'f' AND NOT CASE other.spread
          WHEN 'distributed' THEN own.spread = 'distributed' AND EXISTS (
            SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there)
            WHERE here = own.attnum AND there = other.attnum)
          WHEN 'reference' THEN own.spread <> 'local' ELSE own.spread = 'local' END
    """,
    "foreign key that changes the distribution": """
        SELECT k.conname || ' of ' || name FROM pg_constraint AS k JOIN kind ON kind.oid = k.conrelid
        WHERE k.contype = 'f' AND attnum = ANY (k.conkey) AND (k.confupdtype IN ('c', 'n', 'd')
          OR (k.confdeltype IN ('n', 'd') AND attnum = ANY (coalesce(k.confdelsetcols, k.conkey))))
    """,
    "policy with a subquery": """
        SELECT p.polname || ' on ' || name FROM pg_policy AS p JOIN kind ON kind.oid = p.polrelid
        WHERE spread <> 'local' AND concat(p.polqual::text, p.polwithcheck::text) LIKE '%{SUBLINK%'
    """,
    "trigger": """
        SELECT t.tgfoid::regproc || ' on ' || name FROM pg_trigger AS t JOIN kind ON kind.oid = t.tgrelid
        WHERE NOT t.tgisinternal
    """,
    "sequence": """
        SELECT c.relname::text FROM pg_class AS c WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT name || '.' || a.attname FROM kind JOIN pg_attribute AS a ON a.attrelid = kind.oid
        WHERE a.attidentity <> ''
    """,
    "inheritance or partition of a partition": """
        SELECT i.inhrelid::regclass::text FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE c.relkind IN ('r', 'p', 'f') AND c.relnamespace = 'public'::regnamespace
          AND (NOT c.relispartition OR c.relkind = 'p')
    """,
    "rewriting rule": """
        SELECT w.rulename || ' on ' || name FROM pg_rewrite AS w JOIN kind ON kind.oid = w.ev_class
    """,
}
"""Each gives what does not keep it."""

GUARDS = {
    *("guard_row", "guard_removal", "check_stock_level", "guard_stock_level"),
    *("keep_new_words", "keep_changed_words", "keep_tags"),
    *("guard_record", "record_maintenance"),
}
"""Functions of triggers that are known to read nothing outside of their shard."""
BREACHES = {
    "distribution column": "CREATE TABLE odd (organization_id text NOT NULL)",
    "unique key": "CREATE UNIQUE INDEX alone ON asset (serial)",
    "foreign key": "ALTER TABLE part ADD UNIQUE (id, organization_id); ALTER TABLE comment ADD CONSTRAINT turned"
    " FOREIGN KEY (organization_id, id) REFERENCES part (id, organization_id) NOT VALID",
    "foreign key that changes the distribution": "ALTER TABLE asset ADD CONSTRAINT clears"
    " FOREIGN KEY (organization_id, parent_id) REFERENCES asset ON DELETE SET NULL NOT VALID",
    "policy with a subquery": "CREATE POLICY p ON part AS RESTRICTIVE USING (EXISTS (SELECT FROM site))",
    "trigger": "CREATE FUNCTION far() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
    " CREATE TRIGGER t AFTER INSERT ON part EXECUTE FUNCTION far()",
    "sequence": "ALTER TABLE part ADD number int GENERATED ALWAYS AS IDENTITY",
    "inheritance or partition of a partition": "CREATE TABLE special (note text) INHERITS (part)",
    "rewriting rule": "CREATE RULE r AS ON INSERT TO part DO ALSO NOTIFY part",
}

READS = re.compile(
    r"(?<!DISTINCT )\b(?:FROM|JOIN)\s+(?!LATERAL\b)([\w.]+)"
    r"(\s+(?:AS \w+\s+)?(?:WHERE|ON)\s+(?:\w+\.)?organization_id = (?:NEW|w)\.organization_id)?"
)
"""What a trigger's function reads, and whether only rows of the same organization."""


@pytest.fixture
def catalog(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


def breaches(catalog: psycopg.Connection[Any], rule: str) -> set[str]:
    return {name for (name,) in catalog.execute(f"WITH {KINDS} {RULES[rule]}".encode()).fetchall()}


def deviations(catalog: psycopg.Connection[Any]) -> dict[str, set[str]]:
    """What does not keep a rule, and is known."""
    narrowed = {f"{name} on {table}" for table, name, *_ in facts(catalog, POLICIES) if name == "site_only"} - {
        "site_only on search_entry"
    }
    guards = {each for each in breaches(catalog, "trigger") if each.split(" on ")[0] in GUARDS}
    return {"policy with a subquery": narrowed, "trigger": guards}


@both_postgres_ends
def test_every_table_could_be_distributed_by_its_organization(catalog: psycopg.Connection[Any]) -> None:
    known = deviations(catalog)
    assert {rule: breaches(catalog, rule) for rule in RULES} == {rule: known.get(rule, set()) for rule in RULES}


@both_postgres_ends
def test_whatever_breaks_a_rule_is_found(catalog: psycopg.Connection[Any]) -> None:
    assert BREACHES.keys() == RULES.keys()
    known = deviations(catalog)
    for rule, statement in BREACHES.items():
        with catalog.transaction(force_rollback=True):
            catalog.execute(statement.encode())
            assert breaches(catalog, rule) - known.get(rule, set()), rule


@both_postgres_ends
def test_a_trigger_reads_nothing_but_what_lies_in_the_same_shard(catalog: psycopg.Connection[Any]) -> None:
    """Rows that were just written, or rows of the same organization: those are stored together."""
    rows = catalog.execute(
        "SELECT p.proname, p.prosrc FROM pg_proc AS p WHERE p.prorettype = 'trigger'::regtype"
        " AND p.pronamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for name, _ in rows} == GUARDS
    for name, source in rows:
        read = READS.findall(source)
        everywhere = {f"public.{table}" for table in REFERENCE}  # a reference table lies on every node
        assert {table for table, is_own in read if not is_own} <= {"written", "replaced"} | everywhere, name


def test_the_declarations_keep_the_rules_before_any_database_is_there() -> None:
    for table in (metadata.tables[name] for name in DISTRIBUTED):
        assert not table.columns["organization_id"].nullable, table.name
        assert "organization_id" in table.primary_key.columns, table.name
        for index in table.indexes:
            assert not index.unique or "organization_id" in {getattr(each, "name", None) for each in index.expressions}
        for key in table.foreign_key_constraints:
            target = key.referred_table.name
            pairs = {(each.parent.name, each.column.name) for each in key.elements}
            assert target in REFERENCE or ("organization_id", "organization_id") in pairs, (table.name, key.name)
    for table in (metadata.tables[name] for name in REFERENCE):
        assert {key.referred_table.name for key in table.foreign_key_constraints} <= REFERENCE

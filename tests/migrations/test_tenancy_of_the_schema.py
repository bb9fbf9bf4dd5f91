"""Catalog assertions of trust.md §2: each side door of row level security has its control in the migrated schema."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sync_server.contract.entities import REGISTRY
from sync_server.storage.roles import ROLES
from sync_server.storage.tables import ABOVE_TENANTS as NOBODYS
from sync_server.storage.tables import metadata
from sync_server.storage.tables_sync import WORK_ORDER_PARTITIONS
from tests.migrations.catalog import FUNCTIONS, POLICIES, TABLES, TRIGGERS, facts
from tests.support.postgres import both_postgres_ends

pytestmark = both_postgres_ends

ABOVE_TENANTS = {"organization_directory", "alembic_version", *NOBODYS}
HASHED = {f"work_order_p{number}" for number in range(WORK_ORDER_PARTITIONS)}
BY_MONTH = ("activity_log", "meter_reading", "notification")
MONTHS = 4
"""Months of each of them in a new database: the present one, and three ahead."""
SERVING = ("cmms_app_sync", "cmms_app_office", "cmms_authn", "cmms_worker", "cmms_readonly")
DEFINERS = {
    "organization_by_slug(text)": {"cmms_authn", "cmms_app_sync", "cmms_app_office", "cmms_worker"},
    "organization_by_domain(text)": {"cmms_authn"},
    "organization_clocks()": {"cmms_app_sync", "cmms_worker"},
    "organization_ids()": {"cmms_worker"},
    "make_reading_months(integer)": {"cmms_worker"},
    "detach_reading_months(integer)": {"cmms_worker"},
    "append_activity(json)": {"cmms_app_sync", "cmms_worker", "cmms_authn", "cmms_migrator"},
    "forget_activity(uuid)": {"cmms_worker"},
    "make_notification_months(integer)": {"cmms_worker"},
    "detach_notification_months(integer)": {"cmms_worker"},
    "make_activity_months(integer)": {"cmms_worker"},
    "detach_activity_months(integer)": {"cmms_worker"},
}
CALLED = {
    "search_words(text)": {"cmms_app_office", "cmms_app_sync", "cmms_worker"},
    "point_on_sphere(double precision,double precision)": {
        *("cmms_app_office", "cmms_app_sync", "cmms_worker", "cmms_backup")
    },
}
"""Functions with the rights of who calls them, and who may."""
MAY_DELETE = {
    ("cmms_app_sync", "device_scope"),
    ("cmms_app_sync", "scope_reason"),
    ("cmms_app_sync", "sealed_outbox"),
    ("cmms_app_sync", "sealed_part"),
    ("cmms_authn", "user_session"),
    ("cmms_authn", "vendor_contact"),
    ("cmms_worker", "applied_mutation"),
    ("cmms_worker", "blob"),
    ("cmms_worker", "contractor_member"),
    ("cmms_worker", "device_scope"),
    ("cmms_worker", "import_row"),
    ("cmms_worker", "org_commit"),
    ("cmms_worker", "scope_aggregate"),
    ("cmms_worker", "scope_reason"),
    ("cmms_worker", "user_session"),
}
MAY_UPDATE_ALL = """
SELECT DISTINCT r.rolname, c.relname FROM pg_class AS c, pg_roles AS r
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND r.rolname = any(%s)
  AND has_any_column_privilege(r.oid, c.oid, 'UPDATE')
"""
GRANTED = """
SELECT r.rolname, c.relname FROM pg_class AS c, pg_roles AS r
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND r.rolname = any(%s)
  AND has_table_privilege(r.oid, c.oid, %s)
"""


@pytest.fixture
def catalog(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def granted(catalog: psycopg.Connection[Any], privilege: str, roles: tuple[str, ...] = SERVING) -> set[tuple[str, str]]:
    return set(catalog.execute(GRANTED, (list(roles), privilege)).fetchall())


def parts(catalog: psycopg.Connection[Any]) -> set[str]:
    """Partitions by name: those of orders, and the months that there are."""
    found = {name for name, _, is_part, *_ in facts(catalog, TABLES) if is_part}
    months = sorted(found - HASHED)
    assert found >= HASHED
    assert len(months) == MONTHS * len(BY_MONTH)
    assert all(re.fullmatch(rf"({'|'.join(BY_MONTH)})_\d{{4}}_\d{{2}}", name) for name in months)
    return found


def test_every_table_forces_row_level_security(catalog: psycopg.Connection[Any]) -> None:
    unguarded = {name for name, _, _, enabled, forced, *_ in facts(catalog, TABLES) if not (enabled and forced)}
    assert unguarded == {"alembic_version", *NOBODYS}


def test_every_table_and_partition_is_bound_to_its_organization(catalog: psycopg.Connection[Any]) -> None:
    bound = set()
    for table, name, permissive, roles, command, using, check in facts(catalog, POLICIES):
        if name == "organization_only":
            column = "id" if table == "organization" else "organization_id"
            start = f"({column} = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid)"
            assert (permissive, roles, command) == ("PERMISSIVE", ("public",), "ALL")
            assert using == check == start
            bound.add(table)
    assert bound == (set(metadata.tables) | parts(catalog)) - ABOVE_TENANTS


def test_only_the_resolver_has_a_policy_that_widens(catalog: psycopg.Connection[Any]) -> None:
    others = {
        (table, name, permissive, roles, command)
        for table, name, permissive, roles, command, *_ in facts(catalog, POLICIES)
        if name != "organization_only"
    }
    widening = {fact for fact in others if fact[2] == "PERMISSIVE"}
    assert widening == {
        ("organization_directory", "resolver_reads", "PERMISSIVE", ("cmms_resolver",), "SELECT"),
        ("organization_domain", "resolver_reads", "PERMISSIVE", ("cmms_resolver",), "SELECT"),
        ("org_clock", "resolver_reads", "PERMISSIVE", ("cmms_resolver",), "SELECT"),
    }
    narrowing = {fact[1:] for fact in others - widening if fact[0] != "search_entry"}
    assert narrowing == {("site_only", "RESTRICTIVE", ("cmms_app_office",), "SELECT")}
    searching = {fact[1] for fact in others if fact[0] == "search_entry"}
    assert searching == {"asked_only", "site_only"}
    assert min(searching) == "asked_only", "policies are asked by name, and the question must be the first of them"


def test_a_policy_by_site_narrows_every_table_that_belongs_to_a_site(catalog: psycopg.Connection[Any]) -> None:
    narrowed = {table for table, name, *_ in facts(catalog, POLICIES) if name == "site_only"}
    organization_wide = {
        "person",
        *(
            "person_permission",
            "branding",
            "i18n_string",
            "vendor",
            "tag",
            "custom_field",
            "work_order_template",
            "work_order_template_part",
        ),
        "team",
        "team_member",
        "site_access",
        "site",
        "asset_type",
        "part",
    }
    everybodys = organization_wide | {"stock_location", "checklist_template"}
    of_the_server = {"meter_reading", "search_entry", "maintenance_schedule", "maintenance_history"}
    of_the_server |= {"project_work_order", "procedure_execution", "change_impact", "prediction"}
    of_the_server |= {"dashboard_metrics_cache"}
    assert narrowed == (set(REGISTRY) | of_the_server) - everybodys


def test_every_unique_key_starts_with_the_organization(catalog: psycopg.Connection[Any]) -> None:
    rows = catalog.execute(
        "SELECT c.relname, pg_get_indexdef(x.indexrelid, 1, true) FROM pg_index AS x"
        " JOIN pg_class AS c ON c.oid = x.indrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND x.indisunique"
    ).fetchall()
    assert {row for row in rows if row[1] != "organization_id"} == {
        ("organization", "id"),
        ("organization_directory", "slug"),
        ("organization_domain", "domain"),
        ("alembic_version", "version_num"),
        ("subscription_plan", "code"),
    }
    assert {table for table, _ in rows} == set(metadata.tables) | parts(catalog) | {"alembic_version"}


def test_every_foreign_key_starts_with_the_organization_on_both_sides(catalog: psycopg.Connection[Any]) -> None:
    rows = catalog.execute(
        "SELECT k.conname, f.attname, t.relname, r.attname FROM pg_constraint AS k"
        " JOIN pg_class AS t ON t.oid = k.confrelid"
        " JOIN pg_attribute AS f ON f.attrelid = k.conrelid AND f.attnum = k.conkey[1]"
        " JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = k.confkey[1]"
        " WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace"
    ).fetchall()
    assert len(rows) > len(metadata.tables)
    others = [line for line in rows if line[2] not in {"organization", *NOBODYS}]
    assert {(column, target, key) for _, column, target, key in others} == {
        ("organization_id", target, "organization_id") for _, _, target, _ in others
    }
    assert {line for line in rows if line[2] in NOBODYS} == {
        ("fk_subscription_plan_code", "plan_code", "subscription_plan", "code")
    }
    assert {(column, key) for _, column, target, key in rows if target == "organization"} == {("organization_id", "id")}


def test_only_the_backup_holds_anything_on_a_partition(catalog: psycopg.Connection[Any]) -> None:
    acl = {name: fact[-1] for name, *fact in facts(catalog, TABLES) if name in parts(catalog)}
    assert set(acl) == parts(catalog)
    for entries in acl.values():
        assert {entry.split("=")[0] for entry in entries} == {"cmms_owner", "cmms_backup"}
        assert [entry for entry in entries if entry.startswith("cmms_backup=")] == ["cmms_backup=r/cmms_owner"]


def test_definer_functions_are_the_allow_list(catalog: psycopg.Connection[Any]) -> None:
    functions = {name: fact for name, *fact in facts(catalog, FUNCTIONS)}
    definers = {name for name, (_, is_definer, *_) in functions.items() if is_definer}
    assert definers == set(DEFINERS)
    for name, (owner, _, settings, _, acl) in functions.items():
        assert "search_path=pg_catalog, pg_temp" in settings
        assert owner == ("cmms_resolver" if name.startswith("organization_") else "cmms_owner")
        holders = {entry.split("=")[0] for entry in acl} - {owner}
        assert holders == (DEFINERS | CALLED).get(name, set())


def test_roles_have_no_more_than_they_need(catalog: psycopg.Connection[Any]) -> None:
    names = [role.name for role in ROLES]
    rows = catalog.execute(
        "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication"
        " FROM pg_roles WHERE rolname = any(%s)",
        (names,),
    ).fetchall()
    assert set(rows) == {(role.name, role.login, role.bypasses_rls, False) for role in ROLES}
    assert {role.name for role in ROLES if role.bypasses_rls} == {"cmms_migrator", "cmms_backup"}
    members = catalog.execute(
        "SELECT DISTINCT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
        " WHERE member::regrole::text = any(%s)",
        (names,),
    ).fetchall()
    assert set(members) == {("cmms_migrator", "cmms_owner"), ("cmms_migrator", "cmms_resolver")}


def test_every_table_belongs_to_the_owner(catalog: psycopg.Connection[Any]) -> None:
    assert {owner for *_, owner, _ in facts(catalog, TABLES)} == {"cmms_owner"}


def test_rows_are_deleted_only_where_sync_says_so(catalog: psycopg.Connection[Any]) -> None:
    assert granted(catalog, "DELETE") == MAY_DELETE
    assert granted(catalog, "TRUNCATE") == granted(catalog, "TRIGGER") == granted(catalog, "REFERENCES") == set()


def test_append_only_rows_can_be_written_once(catalog: psycopg.Connection[Any]) -> None:
    append_only = {name for name, spec in REGISTRY.items() if spec.append_only}
    assert append_only >= {"signature", "comment", "attachment", "work_log_event", "stock_movement"}
    updated = catalog.execute(MAY_UPDATE_ALL, (list(SERVING),)).fetchall()
    written = {table for role, table in updated if table in REGISTRY}
    assert written == set(REGISTRY) - append_only
    assert {role for role, table in updated if table in REGISTRY} == {"cmms_app_sync", "cmms_worker"}


def test_only_the_sign_in_reads_credentials(catalog: psycopg.Connection[Any]) -> None:
    readers = granted(catalog, "SELECT")
    assert {role for role, table in readers if table in {"user_credential", "user_session", "enrolment_code"}} == {
        "cmms_authn"
    }
    assert {role for role, table in readers if table == "organization_directory"} == set()
    secret = ("password_hash", "totp", "refresh_hash", "previous_hash")
    rows = catalog.execute(
        "SELECT r.rolname FROM pg_roles AS r, pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " WHERE r.rolname = any(%s) AND a.attname = any(%s) AND c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'r' AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')",
        (list(SERVING), list(secret)),
    ).fetchall()
    assert set(rows) == {("cmms_authn",)}


def test_readers_write_nothing(catalog: psycopg.Connection[Any]) -> None:
    readers = ("cmms_app_office", "cmms_readonly", "cmms_backup")
    assert granted(catalog, "INSERT, UPDATE, DELETE, TRUNCATE", readers) == set()


def test_every_synced_table_is_guarded(catalog: psycopg.Connection[Any]) -> None:
    found: dict[str, set[str]] = {}
    for table, name, _, enabled in facts(catalog, TRIGGERS):
        assert enabled == "O"
        found.setdefault(table, set()).add(name)
    guards = {"guard_insert", "guard_update", "guard_removal"}
    assert {table for table, names in found.items() if guards <= names} == set(REGISTRY)
    assert found["stock_level"] - guards == {"check_stock_level", "guard_stock_level"}
    assert found["stock_movement"] - guards == {"check_stock_level"}

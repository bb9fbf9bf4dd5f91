"""How an administrator would open each door of the database: one statement for each way, and what shuts it again."""

from dataclasses import dataclass

OURS = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
FORCED = "ENABLE ROW LEVEL SECURITY; ALTER TABLE {0} FORCE ROW LEVEL SECURITY"


@dataclass(frozen=True, slots=True)
class Case:
    """A door and one way to open it.

    Attributes:
        door: Its name.
        opened_by: Statements of a superuser.
        named: Is in what the refusal names.
        undone_by: Takes back what would outlive the database.
        beside: Doors that this way opens, too.
    """

    door: str
    opened_by: str
    named: str
    undone_by: str = ""
    beside: tuple[str, ...] = ()


def policy(expression: str, **words: str) -> str:
    """Another permissive policy on the orders."""
    command, check = words.get("command", "ALL"), words.get("check", "")
    using = f" USING ({expression})" if expression else ""
    return f"CREATE POLICY wide ON work_order FOR {command} TO {words.get('to', 'PUBLIC')}{using}{check}"


ALIKE = "CREATE FUNCTION public.alike(uuid, uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; "
SAME = "CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = public.alike); "
SHADOW = (
    "CREATE FUNCTION public.current_setting(text, boolean) RETURNS text LANGUAGE sql"
    " AS $$ SELECT '0190c1f0-0000-7000-8000-00000000000b' $$; "
)
POLICIES = {
    "everything": policy("true"),
    "not null": policy("organization_id IS NOT NULL"),
    "itself": policy("organization_id = organization_id"),
    "or": policy(f"{OURS} OR deleted_at IS NULL"),
    "or nothing set": policy(f"{OURS} OR current_setting('app.organization_id', true) IS NULL"),
    "and in brackets of or": policy(f"({OURS} AND deleted_at IS NULL) OR title = 'x'"),
    "coalesce": policy(f"coalesce({OURS}, true)"),
    "not": policy(f"NOT ({OURS})"),
    "another setting": policy(OURS.replace("app.organization_id", "app.organization")),
    "another column": policy(OURS.replace("organization_id =", "aggregate_id =")),
    "a text that looks like it": policy(f"title <> '{OURS.replace(chr(39), chr(39) * 2)}'"),
    "an empty setting stands for all": policy(OURS.replace("nullif(", "nullif('' || ")),
    "written anywhere": policy(OURS, check=" WITH CHECK (true)"),
    "inserted anywhere": policy("", command="INSERT", check=" WITH CHECK (true)"),
    "updated anywhere": policy(OURS, command="UPDATE", check=" WITH CHECK (true)"),
    "read more widely than written": policy(f"{OURS} OR deleted_at IS NULL", check=f" WITH CHECK ({OURS})"),
    "for one role": policy("true", command="SELECT", to="cmms_app_sync"),
    "for the resolver on another table": policy("true", command="SELECT", to="cmms_resolver"),
    "an operator of the same name": ALIKE
    + SAME
    + policy(OURS.replace("organization_id =", "organization_id OPERATOR(public.=)")),
    "a function of the same name": SHADOW + policy(OURS.replace("current_setting", "public.current_setting")),
    "changed": "ALTER POLICY organization_only ON work_order USING (true)",
    "changed for writing": "ALTER POLICY organization_only ON work_order WITH CHECK (true)",
    "changed on a partition": "ALTER POLICY organization_only ON work_order_p1 USING (true)",
    "changed on the organization": "ALTER POLICY organization_only ON organization USING (true)",
    "the resolver's, for everybody": "ALTER POLICY resolver_reads ON org_clock TO PUBLIC",
    "the resolver's name, for all commands": "DROP POLICY resolver_reads ON org_clock; "
    "CREATE POLICY resolver_reads ON org_clock TO cmms_resolver USING (true)",
}
DEFINER = (
    "CREATE FUNCTION public.{0} RETURNS bigint LANGUAGE sql SECURITY DEFINER {1} AS 'SELECT count(*) FROM public.part'"
)

EVERYBODY_MAKES = "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database()); END $$"
EVERYBODY_HIDES = EVERYBODY_MAKES.replace("CREATE ON", "TEMPORARY ON")

CASES = [
    Case(
        "role above its work",
        "ALTER ROLE cmms_readonly BYPASSRLS",
        "cmms_readonly",
        "ALTER ROLE cmms_readonly NOBYPASSRLS",
    ),
    Case(
        "role above its work", "ALTER ROLE cmms_worker CREATEROLE", "cmms_worker", "ALTER ROLE cmms_worker NOCREATEROLE"
    ),
    Case(
        "role above its work",
        "ALTER ROLE cmms_app_sync REPLICATION",
        "cmms_app_sync",
        "ALTER ROLE cmms_app_sync NOREPLICATION",
    ),
    Case("role above its work", "ALTER ROLE cmms_resolver LOGIN", "cmms_resolver", "ALTER ROLE cmms_resolver NOLOGIN"),
    Case("role above its work", "ALTER ROLE cmms_owner BYPASSRLS", "cmms_owner", "ALTER ROLE cmms_owner NOBYPASSRLS"),
    Case(
        "membership",
        "GRANT pg_read_all_stats TO cmms_app_office",
        "cmms_app_office is a member of pg_read_all_stats",
        "REVOKE pg_read_all_stats FROM cmms_app_office",
    ),
    Case(
        "membership",
        "GRANT cmms_authn TO cmms_readonly",
        "cmms_readonly is a member of cmms_authn",
        "REVOKE cmms_authn FROM cmms_readonly",
    ),
    Case(
        "preset tenant",
        "ALTER ROLE cmms_worker SET app.organization_id = '0190c1f0-0000-7000-8000-00000000000a'",
        "cmms_worker",
        "ALTER ROLE cmms_worker RESET app.organization_id",
    ),
    Case("schema open to makers", "GRANT CREATE ON SCHEMA public TO PUBLIC", "everybody may make things in the schema"),
    Case("schema open to makers", "CREATE SCHEMA own; GRANT ALL ON SCHEMA own TO cmms_worker", "cmms_worker may make"),
    Case("temporary things", EVERYBODY_HIDES, "everybody may make temporary tables"),
    Case("temporary things", EVERYBODY_HIDES.replace("PUBLIC", "cmms_app_sync"), "cmms_app_sync may make temporary"),
    Case("schema open to makers", EVERYBODY_MAKES, "everybody may make schemas in the database"),
    Case("owned by who serves", "CREATE VIEW own AS SELECT 1; ALTER VIEW own OWNER TO cmms_readonly", "public.own"),
    Case(
        "owned by who serves",
        "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION own() OWNER TO cmms_worker",
        "public.own()",
    ),
    Case("owned by who serves", "CREATE SCHEMA own AUTHORIZATION cmms_app_sync", "the schema own"),
    Case(
        "granted before it is made",
        "ALTER DEFAULT PRIVILEGES FOR ROLE cmms_owner GRANT SELECT ON TABLES TO cmms_app_sync",
        "cmms_owner makes",
    ),
    Case(
        "granted before it is made",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
        "makes",
    ),
    Case(
        "PostgreSQL's own things", "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO cmms_worker", "pg_read_file(text)"
    ),
    Case("PostgreSQL's own things", "GRANT EXECUTE ON FUNCTION lo_import(text) TO PUBLIC", "lo_import(text)"),
    Case("PostgreSQL's own things", "GRANT SELECT ON pg_statistic TO PUBLIC", "pg_statistic"),
    Case("PostgreSQL's own things", "GRANT SELECT (rolpassword) ON pg_authid TO cmms_authn", "pg_authid"),
    Case("PostgreSQL's own things", "GRANT UPDATE ON pg_class TO cmms_authn", "pg_class"),
    Case("no forced row security", "ALTER TABLE part NO FORCE ROW LEVEL SECURITY", "public.part"),
    Case("no forced row security", "ALTER TABLE user_session DISABLE ROW LEVEL SECURITY", "public.user_session"),
    Case("no forced row security", "ALTER TABLE organization NO FORCE ROW LEVEL SECURITY", "public.organization"),
    Case(
        "no forced row security",
        "CREATE TABLE copied AS SELECT * FROM part; GRANT SELECT ON copied TO cmms_worker",
        "public.copied",
    ),
    Case("no organization", "CREATE TABLE plan (id int); GRANT SELECT ON plan TO cmms_app_sync", "public.plan"),
    Case("no organization", "CREATE TABLE plan (id int); GRANT INSERT (id) ON plan TO cmms_authn", "public.plan"),
    Case(
        "no organization",
        "CREATE FOREIGN DATA WRAPPER far; CREATE SERVER far FOREIGN DATA WRAPPER far; CREATE FOREIGN TABLE away"
        " (organization_id uuid) SERVER far; GRANT SELECT ON away TO cmms_app_sync",
        "public.away",
    ),
    *(Case("policy without the organization", opened, "on public.") for opened in POLICIES.values()),
    Case(
        "policy without the organization",
        SHADOW
        + "ALTER ROLE cmms_authn SET search_path = public, pg_catalog; SET search_path = public, pg_catalog; "
        + policy(OURS),
        "wide on public.work_order",
        "ALTER ROLE cmms_authn RESET search_path",
    ),
    Case(
        "narrowing beside the office",
        "CREATE POLICY by_site ON work_order AS RESTRICTIVE TO cmms_app_sync USING (site_id IS NOT NULL)",
        "by_site on public.work_order",
    ),
    Case(
        "narrowing beside the office",
        "ALTER POLICY site_only ON asset TO PUBLIC",
        "site_only on public.asset",
        beside=("office beyond its sites",),
    ),
    Case(
        "narrowing beside the office",
        "CREATE POLICY writes ON part AS RESTRICTIVE FOR UPDATE TO cmms_app_office USING (id IS NOT NULL)",
        "writes on public.part",
    ),
    Case("office beyond its sites", "DROP POLICY site_only ON work_order", "public.work_order"),
    Case("office beyond its sites", "ALTER POLICY site_only ON comment USING (true)", "public.comment"),
    Case("office beyond its sites", "GRANT SELECT ON scope_reason TO cmms_app_office", "public.scope_reason"),
    Case(
        "reserved table",
        "GRANT SELECT ON user_credential TO cmms_app_sync",
        "cmms_app_sync may use the table public.user_credential",
    ),
    Case("reserved table", "GRANT SELECT ON notification TO cmms_app_office", "public.notification"),
    Case("reserved table", "GRANT SELECT (totp) ON user_credential TO cmms_worker", "cmms_worker may use"),
    Case("reserved table", "GRANT SELECT ON organization_directory TO cmms_authn", "public.organization_directory"),
    Case(
        "record that can be changed",
        "GRANT UPDATE (body) ON signature TO cmms_app_sync",
        "change or delete rows of public.signature",
    ),
    Case("record that can be changed", "GRANT DELETE ON comment TO cmms_worker", "public.comment"),
    Case(
        "privilege that no policy binds",
        "GRANT TRUNCATE ON part TO cmms_worker",
        "cmms_worker holds TRUNCATE on public.part",
    ),
    Case("privilege that no policy binds", "GRANT REFERENCES ON site TO cmms_app_sync", "REFERENCES on public.site"),
    Case("privilege that no policy binds", "GRANT TRIGGER ON site TO cmms_app_sync", "TRIGGER on public.site"),
    Case("granted to everybody", "GRANT SELECT ON site TO PUBLIC", "public.site"),
    Case("sequence", "CREATE SEQUENCE numbers; GRANT USAGE ON SEQUENCE numbers TO cmms_app_sync", "public.numbers"),
    Case("granted partition", "GRANT SELECT ON work_order_p0 TO cmms_app_sync", "public.work_order_p0"),
    Case("granted partition", "GRANT SELECT (title) ON work_order_p2 TO cmms_readonly", "public.work_order_p2"),
    Case("granted partition", "GRANT INSERT ON work_order_p2 TO cmms_migrator", "public.work_order_p2"),
    Case(
        "partition without row security",
        "ALTER TABLE work_order_p1 NO FORCE ROW LEVEL SECURITY",
        "public.work_order_p1",
        beside=("no forced row security",),
    ),
    Case(
        "partition without row security",
        "CREATE TABLE aside (organization_id uuid) PARTITION BY LIST (organization_id);"
        " CREATE TABLE aside_a PARTITION OF aside FOR VALUES IN ('0190c1f0-0000-7000-8000-00000000000a')",
        "public.aside_a",
    ),
    Case(
        "default partition",
        "CREATE TABLE aside (organization_id uuid) PARTITION BY LIST (organization_id);"
        f" CREATE TABLE aside_rest PARTITION OF aside DEFAULT; ALTER TABLE aside_rest {FORCED.format('aside_rest')}",
        "public.aside_rest",
    ),
    Case(
        "unique key without the organization",
        "CREATE UNIQUE INDEX serials ON asset (serial)",
        "public.serials of public.asset",
    ),
    Case(
        "unique key without the organization",
        "CREATE UNIQUE INDEX titles ON work_order_p1 (lower(title))",
        "public.titles",
    ),
    Case(
        "unique key without the organization",
        "CREATE UNIQUE INDEX turned ON part (id, organization_id)",
        "public.turned",
    ),
    Case("unique key without the organization", "ALTER TABLE organization ADD UNIQUE (slug)", "organization_slug_key"),
    Case("unique key without the organization", "ALTER TABLE part ADD EXCLUDE (code WITH =)", "part_code_excl"),
    Case(
        "reference without the organization",
        "ALTER TABLE comment ADD CONSTRAINT turned FOREIGN KEY (aggregate_id, organization_id)"
        " REFERENCES part (id, organization_id) NOT VALID",
        "turned of public.comment",
    ),
    Case(
        "reference without the organization",
        "ALTER TABLE part ADD UNIQUE (id);"
        " ALTER TABLE comment ADD CONSTRAINT bare FOREIGN KEY (id) REFERENCES part (id) NOT VALID",
        "bare of public.comment",
        beside=("unique key without the organization",),
    ),
    Case(
        "reference that clears the organization",
        "ALTER TABLE asset ADD CONSTRAINT clears FOREIGN KEY (organization_id, parent_id) REFERENCES asset"
        " ON DELETE SET NULL NOT VALID",
        "clears of public.asset",
    ),
    Case(
        "reference that clears the organization",
        "ALTER TABLE asset ADD CONSTRAINT clears FOREIGN KEY (organization_id, parent_id) REFERENCES asset"
        " ON DELETE SET NULL (organization_id) NOT VALID",
        "clears of public.asset",
    ),
    Case(
        "reference that clears the organization",
        "ALTER TABLE asset ADD CONSTRAINT clears FOREIGN KEY (organization_id, parent_id) REFERENCES asset"
        " ON UPDATE SET NULL NOT VALID",
        "clears of public.asset",
    ),
    Case(
        "view with its owner's rights",
        "CREATE VIEW list AS TABLE part; GRANT SELECT ON list TO cmms_app_office",
        "public.list",
    ),
    Case(
        "view with its owner's rights",
        "CREATE VIEW list WITH (security_invoker = off, security_barrier) AS TABLE part;"
        " GRANT SELECT (id) ON list TO cmms_readonly",
        "public.list",
    ),
    Case(
        "granted materialized view",
        "CREATE MATERIALIZED VIEW dashboard AS TABLE part; GRANT SELECT ON dashboard TO cmms_app_office",
        "public.dashboard",
    ),
    Case(
        "rewriting rule", "CREATE RULE also AS ON INSERT TO part DO ALSO DELETE FROM import_row", "also on public.part"
    ),
    Case(
        "unknown definer function",
        DEFINER.format("counted()", "SET search_path = pg_catalog, pg_temp"),
        "public.counted()",
    ),
    Case(
        "unknown definer function",
        "CREATE SCHEMA own; "
        + DEFINER.format("organization_by_slug()", "")
        .replace("public.", "own.", 1)
        .replace("FROM part", "FROM public.part"),
        "own.organization_by_slug()",
    ),
    Case(
        "loose definer function",
        "ALTER FUNCTION organization_by_slug(text) RESET search_path",
        "organization_by_slug(text)",
    ),
    Case("loose definer function", "ALTER FUNCTION organization_ids() SET search_path = public", "organization_ids()"),
    Case("loose definer function", "ALTER FUNCTION organization_clocks() OWNER TO postgres", "organization_clocks()"),
    Case("loose definer function", "GRANT EXECUTE ON FUNCTION organization_ids() TO PUBLIC", "organization_ids()"),
    Case(
        "function that sees hidden rows",
        ALIKE + "ALTER FUNCTION public.alike(uuid, uuid) LEAKPROOF",
        "public.alike(uuid,uuid)",
    ),
    Case("large object", "SELECT lo_create(78); ALTER LARGE OBJECT 78 OWNER TO cmms_app_sync", "78"),
    Case(
        "large object", "SELECT lo_create(77); GRANT SELECT ON LARGE OBJECT 77 TO PUBLIC", "77", "SELECT lo_unlink(77)"
    ),
]

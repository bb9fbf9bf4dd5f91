"""Every way around the wall between organizations that a database may have, as a question to PostgreSQL's catalog.

A door asks for the names of what stands open; no name means that it is shut. What may stand open is named in
`catalog_allowed` and nowhere else. `catalog_check` asks; nothing here runs.
"""

from typing import Final

from sync_server.storage.catalog_allowed import (
    APPEND_ONLY,
    DEFINERS,
    GLOBAL,
    KEYED_OTHERWISE,
    NEVER_LOG_IN,
    OFFICE_WIDE,
    RESERVED,
    SERVING,
    WIDENED,
)
from sync_server.storage.catalog_facts import Door, texts

_BEYOND = "which is not the work of a role that serves. Take it away with REVOKE."
_BOUND = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"

ROLES: Final = (
    Door(
        "role above its work",
        "The role {thing} may do what no role that serves may: be a superuser, see past row level security, make roles "
        "or databases, or replicate. Take that away with ALTER ROLE.",
        f"""SELECT rolname::text FROM pg_roles WHERE rolname = ANY ({texts((*SERVING, *NEVER_LOG_IN))})
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
          OR (rolcanlogin AND rolname = ANY ({texts(NEVER_LOG_IN)})))""",
    ),
    Door(
        "membership",
        "{thing}, and with it what that role may do. Take it away with REVOKE.",
        """SELECT format('The role %s is a member of %s', s.name, pg_get_userbyid(m.roleid))
        FROM pg_auth_members AS m JOIN serving AS s ON s.oid = m.member""",
    ),
    Door(
        "preset tenant",
        "The role or database {thing} begins with an organization already chosen. Take it away with ALTER … RESET.",
        """SELECT coalesce(pg_get_userbyid(nullif(s.setrole, 0)), d.datname, 'of everybody') || ' (' || each || ')'
        FROM pg_db_role_setting AS s LEFT JOIN pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS each
        WHERE each ~* '^app[.]' AND (s.setdatabase = 0 OR d.datname = current_database())""",
    ),
    Door(
        "schema open to makers",
        "{thing}, " + _BEYOND,
        """SELECT format('%s may make things in the schema %s', coalesce(s.name, 'everybody'), r.nspname)
        FROM room AS r, aclexplode(r.nspacl) AS a LEFT JOIN serving AS s ON s.oid = a.grantee
        WHERE a.privilege_type = 'CREATE' AND (a.grantee = 0 OR s.oid IS NOT NULL)
        UNION ALL
        SELECT format('%s may make schemas in the database %s', coalesce(s.name, 'everybody'), d.datname)
        FROM pg_database AS d, aclexplode(d.datacl) AS a LEFT JOIN serving AS s ON s.oid = a.grantee
        WHERE d.datname = current_database() AND a.privilege_type = 'CREATE'
          AND (a.grantee = 0 OR s.oid IS NOT NULL)""",
    ),
    Door(
        "temporary things",
        "{thing}, which hides a table of the same name from whoever has the connection next. Run REVOKE TEMPORARY ON "
        "DATABASE … FROM PUBLIC.",
        """SELECT format('%s may make temporary tables in the database %s', coalesce(s.name, 'everybody'), d.datname)
        FROM pg_database AS d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
          LEFT JOIN serving AS s ON s.oid = a.grantee
        WHERE d.datname = current_database() AND a.privilege_type = 'TEMPORARY'
          AND (a.grantee = 0 OR s.oid IS NOT NULL)""",
        follows_release=True,  # `migrate` shuts it, and who has not run that yet hears of that first
    ),
    Door(
        "owned by who serves",
        "The role that serves owns {thing}, and may change it as it likes. Give it to cmms_owner.",
        """SELECT name FROM relation WHERE relowner IN (SELECT oid FROM serving)
        UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN room ON room.oid = p.pronamespace
        WHERE p.proowner IN (SELECT oid FROM serving)
        UNION ALL SELECT 'the schema ' || n.nspname FROM pg_namespace AS n JOIN room ON room.oid = n.oid
        WHERE n.nspowner IN (SELECT oid FROM serving)""",
    ),
    Door(
        "granted before it is made",
        "Whatever {thing} is opened to the server's roles or to everybody, past what the migrations say. Take that "
        "away with ALTER DEFAULT PRIVILEGES … REVOKE.",
        """SELECT DISTINCT format('%s makes', pg_get_userbyid(d.defaclrole)) FROM pg_default_acl AS d,
          aclexplode(d.defaclacl) AS a
        WHERE d.defaclobjtype IN ('r', 'S') AND (a.grantee = 0 OR a.grantee IN (SELECT oid FROM serving))""",
    ),
    Door(
        "PostgreSQL's own things",
        "{thing} of PostgreSQL itself was opened to the server's roles or to everybody. Take that away with REVOKE.",
        """SELECT p.oid::regprocedure::text FROM pg_proc AS p LEFT JOIN pg_init_privs AS i
          ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND i.objsubid = 0
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proacl IS NOT NULL
          AND EXISTS (SELECT FROM aclexplode(p.proacl) WHERE grantee = 0 OR grantee IN (SELECT oid FROM serving))
          AND NOT EXISTS (SELECT FROM aclexplode(coalesce(i.initprivs, acldefault('f', p.proowner))) WHERE grantee = 0)
        UNION ALL
        SELECT h.held::regclass::text FROM (
            SELECT c.oid, 0, a.grantee, a.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.relnamespace = 'pg_catalog'::regnamespace
            UNION ALL
            SELECT t.attrelid, t.attnum, a.grantee, a.privilege_type FROM pg_attribute AS t, aclexplode(t.attacl) AS a
            WHERE t.attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace)
          ) AS h (held, part, grantee, privilege)
        WHERE (h.grantee = 0 OR h.grantee IN (SELECT oid FROM serving)) AND NOT EXISTS (
          SELECT FROM pg_init_privs AS i, aclexplode(i.initprivs) AS b
          WHERE i.classoid = 'pg_class'::regclass AND i.objoid = h.held AND i.objsubid IN (0, h.part)
            AND b.grantee = 0 AND b.privilege_type = h.privilege)""",
    ),
)

TABLES: Final = (
    Door(
        "no forced row security",
        "The table {thing} lacks forced row level security, so that its owner or everybody sees all of it. Run ALTER "
        "TABLE … ENABLE ROW LEVEL SECURITY and FORCE ROW LEVEL SECURITY.",
        "SELECT name FROM tenant WHERE NOT is_forced",
    ),
    Door(
        "no organization",
        "The table {thing} belongs to no organization, so that whoever may use it sees all of it. Revoke what the "
        "server's roles may do there.",
        f"""SELECT DISTINCT name FROM opened WHERE kind IN ('r', 'p', 'f') AND NOT name = ANY ({texts(GLOBAL)})
        AND (kind = 'f' OR oid NOT IN (SELECT oid FROM tenant))""",
        follows_release=True,
    ),
    Door(
        "policy without the organization",
        f"The policy {{thing}} does not say just this: {_BOUND}. Drop it: of several policies the widest counts.",
        f"""SELECT thing FROM rule WHERE is_widening AND NOT coalesce(
          CASE command WHEN 'a' THEN written = wanted
          ELSE shown = wanted AND coalesce(written, shown) = wanted END, false)
        AND concat_ws(' ', thing, command, roles, shown) <> ALL ({texts(WIDENED)})""",
        follows_release=True,
    ),
    Door(
        "narrowing beside the office",
        "The policy {thing} narrows more than what the office reads: devices would lose what they hold. Drop it.",
        "SELECT thing FROM rule WHERE NOT is_widening AND NOT (command = 'r' AND roles = 'cmms_app_office')",
    ),
    Door(
        "office beyond its sites",
        "The table {thing} shows the office every site. Make its policy by site again, or revoke it from "
        "cmms_app_office.",
        f"""SELECT DISTINCT o.name FROM opened AS o
        WHERE o.holder = 'cmms_app_office' AND o.kind IN ('r', 'p') AND NOT o.name = ANY ({texts(OFFICE_WIDE)})
        AND NOT EXISTS (SELECT FROM rule WHERE rule.relation = o.oid AND NOT is_widening AND command = 'r'
          AND roles = 'cmms_app_office' AND shown ~ 'app[.]site_ids|EXISTS')""",
        follows_release=True,
    ),
    Door(
        "reserved table",
        "{thing}, " + _BEYOND,
        " UNION ALL ".join(
            f"""SELECT DISTINCT format('%s may use the table %s', holder, name) FROM opened
            WHERE name = '{name}' AND NOT holder = ANY ({texts(holders)})"""
            for name, holders in RESERVED.items()
        ),
        follows_release=True,
    ),
    Door(
        "record that can be changed",
        "{thing}, which is a record that is only ever added to. Take it away with REVOKE.",
        f"""SELECT DISTINCT format('%s may change or delete rows of %s', holder, name) FROM opened
        WHERE name = ANY ({texts(APPEND_ONLY)}) AND privilege IN ('UPDATE', 'DELETE')""",
    ),
    Door(
        "privilege that no policy binds",
        "{thing}, which row level security does not bind. Take it away with REVOKE.",
        """SELECT DISTINCT format('%s holds %s on %s', holder, privilege, name) FROM opened
        WHERE privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')""",
    ),
    Door(
        "granted to everybody",
        "Everybody who can connect may use {thing}. Revoke it from PUBLIC.",
        "SELECT DISTINCT name FROM opened WHERE holder = 'PUBLIC'",
    ),
    Door(
        "sequence",
        "The numbers of {thing} are counted for all organizations together, and tell one what others do. Revoke it.",
        "SELECT DISTINCT name FROM opened WHERE kind = 'S'",
    ),
    Door(
        "granted partition",
        "The partition {thing} may be used by its own name, past the policies of its table. Revoke that.",
        """SELECT DISTINCT name FROM granted WHERE pg_get_userbyid(grantee) <> 'cmms_backup'
        AND oid IN (SELECT oid FROM relation WHERE is_partition)""",
    ),
    Door(
        "partition without row security",
        "The partition {thing} lacks forced row level security. Run ALTER TABLE … ENABLE ROW LEVEL SECURITY and FORCE "
        "ROW LEVEL SECURITY.",
        "SELECT name FROM relation WHERE is_partition AND kind IN ('r', 'p', 'f') AND NOT is_forced",
    ),
    Door(
        "default partition",
        "{thing} takes rows that no other partition is made for. Detach it.",
        """SELECT p.partdefid::regclass::text FROM pg_partitioned_table AS p JOIN relation AS r ON r.oid = p.partrelid
        WHERE p.partdefid <> 0""",
    ),
)

KEYS: Final = (
    Door(
        "unique key without the organization",
        "The unique key {thing} does not start with organization_id, so that one organization finds out what another "
        "has. Drop it.",
        f"""SELECT format('%s of %s', x.indexrelid::regclass, t.name) FROM pg_index AS x JOIN tenant AS t
          ON t.oid = x.indrelid
        WHERE (x.indisunique OR x.indisexclusion) AND x.indkey[0] <> t.attnum
          AND NOT t.name = ANY ({texts(KEYED_OTHERWISE)})""",
        follows_release=True,
    ),
    Door(
        "reference without the organization",
        "The foreign key {thing} does not start with organization_id on both sides, so that one organization finds out "
        "what another has. Drop it.",
        f"""SELECT format('%s of %s', k.conname, k.conrelid::regclass) FROM pg_constraint AS k
        LEFT JOIN tenant AS own ON own.oid = k.conrelid LEFT JOIN tenant AS other ON other.oid = k.confrelid
        WHERE k.contype = 'f' AND (own.oid IS NOT NULL OR other.oid IS NOT NULL)
          AND NOT (k.conkey[1] = coalesce(own.attnum, 0) AND k.confkey[1] = coalesce(other.attnum, 0))
          AND NOT (own.oid IS NOT NULL AND k.confrelid::regclass::text = ANY ({texts(GLOBAL)}))""",
        follows_release=True,
    ),
    Door(
        "reference that clears the organization",
        "The foreign key {thing} would clear organization_id, too. Make it again with ON DELETE SET NULL (column).",
        """SELECT format('%s of %s', k.conname, t.name) FROM pg_constraint AS k JOIN tenant AS t ON t.oid = k.conrelid
        WHERE k.contype = 'f' AND t.attnum = ANY (k.conkey) AND (k.confupdtype IN ('n', 'd')
          OR (k.confdeltype IN ('n', 'd') AND t.attnum = ANY (coalesce(k.confdelsetcols, k.conkey))))""",
    ),
)

PROGRAMS: Final = (
    Door(
        "view with its owner's rights",
        "The view {thing} shows what its owner may see. Drop it, or make it with security_invoker.",
        """SELECT name FROM relation AS r WHERE kind = 'v' AND oid IN (SELECT oid FROM opened)
        AND NOT EXISTS (SELECT FROM pg_options_to_table(r.reloptions)
          WHERE option_name = 'security_invoker' AND option_value::boolean)""",
    ),
    Door(
        "granted materialized view",
        "The materialized view {thing} keeps rows of every organization. Revoke it from the server's roles.",
        "SELECT DISTINCT name FROM opened WHERE kind = 'm'",
    ),
    Door(
        "rewriting rule",
        "The rule {thing} does more than it was asked for, with its owner's rights. Drop it.",
        """SELECT format('%s on %s', w.rulename, r.name) FROM pg_rewrite AS w JOIN relation AS r ON r.oid = w.ev_class
        WHERE w.rulename <> '_RETURN' AND r.oid IN (SELECT oid FROM opened)""",
    ),
    Door(
        "unknown definer function",
        "The function {thing} runs with its owner's rights and is none of this server's. Drop it.",
        f"""SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN room ON room.oid = p.pronamespace
        WHERE p.prosecdef AND NOT p.oid::regprocedure::text = ANY ({texts(DEFINERS)})""",
        follows_release=True,
    ),
    Door(
        "loose definer function",
        "The function {thing} runs with its owner's rights, but has not the owner, the fixed search_path or the "
        "callers that it was made with. Restore it from a backup, or make it again as its migration does.",
        " UNION ALL ".join(
            f"""SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN room ON room.oid = p.pronamespace
            WHERE p.prosecdef AND p.oid::regprocedure::text = '{name}'
              AND (pg_get_userbyid(p.proowner) <> '{owner}'
                OR NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)
                OR EXISTS (
                  SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0))"""
            for name, owner in DEFINERS.items()
        ),
    ),
    Door(
        "function that sees hidden rows",
        "The function {thing} is called leakproof, so that it is given rows before row level security hides them. Run "
        "ALTER FUNCTION … NOT LEAKPROOF.",
        """SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN room ON room.oid = p.pronamespace
        WHERE p.proleakproof
          AND NOT EXISTS (SELECT FROM added WHERE added.classid = 'pg_proc'::regclass AND added.objid = p.oid)""",
    ),
    Door(
        "large object",
        "The large object {thing} belongs to no organization. Remove it with lo_unlink.",
        """SELECT o.oid::text FROM pg_largeobject_metadata AS o
        WHERE o.lomowner IN (SELECT oid FROM serving)
          OR EXISTS (SELECT FROM aclexplode(o.lomacl) WHERE grantee = 0 OR grantee IN (SELECT oid FROM serving))""",
    ),
)

DOORS: Final = (*ROLES, *TABLES, *KEYS, *PROGRAMS)
"""In the order in which an administrator should hear of them."""

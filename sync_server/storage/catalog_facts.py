"""What a question to PostgreSQL's catalog about the wall between organizations is, and the facts that several ask of.

Nothing here runs, and nothing here knows what may stand open but the roles that serve.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sync_server.storage.catalog_allowed import SERVING


@dataclass(frozen=True, slots=True)
class Door:
    """One way around the wall.

    Attributes:
        name: What a test calls it.
        sentence: What an administrator reads: `{thing}` is what stands open, and how it is shut.
        query: Gives one text a row: the things that stand open.
        follows_release: A later release may have good reason to open more: not asked while a process runs on a schema
            that is newer than itself.
    """

    name: str
    sentence: str
    query: str
    follows_release: bool = False


def texts(names: Iterable[str]) -> str:
    """Write names of ours as an array of PostgreSQL's."""
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]::text[]"


FACTS: Final = f"""
serving AS MATERIALIZED (
  SELECT oid, rolname::text AS name FROM pg_roles WHERE rolname = ANY ({texts(SERVING)})
),
added AS MATERIALIZED (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
room AS MATERIALIZED (
  SELECT oid, nspname, nspacl FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
),
relation AS MATERIALIZED (
  SELECT c.oid, c.oid::regclass::text AS name, c.relkind AS kind, c.relispartition AS is_partition, c.relacl,
    c.relrowsecurity AND c.relforcerowsecurity AS is_forced, c.relowner, c.reloptions
  FROM pg_class AS c JOIN room ON room.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (SELECT FROM added WHERE added.classid = 'pg_class'::regclass AND added.objid = c.oid)
),
granted AS MATERIALIZED (
  SELECT r.oid, r.name, r.kind, a.grantee, a.privilege_type AS privilege
  FROM relation AS r, aclexplode(r.relacl) AS a WHERE a.grantee <> r.relowner
  UNION
  SELECT r.oid, r.name, r.kind, a.grantee, a.privilege_type
  FROM relation AS r JOIN pg_attribute AS t ON t.attrelid = r.oid AND t.attacl IS NOT NULL AND NOT t.attisdropped,
    aclexplode(t.attacl) AS a WHERE a.grantee <> r.relowner
),
opened AS MATERIALIZED (
  SELECT g.oid, g.name, g.kind, g.privilege, coalesce(s.name, 'PUBLIC') AS holder
  FROM granted AS g LEFT JOIN serving AS s ON s.oid = g.grantee WHERE g.grantee = 0 OR s.oid IS NOT NULL
),
tenant AS MATERIALIZED (
  SELECT r.oid, r.name, r.is_forced, r.is_partition, a.attnum, a.attname
  FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND NOT a.attisdropped
    AND a.attname = CASE r.name WHEN 'public.organization' THEN 'id' ELSE 'organization_id' END
  WHERE r.kind IN ('r', 'p') AND (r.oid IN (SELECT oid FROM opened) OR pg_get_userbyid(r.relowner) = 'cmms_owner')
),
rule AS MATERIALIZED (
  SELECT p.polname || ' on ' || t.name AS thing, t.oid AS relation, p.polcmd AS command,
    p.polpermissive AS is_widening, coalesce(
      (SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE oid = ANY (p.polroles)), '') AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS shown, pg_get_expr(p.polwithcheck, p.polrelid) AS written,
    format('(%I = (NULLIF(current_setting(''app.organization_id''::text, true), ''''::text))::uuid)', t.attname)
      AS wanted
  FROM pg_policy AS p JOIN tenant AS t ON t.oid = p.polrelid
)
"""
"""What several doors ask of. Of extensions only their functions count: an administrator chose them."""

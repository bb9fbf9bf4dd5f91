"""Organizations as whoever runs the server sees them: which there are, and whether they work."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from sync_server.errors import Refused
from sync_server.storage.engine import Database

LIST = """
SELECT o.id::text AS organization_id, coalesce(d.slug, o.slug) AS slug, o.name, o.created_at,
  (SELECT n.domain FROM organization_domain AS n WHERE n.organization_id = o.id AND n.is_primary) AS domain,
  o.time_zone, o.days_with_people, o.days_in_review, o.enrols_by_code,
  o.suspended_at, o.suspended_because, o.removal_began_at, s.plan_code,
  (SELECT count(*) FROM person AS p WHERE p.organization_id = o.id AND p.is_active AND p.deleted_at IS NULL) AS people,
  (SELECT count(*) FROM device AS v WHERE v.organization_id = o.id AND v.revoked_at IS NULL AND v.wiped_at IS NULL)
    AS devices,
  (SELECT count(*) FROM site AS t WHERE t.organization_id = o.id AND t.deleted_at IS NULL) AS sites,
  (SELECT count(*) FROM work_order AS w WHERE w.organization_id = o.id AND w.deleted_at IS NULL
    AND w.status NOT IN ('closed', 'cancelled', 'rejected')) AS open_orders
FROM organization AS o LEFT JOIN organization_directory AS d ON d.organization_id = o.id
LEFT JOIN subscription AS s ON s.organization_id = o.id AND s.ended_on IS NULL
WHERE %(slug)s::text IS NULL OR d.slug = %(slug)s ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """One organization. Counts are of what is there now: active people, devices that are neither revoked nor wiped."""

    organization_id: str
    slug: str
    name: str
    domain: str | None
    created_at: datetime
    time_zone: str
    days_with_people: int
    days_in_review: int
    enrols_by_code: bool
    suspended_at: datetime | None
    suspended_because: str | None
    removal_began_at: datetime | None
    plan_code: str | None
    people: int
    devices: int
    sites: int
    open_orders: int

    @property
    def state(self) -> str:
        """One of `active`, `suspended` and `being removed`."""
        if self.removal_began_at is not None:
            return "being removed"
        return "active" if self.suspended_at is None else "suspended"


def organizations(database: Database, *, slug: str | None = None) -> list[Overview]:
    """Give all organizations by slug, or the one with a slug.

    Read past row security: whoever runs the server asks, and no request leads here.
    """
    with database.transaction("migrator", None, read_only=True, row_factory=class_row(Overview)) as connection:
        return connection.execute(LIST, {"slug": slug}).fetchall()


def organization(database: Database, slug: str) -> Overview:
    """Give one organization. Raises Refused when there is none of that name."""
    found = organizations(database, slug=slug.replace("\0", "")[:64])
    if not found:
        raise Refused("not_found", f"There is no organization called {slug}.")
    return found[0]

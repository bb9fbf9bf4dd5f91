"""People, teams, and who may enter which site. Never credentials: those stay on the server."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Guid, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced

ROLES = ("technician", "supervisor", "planner", "manager", "admin", "customer")
"""Roles of product.md §1."""


class PersonFields(SyncedEntity):
    """Somebody of the organization. His site roles are in `site_access`."""

    entity = "person"
    aggregates = ("person",)

    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """What others read of him."""
    role: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, words=ROLES)
    """What he is where no `site_access` says otherwise; managers and admins are it at every site."""
    is_active: Mapped[bool] = synced(Boolean, merge=Merge.OFFICE_WINS, default=True)
    """Whether he may sign in. False: dismissed, and his devices are wiped once they have handed in."""


class SiteAccessFields(SyncedEntity):
    """A person may enter a site, in a role there."""

    entity = "site_access"
    aggregates = ("person",)

    person_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    """Who may enter. Several rows for one site count as the greatest role."""
    site_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="site")
    """Where."""
    role: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, words=ROLES)
    """What he is there, and there alone."""


class TeamFields(SyncedEntity):
    """People who share orders."""

    entity = "team"
    aggregates = ("team",)

    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, characters=200)
    """What people call the team."""
    site_id: Mapped[str | None] = synced(Guid, merge=Merge.OFFICE_WINS, references="site")
    """Site of the team. None: it works at all sites, and only a manager changes it."""


class TeamMemberFields(SyncedEntity):
    """A person is in a team; its orders are his."""

    entity = "team_member"
    aggregates = ("team",)

    team_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="team")
    """The team."""
    person_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person")
    """Who is in it."""

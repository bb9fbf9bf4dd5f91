"""People, teams, and who may enter which site. Never credentials: those stay on the server."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Boolean, Guid, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced

ROLES = ("technician", "supervisor", "planner", "manager", "admin", "customer")
"""Roles of product.md §1."""
SCOPES = ("own", "team", "site", "organization")
"""How far a permission reaches, from least to greatest; rules/matrix.py says what each means."""


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


class PersonPermissionFields(SyncedEntity):
    """What a person may do besides what his role gives him, where he already works. Given and taken, never changed."""

    entity = "person_permission"
    aggregates = ("person_permission",)
    since = 3

    person_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="person", since=3)
    """Who may."""
    resource: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60, since=3)
    """What with: an entity of the matrix of permissions. What a program does not know gives nothing."""
    action: Mapped[str] = synced(Text, merge=Merge.FIXED, characters=60, since=3)
    """What he may do with it: an action that the matrix has for the resource."""
    scope: Mapped[str] = synced(Text, merge=Merge.FIXED, words=SCOPES, since=3)
    """How far."""
    site_id: Mapped[str | None] = synced(Guid, merge=Merge.FIXED, references="site", since=3)
    """The one site where it holds. None: wherever he has a role, and for what belongs to no site."""

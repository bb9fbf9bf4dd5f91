"""How an organization appears to its people: the name that they know, its colour, and whom they ask for help."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Text
from sync_server.contract.fields import Merge, SyncedEntity, synced


class BrandingFields(SyncedEntity):
    """How the organization appears on its devices. Written by command only; of several rows the last counts."""

    entity = "branding"
    aggregates = ("branding",)
    since = 4

    name: Mapped[str] = synced(Text, merge=Merge.DERIVED, since=4, characters=200)
    """What its people call it."""
    colour: Mapped[str | None] = synced(Text, merge=Merge.DERIVED, since=4, characters=7)
    """Its colour, `#rrggbb`. None, or what is no colour: the program's own."""
    help_text: Mapped[str | None] = synced(Text, merge=Merge.DERIVED, since=4, characters=500)
    """Whom to ask for help and how, in words. None: nobody is named."""

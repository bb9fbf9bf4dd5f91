"""What an organization calls things by itself: words in place of the program's own, where people read them."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import Text
from sync_server.contract.fields import Merge, SyncedEntity, synced

KINDS = ("status", "priority", "type")


class I18nStringFields(SyncedEntity):
    """A word of the organization in one language. Written by command only; its id follows from what it stands for."""

    entity = "i18n_string"
    aggregates = ("i18n_string",)
    since = 5

    language: Mapped[str] = synced(Text, merge=Merge.DERIVED, since=5, characters=8)
    """Language that it is of, such as `en`."""
    kind: Mapped[str] = synced(Text, merge=Merge.DERIVED, since=5, words=KINDS)
    """Of which closed words of an order it stands for one."""
    word: Mapped[str] = synced(Text, merge=Merge.DERIVED, since=5, characters=40)
    """The closed word, as it is stored everywhere."""
    text: Mapped[str] = synced(Text, merge=Merge.DERIVED, since=5, characters=40)
    """What people read in its place."""

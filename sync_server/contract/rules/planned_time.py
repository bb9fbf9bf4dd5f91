"""What an event on a calendar must say to be one: whom it concerns, and an end after its beginning. Pure.

Who sees it says membership, who may plan it the matrix of permissions.
"""

from typing import Final

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.fields import Row

CALENDAR_EVENT: Final = "calendar_event"


def check(entity: str, row: Row) -> None:
    """Compare the parts of an event; a row of another entity is none. Instants in wire form sort as they follow.

    Raises:
        InvalidValueError: it concerns nobody, or a person and a team, or ends before it has begun.
    """
    if entity != CALENDAR_EVENT:
        return
    if (row["person_id"] is None) == (row["team_id"] is None):
        raise InvalidValueError("an event concerns a person or a team")
    if str(row["ends_at"]) <= str(row["begins_at"]):
        raise InvalidValueError("an event ends after it begins")

"""How an organization appears to its people: written like any other record, so that devices have it with a sync."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sync_server.application.organizations import new_row
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules.colours import colour_of
from sync_server.errors import Refused
from sync_server.storage.engine import Database

ENTITY = "branding"


@dataclass(frozen=True, slots=True)
class Appearance:
    """What an administrator says of it. None: as it was; an empty text: nothing any more, but for the name."""

    name: str | None = None
    colour: str | None = None
    help_text: str | None = None


def appear(database: Database, organization_id: str, said: Appearance) -> None:
    """Let an organization appear so on its devices. Its row has the organization's id, so there is one.

    Raises:
        Refused: A value cannot be, or there is no name yet.
    """
    values = _values(said)
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.lock([(ENTITY, organization_id)])
        standing = work.get(ENTITY, organization_id)
        if standing is None and "name" not in values:
            raise Refused("invalid_value", "Say first what people call the organization, with --name.")
        now = instant_text(datetime.now(UTC))
        row = (
            new_row(ENTITY, organization_id, organization_id, **values)
            if standing is None
            else {**standing, **values, "updated_at": now, "deleted_at": None}
        )
        work.put({(ENTITY, organization_id): row})
        work.finish()


def _values(said: Appearance) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    if said.name is not None:
        values["name"] = said.name.strip()
        if not values["name"] or not said.name.strip().isprintable() or len(said.name.strip()) > 200:
            raise Refused("invalid_value", "The name must have 1 to 200 characters.")
    if said.colour is not None:
        values["colour"] = colour_of(said.colour)
        if said.colour and values["colour"] is None:
            raise Refused("invalid_value", "A colour is written like #0f6cbd.")
    if said.help_text is not None:
        values["help_text"] = said.help_text.strip() or None
        if len(said.help_text.strip()) > 500 or "\0" in said.help_text:
            raise Refused("invalid_value", "Whom to ask is said in at most 500 characters.")
    return values

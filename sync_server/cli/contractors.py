"""Companies whose people work on orders, as an administrator keeps them."""

from datetime import date

from sync_server.application import contractors
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.config import ServerSettings


def put(slug: str, code: str, *, name: str | None, until: date | None) -> Answer:
    """Make or change a contractor."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        contractors.put_contractor(database, organization_id, code, name=name, insured_until=until)
    return {"contractor": code}, f"The contractor {code} is known."


def add(slug: str, code: str, *, login: str | None, team: str | None) -> Answer:
    """Let a person or a team belong to a contractor."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        contractors.belongs(database, known_organization(database, slug), code, login=login, team=team)
    return {"contractor": code, "login": login, "team": team}, f"{login or team} belongs to {code}."


def drop(slug: str, *, login: str | None, team: str | None) -> Answer:
    """Let a person or a team belong to no contractor."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        contractors.leaves(database, known_organization(database, slug), login=login, team=team)
    return {"login": login, "team": team}, f"{login or team} belongs to no contractor."


def remove(slug: str, code: str) -> Answer:
    """Let a contractor get no orders any more."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        count = contractors.end(database, known_organization(database, slug), code)
    orders = "1 order" if count == 1 else f"{count} orders"
    left = f" It still has {orders} open: give them to somebody else." if count else ""
    return {"contractor": code, "open_orders": count}, f"The contractor {code} gets no orders any more.{left}"

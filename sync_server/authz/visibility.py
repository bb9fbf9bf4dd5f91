"""From a person to the scopes that his devices may hold. Every read of a device starts here."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.messages import MAX_SCOPES
from sync_server.contract.rules.draft import EVERYWHERE, Actor, Extra
from sync_server.storage.unit_reads import ACTIVE_PEOPLE, Person
from sync_server.storage.wire_rows import id_array


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request speaks for, as its token proved. `is_awaited`: its device has something to do, told in hello."""

    organization_id: str
    person_id: str
    device_id: str
    is_awaited: bool = False


def load_actors(connection: Connection[TupleRow], organization_id: str, person_ids: Iterable[str]) -> dict[str, Actor]:
    """Give the active ones among some people, with their roles per site."""
    asked = {"organization": organization_id, "people": id_array(set(person_ids))}
    found = connection.execute(ACTIVE_PEOPLE.encode(), asked)
    return {row[0]: actor_of((row[0], row[1], row[2], row[3])) for row in found}


def actor_of(person: Person) -> Actor:
    """Give the actor whom a person's rows describe."""
    person_id, role, site_roles, extras = person
    return Actor(person_id, role, site_roles, tuple(Extra(*each) for each in extras))


@dataclass(frozen=True, slots=True)
class Grant:
    """What the devices of a person hold. `sites_left_out`: sites of which something does not fit."""

    scopes: tuple[str, ...]
    sites_left_out: int = 0


def scopes_of(connection: Connection[TupleRow], organization_id: str, actor: Actor) -> tuple[str, ...]:
    """Scopes that the devices of a person hold, at most 64, the most personal first."""
    return grant_of(connection, organization_id, actor).scopes


def grant_of(connection: Connection[TupleRow], organization_id: str, actor: Actor) -> Grant:
    """Give the scopes of a person's devices, and how many sites they are cut short of."""
    sites = None
    if actor.role in EVERYWHERE:
        found = connection.execute(
            "select id::text from site where organization_id = %s and deleted_at is null order by id",
            (organization_id,),
        )
        sites = [row[0] for row in found]
    return grant_at(actor, sites)


def grant_at(actor: Actor, sites: Iterable[str] | None) -> Grant:
    """Give a person's scopes, at all sites when he may enter each of them; None: at those that he has a role at."""
    entered = sorted(actor.site_roles) if sites is None else list(sites)
    office = [f"{kind}:{site}" for kind in ("review", "site") for site in entered if actor.is_office_at(site)]
    field = [f"{kind}:{site}" for kind in ("stock", "assets") for site in entered]
    every = (f"user:{actor.person_id}", "org:catalog", *office, *field)
    return Grant(every[:MAX_SCOPES], len({scope.partition(":")[2] for scope in every[MAX_SCOPES:]}))


def may_hold(actor: Actor, scope_id: str) -> bool:
    """Whether a scope is one of the person's, without asking the database."""
    kind, _, subject = scope_id.partition(":")
    if kind == "user":
        return subject == actor.person_id
    if kind in {"review", "site"}:
        return actor.is_office_at(subject)
    return kind == "org" or actor.role_at(subject) is not None

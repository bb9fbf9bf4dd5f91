"""Whether somebody may do something: asked by the server for every mutation, by the client before it offers anything.

Deny by default: what the matrix does not give, and nobody was given besides, is refused with the sentence that names
who may. Whether somebody may see a record is asked elsewhere (membership); whether a change makes sense, in policy.py.
"""

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules.draft import FROM_LEAST_TO_GREATEST, Actor
from sync_server.contract.rules.matrix import MATRIX, RESOURCES, SCOPES, cells_of, is_permission

NOT_FOUND = Problem("not_found", "This record does not exist, or you may not see it.")
FOLLOWS = Problem("not_allowed", "Nobody writes this record himself: it follows from other changes.")
APPENDED = Problem("append_only", "This entry is part of the record and cannot be changed. Add a new one.")
UNDELETABLE = Problem("append_only", "This entry is part of the record and cannot be deleted.")

GUEST = "technician"
"""Who holds an order of a site where he has no role was sent there, and works like a technician."""

_VERBS = {"set": "change", "answer_all": "change", "resolve": "settle", "accept": "decide", "decline": "decide"}
_SAID = {
    "create": "make",
    "work": "work on",
    "review": "sign off or return",
    "decide": "decide about",
}
"""Actions whose verb in a sentence is another word."""
OWNERS = ("person_id", "author_id", "signer_id", "created_by")
"""Columns that say whose a row is; the first one that the row has counts."""
OF_ONE_PERSON = frozenset({"notification"})
"""Resources of which each is one person's, wherever he has a role: no office is told that it is there."""


class Place(msgspec.Struct, frozen=True):
    """Where something is done: at which site (None: it belongs to none), and how near it is to who does it."""

    site_id: object
    is_held: bool = False
    """The record is assigned to him or to a team of his, or made by him."""
    is_own: bool = True
    """The row itself is his. A row that is only being made is."""


@lru_cache(maxsize=512)
def action_of(type_: str) -> str:
    """Give the action of a mutation's type. An unknown verb counts as a change; the policy refuses it."""
    entity, _, verb = type_.rpartition(".")
    if entity == "held_mutation" and verb == "set":
        return "decide"
    return verb if verb in {"create", "delete"} else _VERBS.get(verb, "change")


def may(actor: Actor, resource: str, action: str, place: Place) -> Problem | None:
    """Whether somebody may do something with a resource at a place; None: he may."""
    role = actor.role_at(place.site_id)
    if role is None and place.is_held and actor.role != "customer" and _is_of_order(resource):
        role = GUEST
    if role is None and place.is_held and resource in OF_ONE_PERSON:
        role = actor.role
    if role is None:
        return NOT_FOUND
    if (problem := _impossible(resource, action)) is not None:
        return problem
    scope = cells_of(resource, action).get(role)
    if scope is not None and _reaches(scope, actor, place):
        return None
    if any(_reaches(scope, actor, place) for scope in _given(actor, resource, action, place)):
        return None
    return refusal(resource, action)


def actions_given(actor: Actor, resource: str, place: Place) -> frozenset[str]:
    """Give the actions that somebody may do at a place though his role does not let him."""
    named = {extra.action for extra in actor.extras if extra.resource == resource}
    return frozenset(action for action in named if may(actor, resource, action, place) is None)


def may_do(actor: Actor, type_: str, place: Place) -> Problem | None:
    """Whether somebody may make a mutation of a type at a place."""
    return may(actor, type_.rpartition(".")[0], action_of(type_), place)


def may_decide(actor: Actor, *, author_id: object, site_id: object) -> Problem | None:
    """Whether somebody may decide about a held mutation of an author, which is about a site; never the author."""
    if author_id == actor.person_id:
        return Problem("own_work", "Nobody decides about his own change.")
    return may(actor, "held_mutation", "decide", Place(site_id)) and refusal("held_mutation", "decide")


def may_plan(actor: Actor, resource: str, place: Place) -> Problem | None:
    """Whether somebody's edits of planning fields count; those of others become requests.

    Where nobody but the office changes a resource, that is changing it.
    """
    return may(actor, resource, "plan" if cells_of(resource, "plan") else "change", place)


def _given(actor: Actor, resource: str, action: str, place: Place) -> Iterator[str]:
    """Scopes in which somebody was given an action; at one site only, where the row says so."""
    for extra in actor.extras:
        is_meant = (extra.resource, extra.action) == (resource, action) and extra.scope in SCOPES
        if is_meant and is_permission(resource, action) and extra.site_id in {None, place.site_id}:
            yield extra.scope


def is_own(actor: Actor, row: Row | None) -> bool:
    """Whether a row is somebody's, as it says itself. One that is not there yet is its maker's."""
    if row is None:
        return True
    for name in OWNERS:
        if (owner := row.get(name)) is not None:
            return owner == actor.person_id
    return False


@lru_cache(maxsize=512)
def refusal(resource: str, action: str) -> Problem:
    """Say who may, to somebody who may not, or not here."""
    cells = cells_of(resource, action)
    roles = [role for role in FROM_LEAST_TO_GREATEST if role in cells]
    what = f"{_SAID.get(action, action)} {RESOURCES[resource].called if resource in RESOURCES else 'these records'}"
    if not roles:
        return Problem("not_allowed", f"Nobody may {what}.")
    limits = {"own": "of his own", "team": "that he holds"}
    who = [f"{_named(role)}{f' ({limits[cells[role]]})' if cells[role] in limits else ''}" for role in roles]
    where = " of the site" if "site" in cells.values() else ""
    return Problem("not_allowed", f"Only {_listed(who)}{where} may {what}.")


def follows(resource: str) -> bool:
    """Whether records of a kind only follow from others: whoever may change those may bring them."""
    return resource in MATRIX and not MATRIX[resource].actions


@lru_cache(maxsize=512)
def impossible(type_: str) -> Problem | None:
    """Say what nobody can do whatever his rights are, because of what the record is; None: somebody can."""
    return _impossible(type_.rpartition(".")[0], action_of(type_))


@lru_cache(maxsize=512)
def _impossible(resource: str, action: str) -> Problem | None:
    spec = REGISTRY.get(resource)
    if follows(resource):
        return FOLLOWS
    if spec is not None and spec.append_only and action in {"change", "delete"}:
        return APPENDED if action == "change" else UNDELETABLE
    return None


def _is_of_order(resource: str) -> bool:
    spec = REGISTRY.get(resource)
    return spec is not None and "work_order" in spec.aggregates


def _reaches(scope: str, actor: Actor, place: Place) -> bool:
    if scope == "own":
        return place.is_held and place.is_own
    if place.is_held or scope == "organization":
        return True
    return scope == "site" and place.site_id is not None and actor.role_at(place.site_id) is not None


def _named(role: str) -> str:
    return "an administrator" if role == "admin" else f"a {role}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

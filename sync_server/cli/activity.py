"""The activity log of an organization: listed, verified, and made to forget a person."""

from dataclasses import asdict
from typing import Any

from sync_server.app import server_key_of
from sync_server.application import activity, activity_proof
from sync_server.application.activity import Told
from sync_server.application.permissions import person_with_login
from sync_server.cli.administration import known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of, one_line
from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure

Answer = tuple[dict[str, object], str]


def show(slug: str, *, act: str | None, concerning: str | None, since: str | None, count: int) -> Answer:
    """Show the newest lines that are asked for."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        lines = activity.told(database, organization_id, act=act, concerning=concerning, since=since, count=count)
    return {"lines": [asdict(line) for line in lines]}, lines_of(map(_sentence, lines)) or "Nothing of that was done."


def verify(slug: str, *, known: tuple[int, str] | None) -> Answer:
    """Check all lines. Raises EnvironmentFailure with the first thing that is wrong."""
    settings = ServerSettings.from_environment()
    public_key = server_key_of(settings).public_key
    with ready_database(settings) as (database, _):
        organization_id = known_organization(database, slug)
        proof = activity_proof.prove(database, organization_id, public_key=public_key, known=known)
    if proof.fault is not None:
        raise EnvironmentFailure(f"The activity log of {slug} is broken. {proof.fault}")
    (last, digest), first = proof.last, proof.first
    answer: dict[str, object] = {"first": first, "last": last, "hash": digest, "signed_upto": proof.signed_upto}
    if not last:
        return answer, f"The activity log of {slug} has no lines."
    taken = f" Lines 1 to {first - 1} were taken out of the database after their months were detached." * (first > 1)
    signed = f" The server signed line {proof.signed_upto}." if proof.signed_upto else " None of them is signed yet."
    whole = f"The activity log of {slug} holds together, lines {first} to {last}.{taken}{signed}"
    return answer, f"{whole}\n{last}:{digest}"


def forget(slug: str, *, login: str) -> Answer:
    """Forget what the log has of a person."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        count = activity.forget(database, organization_id, person_with_login(database, organization_id, login))
    return {"forgotten": count}, f"{count} values about {login} are forgotten. The log still holds together."


def _sentence(line: Told) -> str:
    body = line.body
    who = line.actor or body["actor"] or body["command"] or "the server"
    parts = [f"{line.seq}  {line.at[:19].replace('T', ' ')} UTC", body["act"]]
    parts += [f"{body['row']}"] if body["row"] else []
    parts += [f"by {who}" + (f" ({body['account']})" if body["account"] else "")]
    parts += [f"on device {body['device'][:8]}"] if body["device"] else []
    parts += [f"from {body['address']}"] if body["address"] else []
    return "  ".join([*parts, *_changes(body)])


def _changes(body: dict[str, Any]) -> list[str]:
    """What was and what is, column by column."""
    old, new = body["old"], body["new"]
    names = dict.fromkeys([*old, *new])
    return [
        f"{name}: {_shown(old[name])} → {_shown(new.get(name))}" if name in old else f"{name}: {_shown(new[name])}"
        for name in names
    ]


def _shown(value: object) -> str:
    """A value on one line, whatever characters are in it."""
    return one_line("nothing" if value is None else str(value))

"""Devices of an organization: how new ones come in, how they stand, and what they have to do."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from sync_server.application import device_care, enrolling
from sync_server.cli.administration import known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of, one_line
from sync_server.config import ServerSettings
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules.enrolment import code_link, shown_code
from sync_server.contract.rules.profile_checks import is_https
from sync_server.contract.standing import LOCK, VERIFY, WIPE
from sync_server.errors import Refused
from sync_server.storage.device_commands import DeviceFacts

Answer = tuple[dict[str, object], str]
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?|[0-9a-f:.]+")
"""A name that a certificate may speak for, or an IP address; `hostname` is in small letters."""
SAID = {
    LOCK: "It locks at its next contact and asks for its person's password; the work on it stays.",
    VERIFY: "It compares everything it holds at its next contact.",
    WIPE: "It hands in what it has not sent at its next contact, and destroys its keys and files.",
}


def enrol_code(login: str, slug: str, *, sets_password: bool, server_url: str | None) -> Answer:
    """Make a one-time code for a person's new device; it is shown here and nowhere else.

    Raises:
        Refused: The address is none, there is no such organization or person, or nobody is enrolled there now.
    """
    if server_url is not None:
        check_address(server_url)
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        made = enrolling.make_code(database, organization_id, login=login, sets_password=sets_password)
    shown = shown_code(made.code)
    answer: dict[str, object] = {"code": shown, "login": login, "expires_at": instant_text(made.expires_at)}
    how = "the password that he types with it becomes his" if sets_password else "he needs his password besides"
    lines = [f"{shown}", f"Lets in one new device of {login}, once, until {_minute(made.expires_at)}; {how}."]
    if server_url is not None:
        answer["link"] = code_link(server_url, organization=slug, login=login, code=made.code)
        lines.append(f"{answer['link']}")
    return answer, lines_of(lines)


def check_address(server_url: str) -> None:
    """Refuse what is no https address of a server, such as a profile may name. Raises Refused."""
    address = server_url.removesuffix("/")
    if not is_https(address) or not HOST.fullmatch(urlsplit(address).hostname or ""):
        raise Refused("invalid_value", "The address of a server is written like https://sync.north.example.")


def list_devices(slug: str) -> Answer:
    """List devices with version, last contact, what they have not sent, and their clocks."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = device_care.device_list(database, known_organization(database, slug))
    lines = [_line(each) for each in found]
    return {"devices": [_described(each) for each in found]}, lines_of(lines) or f"{slug} has no devices."


def command_device(device_id: str, slug: str, *, kind: str) -> Answer:
    """Let a device be locked, checked or wiped."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        facts = device_care.command(database, known_organization(database, slug), device_id, kind=kind)
    return _described(facts), f"{_named(facts)}: {SAID[kind]} {_pending(facts)}"


def revoke_device(device_id: str, slug: str, *, is_stolen: bool) -> Answer:
    """Revoke a device, from its next request on."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        facts = device_care.revoke(database, organization_id, device_id, is_stolen=is_stolen)
    if facts.wiped_at is not None:
        return _described(facts), f"{_named(facts)} is revoked. It was wiped before, and nothing is left on it."
    after = (
        "It is wiped at its next contact; what it has not sent is lost."
        if is_stolen
        else "At its next contact it hands in, sealed, what it has not sent, and is wiped."
    )
    return _described(facts), f"{_named(facts)} is revoked. {after} {_pending(facts)}"


def _named(facts: DeviceFacts) -> str:
    return one_line(f"{facts.person}'s device {facts.id[:8]} ({facts.name})")


def _pending(facts: DeviceFacts) -> str:
    """What it had not sent when it was last heard: nobody knows more."""
    if facts.last_seen_at is None or facts.pending is None:
        return "It was never heard of, so nobody knows what is on it."
    count = f"{facts.pending} {'change' if facts.pending == 1 else 'changes'} not sent"
    return f"It had {count} when it was last heard, {_minute(facts.last_seen_at)}."


def _line(facts: DeviceFacts) -> str:
    oldest = f", the oldest of {_minute(facts.oldest_pending_at)}" if facts.oldest_pending_at else ""
    clock = "unknown" if facts.clock_offset_ms is None else f"{-facts.clock_offset_ms / 1000:+.1f} s"
    seen = _minute(facts.last_seen_at) if facts.last_seen_at else "never"
    parts = [
        f"{facts.id}  {facts.person}, {facts.name}",
        f"version {facts.app_version}",
        f"last heard {seen}",
        f"{facts.pending} not sent{oldest}" if facts.pending is not None else "not sent unknown",
        f"clock {clock}",
    ]
    if facts.sealed:
        parts.append(f"{facts.sealed} handed in sealed, to be taken over")
    if facts.log_differs_seq is not None:
        parts.append(f"knows line {facts.log_differs_seq} of the activity log otherwise")
    if facts.commands:
        parts.append(f"to do: {', '.join(facts.commands)}")
    return "; ".join([*parts, *_ended(facts)])


def _ended(facts: DeviceFacts) -> list[str]:
    if facts.wiped_at is not None:
        return [f"wiped {_minute(facts.wiped_at)}, {facts.lost_changes or 0} changes lost"]
    return [f"revoked {_minute(facts.revoked_at)}"] if facts.revoked_at is not None else []


def _minute(at: datetime) -> str:
    return instant_text(at)[:16].replace("T", " ") + " UTC"


def _described(facts: DeviceFacts) -> dict[str, object]:
    """The same for programs; instants in wire form."""
    instants = ("enrolled_at", "last_seen_at", "oldest_pending_at", "revoked_at", "wiped_at")
    told: dict[str, object] = {name: getattr(facts, name) for name in DeviceFacts.__dataclass_fields__}
    for name in instants:
        at = getattr(facts, name)
        told[name] = None if at is None else instant_text(at)
    return told | {"commands": list(facts.commands)}

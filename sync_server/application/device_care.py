"""What an administrator does about devices: sees how they stand, and has them locked, checked, wiped or revoked."""

from typing import Final

from sync_server.contract.standing import KINDS, LOCK, VERIFY, WIPE, WIPE_NOW
from sync_server.errors import Refused
from sync_server.storage import activity_log, device_commands, devices, push_subscriptions
from sync_server.storage.activity_log import Entry
from sync_server.storage.device_commands import DeviceFacts
from sync_server.storage.engine import Database

TOLD: Final = {LOCK: "to_be_locked", VERIFY: "to_be_checked", WIPE: "to_be_wiped", WIPE_NOW: "to_be_wiped_at_once"}
LEAST_CHARACTERS: Final = 4
WIPED: Final = "This device was wiped; there is nothing left that it could do."
UNKNOWN: Final = "There is no such device."


def device_list(database: Database, organization_id: str) -> tuple[DeviceFacts, ...]:
    """Give every device of an organization."""
    with database.transaction("app_sync", organization_id, read_only=True) as connection:
        return device_commands.facts(connection, organization_id)


def command(database: Database, organization_id: str, device_id: str, *, kind: str) -> DeviceFacts:
    """Let a device do something at its next contact; again changes nothing.

    Raises:
        Refused: There is no such device, or it was wiped.
    """
    if kind not in KINDS:
        raise Refused("bad_request", f"A device can be told to {', '.join(KINDS)}.")
    before = _known(database, organization_id, device_id)
    if before.wiped_at is not None:
        raise Refused("bad_request", WIPED)
    with database.transaction("app_sync", organization_id) as connection:
        devices.lock(connection, organization_id, before.id)  # as hello: first, then its commands
        device_commands.queue(connection, organization_id, before.id, kind=kind)
        if kind not in before.commands:
            activity_log.append(connection, [Entry(f"device.{TOLD[kind]}", row_id=before.id)])
    return _known(database, organization_id, device_id)


def revoke(database: Database, organization_id: str, device_id: str, *, is_stolen: bool) -> DeviceFacts:
    """Let a device count no more, from its next request on. Raises Refused: there is no such device.

    It hands in what it has not sent, sealed, and is wiped; a stolen one is wiped at once, and what it had is lost.
    """
    before = _known(database, organization_id, device_id)
    kind = None if before.wiped_at is not None else WIPE_NOW if is_stolen else WIPE
    with database.transaction("app_sync", organization_id) as connection:
        connection.execute(
            "update device set revoked_at = coalesce(revoked_at, clock_timestamp())"
            " where organization_id = %s and id = %s",
            (organization_id, before.id),
        )
        push_subscriptions.end(connection, organization_id, before.id)
        if kind is not None:
            device_commands.queue(connection, organization_id, before.id, kind=kind)
        if before.revoked_at is None or kind not in (None, *before.commands):
            activity_log.append(connection, [Entry("device.revoked", row_id=before.id, new={"command": kind})])
    return _known(database, organization_id, device_id)


def _known(database: Database, organization_id: str, device_id: str) -> DeviceFacts:
    """Find a device by its id, or by the beginning of it when only one begins so."""
    found = [each for each in device_list(database, organization_id) if each.id.startswith(device_id.lower())]
    if len(device_id) < LEAST_CHARACTERS:
        raise Refused("not_found", f"Give at least {LEAST_CHARACTERS} characters of its id.")
    if len(found) != 1:
        raise Refused("not_found", UNKNOWN if not found else "Several devices begin so. Give the whole id.")
    return found[0]

"""How a device stands with its organization, and what it has to do: told in `hello`, or to one that has no session.

A device that was revoked, or whose person was, proves itself by its own key alone. Whoever cannot is told nothing: not
even whether there is such a device.
"""

from collections.abc import Callable

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.signatures import verify
from sync_server.authz.server_key import ServerKey
from sync_server.authz.visibility import load_actors
from sync_server.contract.codec import GUID
from sync_server.contract.standing import (
    WIPE,
    DeviceCommand,
    StandingAnswer,
    StandingRequest,
    WipeReport,
    command_input,
    standing_input,
    wipe_input,
)
from sync_server.errors import Refused, SessionExpired
from sync_server.storage import activity_log, device_commands, devices
from sync_server.storage.activity_log import Entry
from sync_server.storage.devices import Device
from sync_server.storage.engine import Database

NOT_PROVED = "This device did not prove itself."


def standing(database: Database, request: StandingRequest, *, key: ServerKey) -> StandingAnswer:
    """Tell a device how it stands. Raises Refused when it does not prove itself."""
    message = _message(lambda: standing_input(request.organization_id, request.device_id, request.nonce))
    organization_id, device_id = ids_of(request.organization_id, request.device_id)
    with database.transaction("app_sync", organization_id) as connection:
        device = proved(connection, organization_id, device_id, sig=request.sig, message=message)
        is_gone = is_taken_back(connection, organization_id, device_id, device)
        commands = commands_for(connection, organization_id, device_id, nonce=request.nonce, key=key)
    return StandingAnswer(standing="revoked" if is_gone else "active", commands=commands)


def take_report(database: Database, report: WipeReport) -> None:
    """Note that a device was wiped; again changes nothing. Raises Refused: not its device's, or nobody asked for it."""
    message = _message(lambda: wipe_input(report))
    organization_id, device_id = ids_of(report.organization_id, report.device_id)
    with database.transaction("app_sync", organization_id) as connection:
        proved(connection, organization_id, device_id, sig=report.sig, message=message)
        devices.lock(connection, organization_id, device_id)  # as hello and a revocation: first, then its commands
        if not device_commands.confirm(connection, organization_id, device_id, [report.command_id]):
            raise Refused("not_found", "Nobody asked this device to be wiped.")
        lost = min(max(report.lost, 0), 2**31 - 1)
        if device_commands.note_wiped(connection, organization_id, device_id, lost=lost):
            told = Entry("device.wiped", row_id=device_id, device_id=device_id, new={"lost_changes": lost})
            activity_log.append(connection, [told])


def is_taken_back(connection: Connection[TupleRow], organization_id: str, device_id: str, device: Device) -> bool:
    """Whether a device counts no more, or its person. The device of somebody who was dismissed has to be wiped.

    When he is active again before it was told, it is left alone; what it was told is not undone.
    """
    if device.is_revoked:
        return True
    if load_actors(connection, organization_id, [device.person_id]):
        if device.is_awaited:
            devices.lock(connection, organization_id, device_id)  # as hello and a revocation: first, then its commands
            device_commands.withdraw(connection, organization_id, device_id)
        return False
    device_commands.queue(connection, organization_id, device_id, kind=WIPE, is_withdrawable=True)
    return True


def commands_for(
    connection: Connection[TupleRow], organization_id: str, device_id: str, *, nonce: str, key: ServerKey
) -> tuple[DeviceCommand, ...]:
    """Give what a device has to do, signed for this device and the number that it has just sent."""
    waiting = device_commands.waiting(connection, organization_id, device_id)
    if not waiting:
        return ()
    recovery = recovery_key(connection, organization_id)
    made = []
    for each in waiting:
        message = command_input(device_id, nonce=nonce, command_id=each.id, kind=each.kind, recovery=recovery)
        sig = key.sign(message)
        made.append(DeviceCommand(id=each.id, kind=each.kind, recovery_public_key=recovery, sig=sig))
    return tuple(made)


def recovery_key(connection: Connection[TupleRow], organization_id: str) -> str | None:
    """Give what devices seal to (base64url), or None."""
    found = connection.execute("select recovery_public_key from organization where id = %s", (organization_id,))
    row = found.fetchone()
    return row[0] if row else None


def ids_of(*texts: str) -> tuple[str, ...]:
    """Take ids as they are. Raises Refused for anything else."""
    if not all(GUID.fullmatch(text) for text in texts):
        raise not_proved()
    return texts


def proved(
    connection: Connection[TupleRow], organization_id: str, device_id: str, *, sig: str, message: bytes
) -> Device:
    """Give the device that signed a message. Raises Refused, the same for whatever is wrong."""
    try:
        device = devices.find(connection, organization_id, device_id)
    except SessionExpired as unknown:
        raise not_proved() from unknown
    if not verify(device.public_key, sig, message):
        raise not_proved()
    return device


def not_proved() -> Refused:
    """The one refusal of whoever is not the device that he says."""
    return Refused("not_allowed", NOT_PROVED)


def _message(make: Callable[[], bytes]) -> bytes:
    try:
        return make()
    except ValueError as error:
        raise not_proved() from error

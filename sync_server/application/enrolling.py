"""Enrolling devices: one-time codes that an administrator hands out, and the device that a sign-in brings (D-260).

A code is known by its digest alone. Nothing here checks a password.
"""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.tenants.suspending import require_working
from sync_server.authz.tokens import is_public_key
from sync_server.contract.codec import GUID
from sync_server.contract.fields import Row
from sync_server.contract.messages import DeviceIdentity
from sync_server.contract.rules.enrolment import ALPHABET, DRAWN, read_code, whole_code
from sync_server.errors import Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.plan_limits import require_room

CODE_LIFE = timedelta(minutes=15)
NEEDED = "code_needed"
WANTS_CODE = "A new device needs an enrolment code here. Ask your administrator for one; it counts for 15 minutes."
WRONG_CODE = "The enrolment code is wrong, used, or older than 15 minutes. Ask your administrator for a new one."


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A code that was just made, the only time that anybody sees it."""

    code: str
    person_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A code that somebody showed and that counts. `sets_password`: the password that came with it becomes his."""

    id: str
    sets_password: bool


def make_code(database: Database, organization_id: str, *, login: str, sets_password: bool) -> MadeCode:
    """Make a code for a person; one that he has not used counts no more.

    Raises:
        Refused: Nobody active has the login, or the organization is suspended.
    """
    code = whole_code("".join(secrets.choice(ALPHABET) for _ in range(DRAWN)))
    row_id, made_at = str(uuid.uuid4()), datetime.now(UTC)
    expires_at = made_at + CODE_LIFE
    with database.transaction("authn", organization_id) as connection:
        require_working(connection, organization_id)
        person_id = _person(connection, organization_id, login)
        connection.execute(
            "update enrolment_code set ended_at = %s"
            " where organization_id = %s and person_id = %s and ended_at is null",
            (made_at, organization_id, person_id),
        )
        connection.execute(
            "insert into enrolment_code (organization_id, id, person_id, code_hash, sets_password, made_at, expires_at)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (organization_id, row_id, person_id, _digest(organization_id, code), sets_password, made_at, expires_at),
        )
        new: Row = {"person_id": person_id, "sets_password": sets_password}
        activity_log.append(connection, [Entry("enrolment_code.made", row_id=row_id, new=new, subject_id=person_id)])
    return MadeCode(code, person_id, expires_at)


def open_code(
    connection: Connection[TupleRow], organization_id: str, person_id: str, *, typed: str | None, at: datetime
) -> OpenCode | None:
    """Find the code that somebody typed, when it is this person's and counts.

    The same is asked and compared whoever it is and whatever he typed, so that nobody learns from the time it takes.
    """
    found = connection.execute(
        "select id::text, code_hash, sets_password from enrolment_code"
        " where organization_id = %s and person_id = %s and ended_at is null and expires_at > %s",
        (organization_id, person_id, at),
    ).fetchone()
    shown = _digest(organization_id, read_code(typed or "") or "")
    kept = bytes(found[1]) if found is not None else bytes(len(shown))
    is_it = hmac.compare_digest(shown, kept)
    return OpenCode(found[0], found[2]) if found is not None and is_it else None


def enrol(
    connection: Connection[TupleRow],
    organization_id: str,
    person_id: str,
    device: DeviceIdentity,
    *,
    code: OpenCode | None,
    has_typed: bool,
    at: datetime,
) -> Entry | None:
    """Enrol a device, or recognise it; give the line of the activity log about a new one.

    Args:
        code: The code that came with it and counts. It is used up by a new device, or by a new password.
        has_typed: Whether any code came; a wrong one is refused also where none is needed.

    Raises:
        Refused: The id is another person's, another key's or revoked; a new device came without the code that it
            needs, or with one that does not count; or the plan has no room.
    """
    if not GUID.fullmatch(device.id):
        raise Refused("bad_request", "The device has no id.")
    if not is_public_key(device.public_key):
        raise Refused("bad_request", "The device has no key.")
    name = device.name[:200].replace("\0", "")
    is_new = _put(connection, organization_id, person_id, device, name=name, at=at)
    found = connection.execute(
        "select person_id::text, public_key, revoked_at is not null from device where organization_id = %s and id = %s",
        (organization_id, device.id),
    ).fetchone()
    if found is None or found[0] != person_id or found[1] != device.public_key or found[2]:
        raise Refused("device_revoked", "This device is not yours to use any more. Enrol it again.")
    if is_new and code is None:
        if has_typed:
            raise Refused(NEEDED, WRONG_CODE)
        _require_no_code(connection, organization_id)
    if code is not None and (is_new or code.sets_password):
        _use(connection, organization_id, code, device_id=device.id, at=at)
    return _enrolment(person_id, device, name=name, code=code) if is_new else None


def _person(connection: Connection[TupleRow], organization_id: str, login: str) -> str:
    found = connection.execute(
        "select c.person_id::text from user_credential c"
        " join person p on p.organization_id = c.organization_id and p.id = c.person_id"
        " where c.organization_id = %s and lower(c.login) = lower(%s) and p.is_active and p.deleted_at is null"
        " for update of c",
        (organization_id, login[:201].replace("\0", "")),
    ).fetchone()
    if found is None:
        raise Refused("not_found", "Nobody who may sign in has this login.")
    return str(found[0])


def _put(
    connection: Connection[TupleRow],
    organization_id: str,
    person_id: str,
    device: DeviceIdentity,
    *,
    name: str,
    at: datetime,
) -> bool:
    """Write a device down when it is new; tell whether it was."""
    known = connection.execute(
        "select from device where organization_id = %s and id = %s", (organization_id, device.id)
    )
    if known.fetchone() is None:
        require_room(connection, organization_id, "devices")
    made = connection.execute(
        "insert into device (organization_id, id, person_id, name, public_key, app_version, enrolled_at)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict (organization_id, id) do nothing",
        (
            organization_id,
            device.id,
            person_id,
            name,
            device.public_key,
            device.app_version[:40].replace("\0", ""),
            at,
        ),
    )
    return made.rowcount == 1


def _require_no_code(connection: Connection[TupleRow], organization_id: str) -> None:
    found = connection.execute("select enrols_by_code from organization where id = %s", (organization_id,)).fetchone()
    if found is not None and found[0]:
        raise Refused(NEEDED, WANTS_CODE)


def _use(
    connection: Connection[TupleRow], organization_id: str, code: OpenCode, *, device_id: str, at: datetime
) -> None:
    """Use a code up. Of two devices that show it at once the second waits here, and is refused."""
    used = connection.execute(
        "update enrolment_code set ended_at = %s, device_id = %s"
        " where organization_id = %s and id = %s and ended_at is null",
        (at, device_id, organization_id, code.id),
    )
    if used.rowcount != 1:
        raise Refused(NEEDED, WRONG_CODE)


def _enrolment(person_id: str, device: DeviceIdentity, *, name: str, code: OpenCode | None) -> Entry:
    new = {"person_id": person_id, "name": name, "public_key": device.public_key}
    return Entry(
        "device.enrolled",
        row_id=device.id,
        actor_id=person_id,
        new=new | ({"enrolment_code_id": code.id} if code is not None else {}),
        personal=frozenset({"name"}),
        subject_id=person_id,
        device_id=device.id,
    )


def _digest(organization_id: str, code: str) -> bytes:
    """SHA-256 is enough: nobody guesses 135 bits, and the organization keeps equal codes apart."""
    return hashlib.sha256(f"cmms/enrolment-code/v1\n{organization_id}\n{code}".encode()).digest()

"""Addresses and keys of devices for push messages: written, replaced and ended; never read here."""

from collections.abc import Collection

from psycopg import Connection
from psycopg.rows import TupleRow


def put(
    connection: Connection[TupleRow], organization_id: str, device_id: str, *, endpoint: str, p256dh: str, auth: str
) -> None:
    """Let a device be reached so from now on, and no other way.

    What is there is written over with the values themselves: `excluded` would have to be read, which this role may not.
    """
    connection.execute(
        "insert into push_subscription (organization_id, device_id, endpoint, p256dh, auth, subscribed_at)"
        " values (%s, %s, %s, %s, %s, clock_timestamp()) on conflict (organization_id, device_id) do update"
        " set endpoint = %s, p256dh = %s, auth = %s, subscribed_at = clock_timestamp(), revoked_at = null",
        (organization_id, device_id, endpoint, p256dh, auth, endpoint, p256dh, auth),
    )


def end(connection: Connection[TupleRow], organization_id: str, device_id: str) -> None:
    """Let a device be reached no more; nothing of its secrets stays."""
    connection.execute(
        "update push_subscription set endpoint = null, p256dh = null, auth = null, revoked_at = clock_timestamp()"
        " where organization_id = %s and device_id = %s and revoked_at is null",
        (organization_id, device_id),
    )


def end_of(connection: Connection[TupleRow], organization_id: str, person_ids: Collection[str]) -> None:
    """Let all devices of some people be reached no more."""
    connection.execute(
        "update push_subscription s set endpoint = null, p256dh = null, auth = null, revoked_at = clock_timestamp()"
        " from device d where s.organization_id = %(organization)s and s.revoked_at is null"
        " and d.organization_id = %(organization)s and d.id = s.device_id and d.person_id = any(%(people)s::uuid[])",
        {"organization": organization_id, "people": sorted(person_ids)},
    )

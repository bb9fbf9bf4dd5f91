"""What devices have to do, and what became of it. A device that has to do something is marked as awaited."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.standing import WIPE, WIPE_NOW
from sync_server.storage import push_subscriptions

LEASE = timedelta(days=14)
"""A device that was told to hand in, could have and did not is wiped after so long, by this server's clock."""
_HANDS_IN = (
    "exists (select 1 from device d join organization o on o.id = d.organization_id"
    " where d.organization_id = device_command.organization_id and d.id = device_command.device_id"
    " and o.recovery_public_key is not null and o.removal_began_at is null"
    " and (d.revoked_at is not null or not exists (select 1 from person p"
    " where p.organization_id = d.organization_id and p.id = d.person_id"
    " and p.is_active and p.deleted_at is null)))"
)
"""Whether a device has to seal what it has, and can: who is in good standing sends, without a key nobody seals, and an
organization that is being removed takes nothing in."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command that no device has confirmed yet."""

    id: str
    kind: str


def queue(
    connection: Connection[TupleRow], organization_id: str, device_id: str, *, kind: str, is_withdrawable: bool = False
) -> None:
    """Let a device do something, unless the same waits already. To be wiped at once takes the place of any wiping.

    `is_withdrawable`: nobody asked for it, it follows from how the device's person stands. What is asked for stays.
    """
    if not is_withdrawable:
        connection.execute(
            "update device_command set is_withdrawable = false where organization_id = %s and device_id = %s"
            " and kind = %s and is_withdrawable",
            (organization_id, device_id, kind),
        )
    connection.execute(
        "insert into device_command (organization_id, id, device_id, kind, queued_at, is_withdrawable)"
        " select %s, %s, %s, %s, clock_timestamp(), %s where not exists (select 1 from device_command"
        " where organization_id = %s and device_id = %s and done_at is null"
        " and (kind = %s or (kind = 'wipe_now' and %s = 'wipe')))",
        (organization_id, uuid4(), device_id, kind, is_withdrawable, organization_id, device_id, kind, kind),
    )
    if kind == WIPE_NOW:
        connection.execute(
            "update device_command set done_at = clock_timestamp() where organization_id = %s and device_id = %s"
            " and kind = 'wipe' and done_at is null",
            (organization_id, device_id),
        )
    _mark(connection, organization_id, device_id)


def withdraw(connection: Connection[TupleRow], organization_id: str, device_id: str) -> None:
    """Take back what followed from how the device's person stood, as far as the device was never told."""
    connection.execute(
        "update device_command set done_at = clock_timestamp() where organization_id = %s and device_id = %s"
        " and done_at is null and is_withdrawable",
        (organization_id, device_id),
    )
    _mark(connection, organization_id, device_id)


def waiting(connection: Connection[TupleRow], organization_id: str, device_id: str) -> tuple[Waiting, ...]:
    """Give what a device has to do, the oldest first, and note that it was told.

    A wipe becomes one at once in time, counted from when the device was first told while it could hand in. Where the
    organization is being removed no device is told to hand in: nothing would be taken, so its work stays where it is.
    """
    connection.execute(
        "update device_command set is_withdrawable = false,"  # the columns on the right are those from before
        f" told_at = case when kind <> %s or {_HANDS_IN} then coalesce(told_at, clock_timestamp()) end,"
        f" kind = case when kind = %s and told_at < clock_timestamp() - %s and {_HANDS_IN} then %s else kind end"
        " where organization_id = %s and device_id = %s and done_at is null",
        (WIPE, WIPE, LEASE, WIPE_NOW, organization_id, device_id),
    )
    found = connection.execute(
        "select id::text, kind from device_command where organization_id = %s and device_id = %s and done_at is null"
        " and (kind <> %s or not exists (select from organization where id = %s and removal_began_at is not null))"
        " order by queued_at, id",
        (organization_id, device_id, WIPE, organization_id),
    )
    return tuple(Waiting(*row) for row in found)


def confirm(
    connection: Connection[TupleRow], organization_id: str, device_id: str, command_ids: Collection[str]
) -> bool:
    """Take what a device has done; tell whether any of it was its own to do."""
    done = connection.execute(
        "update device_command set done_at = coalesce(done_at, clock_timestamp())"
        " where organization_id = %s and device_id = %s and id::text = any(%s)",
        (organization_id, device_id, list(command_ids)),
    )
    _mark(connection, organization_id, device_id)
    return done.rowcount > 0


def note_wiped(connection: Connection[TupleRow], organization_id: str, device_id: str, *, lost: int) -> bool:
    """Note that a device has destroyed itself, and tell whether that is new.

    Its key opens nothing any more, and nothing is left for it to do. The caller has locked it.
    """
    found = connection.execute(
        "select wiped_at is null from device where organization_id = %s and id = %s", (organization_id, device_id)
    ).fetchone()
    connection.execute(
        "update device set revoked_at = coalesce(revoked_at, clock_timestamp()), is_awaited = false,"
        " wiped_at = coalesce(wiped_at, clock_timestamp()), lost_changes = coalesce(lost_changes, %s)"
        " where organization_id = %s and id = %s",
        (lost, organization_id, device_id),
    )
    connection.execute(
        "update device_command set done_at = clock_timestamp()"
        " where organization_id = %s and device_id = %s and done_at is null",
        (organization_id, device_id),
    )
    push_subscriptions.end(connection, organization_id, device_id)
    return bool(found and found[0])


def _mark(connection: Connection[TupleRow], organization_id: str, device_id: str) -> None:
    connection.execute(
        "update device set is_awaited = exists (select 1 from device_command c where c.organization_id = %s"
        " and c.device_id = %s and c.done_at is null) where organization_id = %s and id = %s",
        (organization_id, device_id, organization_id, device_id),
    )


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device as its administrator sees it."""

    id: str
    person: str
    name: str
    app_version: str
    enrolled_at: datetime
    last_seen_at: datetime | None
    pending: int | None
    oldest_pending_at: datetime | None
    clock_offset_ms: int | None
    revoked_at: datetime | None
    wiped_at: datetime | None
    lost_changes: int | None
    is_reachable: bool
    """It told where it is reached while it does not ask."""
    commands: tuple[str, ...]
    """What waits for it."""
    sealed: int
    """Changes that it has handed in sealed, which nobody has taken over yet."""
    log_differs_seq: int | None = None
    """Line of the activity log that it knows otherwise than it stands here; None: none."""


def facts(connection: Connection[TupleRow], organization_id: str) -> tuple[DeviceFacts, ...]:
    """Give every device of an organization, by person."""
    found = connection.execute(
        "select d.id::text, p.name, d.name, d.app_version, d.enrolled_at, d.last_seen_at,"
        " d.outbox_count, d.outbox_oldest_at, d.clock_offset_ms, d.revoked_at, d.wiped_at, d.lost_changes,"
        " exists (select 1 from push_subscription s where s.organization_id = d.organization_id"
        " and s.device_id = d.id and s.revoked_at is null),"
        " array(select c.kind from device_command c where c.organization_id = d.organization_id"
        " and c.device_id = d.id and c.done_at is null order by c.queued_at),"
        " (select coalesce(sum(s.changes), 0)::int from sealed_outbox s where s.organization_id = d.organization_id"
        " and s.device_id = d.id and s.complete_at is not null and s.taken_over_at is null), d.log_differs_seq"
        " from device d join person p on p.organization_id = d.organization_id and p.id = d.person_id"
        " where d.organization_id = %s order by p.name, d.enrolled_at, d.id",
        (organization_id,),
    )
    return tuple(
        DeviceFacts(*cells)
        for *first, commands, sealed, differs in found
        for cells in [(*first, tuple(commands), sealed, differs)]
    )

"""Hello: the first message of a conversation. Tells both sides where they stand."""

import logging
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import removals
from sync_server.application.log_news import log_news, note
from sync_server.application.standing import commands_for, is_taken_back
from sync_server.authz import cursors
from sync_server.authz.cursors import Cursor
from sync_server.authz.server_key import ServerKey
from sync_server.authz.visibility import Caller, Grant, grant_of, load_actors
from sync_server.contract import version
from sync_server.contract.column_types import instant_of, instant_text
from sync_server.contract.messages import MAX_CHECKPOINTS, Fork, HelloAnswer, HelloRequest, OutboxState
from sync_server.contract.standing import DeviceCommand
from sync_server.contract.version import MUTATION, OLDEST_MUTATION, PROTOCOL, ROWS
from sync_server.errors import ContractMismatch, Refused
from sync_server.storage import device_commands, devices, epochs, feed
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

FOUND = "a device knew a commit that is not there"
MOST_WAITING = 2**31 - 1
MOST_CONFIRMED = 100
LONGEST_NONCE = 200


def hello(
    database: Database, caller: Caller, request: HelloRequest, *, key: bytes, server_key: ServerKey
) -> HelloAnswer:
    """Answer with time, epoch, scopes, commands, and a fork when the device has seen commits that never were."""
    require_protocol(request.protocol)
    _notice_loss(database, caller, request, key)
    now = datetime.now(UTC)
    news = log_news(database, caller, request.log, key=server_key)
    with database.transaction("app_sync", caller.organization_id) as connection:
        head = feed.head(connection, caller.organization_id)
        fork = _fork(connection, caller, request, head.epoch, key)
        actor = load_actors(connection, caller.organization_id, [caller.person_id]).get(caller.person_id)
        grant = grant_of(connection, caller.organization_id, actor) if actor else Grant(())
        lets_removals_pass = removals.do_pass(connection, caller.organization_id, now=now)
        nonce = secrets.token_urlsafe(16)
        devices.note_hello(
            connection,
            caller.organization_id,
            caller.device_id,
            offset_ms=_offset_ms(request.device_time, now),
            outbox=_outbox(request.outbox),
            app_version=request.app_version[:40].replace("\0", ""),
            lease_nonce=nonce,
            scopes=grant.scopes,
        )
        if request.epoch == head.epoch:  # after a restore the log may end earlier
            note(connection, caller, request.log, news, key=server_key)
        commands = _commands(connection, caller, request, server_key)
    return HelloAnswer(
        protocol=PROTOCOL,
        rows=ROWS,
        minimum_protocol=version.MINIMUM_PROTOCOL,
        mutations=MUTATION,
        oldest_mutations=OLDEST_MUTATION,
        server_time=instant_text(now),
        epoch=head.epoch,
        fork=fork,
        durable_seq=head.durable_seq,
        lease_nonce=nonce,
        device_commands=commands,
        scopes=grant.scopes,
        sites_left_out=grant.sites_left_out,
        lets_removals_pass=lets_removals_pass,
        log=news,
    )


def require_protocol(protocol: int) -> None:
    """Raise ContractMismatch for a device whose program is too old; what it pushes is taken all the same."""
    if protocol < version.MINIMUM_PROTOCOL:
        raise ContractMismatch("This app is too old for the server. Its changes are safe; update the app.")


def _commands(
    connection: Connection[TupleRow], caller: Caller, request: HelloRequest, key: ServerKey
) -> tuple[DeviceCommand, ...]:
    """Take what the device has done, and give what it has to do. One that sends no nonce yet is told the next time."""
    if request.confirmed:
        device_commands.confirm(
            connection, caller.organization_id, caller.device_id, request.confirmed[:MOST_CONFIRMED]
        )
    is_taken_back(
        connection,
        caller.organization_id,
        caller.device_id,
        devices.find(connection, caller.organization_id, caller.device_id),
    )
    if request.lease_nonce is None or len(request.lease_nonce) > LONGEST_NONCE:
        return ()
    return commands_for(connection, caller.organization_id, caller.device_id, nonce=request.lease_nonce, key=key)


def _outbox(said: OutboxState) -> tuple[int, datetime | None]:
    """What a device says of its outbox, as far as it can be stored: it is told to people and decides nothing."""
    try:
        oldest = instant_of(said.oldest) if said.oldest is not None else None
    except ValueError:
        oldest = None
    return min(max(said.count, 0), MOST_WAITING), oldest


def _offset_ms(device_time: str, now: datetime) -> int | None:
    """Server clock minus device clock; None when the device tells no time."""
    try:
        return round((now - instant_of(device_time)).total_seconds() * 1000)
    except ValueError:
        return None


def _notice_loss(database: Database, caller: Caller, request: HelloRequest, key: bytes) -> None:
    """Begin a new epoch when the database was restored and nobody said so.

    Proved by a cursor that we signed in this very epoch, for a commit that is gone or another one now. One that is only
    too old to be remembered proves nothing, and neither does anything that a device merely says.
    """
    cursor = _readable(request.cursor, caller, key)
    if cursor is None or cursor.top == 0:
        return
    with database.transaction("app_sync", caller.organization_id, read_only=True) as connection:
        head = feed.head(connection, caller.organization_id)
        nonce = feed.nonces(connection, caller.organization_id, [cursor.top]).get(cursor.top)
        fork = _fork(connection, caller, request, head.epoch, key)
    is_other = cursor.top > head.seq if nonce is None else nonce != cursor.nonce
    if fork is None or cursor.epoch != head.epoch or not is_other:
        return
    last_seq = min(fork.common_seq, cursor.top - 1)
    if epochs.rotate(database, caller.organization_id, epoch=head.epoch, reason=FOUND, last_seq=last_seq):
        log.error("the database was restored without the runbook: a new epoch begins")


def _fork(
    connection: Connection[TupleRow], caller: Caller, request: HelloRequest, epoch: str, key: bytes
) -> Fork | None:
    """Compare what the device remembers with the commits here; give the last common one when they differ.

    A device that has a cursor of ours gets one that reads on from there: what else it holds of the lost commits, the
    digests find. Any other reads afresh.
    """
    cursor = _readable(request.cursor, caller, key)
    remembered = list(request.checkpoints[:MAX_CHECKPOINTS])
    if cursor is not None:
        remembered.append((cursor.top, cursor.nonce))
    elif request.cursor is not None and request.epoch in {None, "", epoch}:
        return None  # not ours at all: pull refuses it and the device reads afresh
    known = feed.nonces(connection, caller.organization_id, [seq for seq, _ in remembered])
    is_foreign = request.epoch not in {None, "", epoch} or (cursor is not None and cursor.epoch != epoch)
    if not is_foreign and len(known) < len(remembered):
        oldest = feed.oldest_commit(connection, caller.organization_id)
        remembered = [each for each in remembered if each[0] >= oldest]  # what is forgotten here proves nothing
    common_seq = _common(remembered, known, is_foreign)
    if common_seq is None:
        return None
    again = None
    if cursor is not None and common_seq > 0:
        scopes = {scope: min(seq, common_seq) for scope, seq in cursor.scopes.items()}
        again = cursors.sign(Cursor(epoch, common_seq, known[common_seq], scopes), key=key, caller=caller)
    return Fork(common_seq=common_seq, cursor=again)


def _readable(text: str | None, caller: Caller, key: bytes) -> Cursor | None:
    if text is None:
        return None
    try:
        return cursors.read(text, Cursor, key=key, caller=caller)
    except Refused:
        return None


def _common(remembered: Sequence[tuple[int, int]], known: dict[int, int], is_foreign: bool) -> int | None:
    """Last commit that both know; None: there is no difference."""
    shared = [seq for seq, nonce in remembered if known.get(seq) == nonce]
    if not is_foreign and len(shared) == len([seq for seq, _ in remembered if seq > 0]):
        return None
    return max(shared, default=0)

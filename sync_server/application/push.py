"""Push: mutations in, verdicts out. One bad mutation never stops the others, and a lost answer may be asked again."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.apply_unit import Group, apply_unit
from sync_server.application.incoming import Incoming, groups_of, newer_than_here, parse, refused, taken_back, units_of
from sync_server.application.signatures import verify
from sync_server.application.turns import Turns
from sync_server.authz.claims import Asker, proven
from sync_server.authz.visibility import Caller
from sync_server.contract.column_types import instant_text
from sync_server.contract.messages import PushAnswer, PushRequest, Seal, Verdict
from sync_server.contract.problems import Problem
from sync_server.contract.rules.chain import seal_input
from sync_server.errors import Bug, EnvironmentFailure, Refused, RetryLater, SessionExpired
from sync_server.storage import devices
from sync_server.storage.devices import ChainGap, Device
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

TURNS = Turns()
TRIES = 3
"""Times that a unit is tried when the database asks for a repetition."""
BROKEN = Problem("internal", "The server could not apply this change. It is kept on your device and was reported.")


class TurnedAway(Exception):  # noqa: N818 - named by what happened, as all of them
    """Nobody whose changes may be looked at; never refused for one of them."""

    def __init__(self, refusal: Refused | SessionExpired) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


@dataclass(slots=True)
class Door:
    """Lets a batch in once, in whichever transaction looks first: who asks is proven, and what he sealed is this."""

    asker: Asker
    seal: Seal
    batch: Sequence[Incoming]
    caller: Caller | None = None
    chain_seq: int = 0

    def let_in(self, device: Device) -> Caller:
        """Give the caller; afterwards `chain_seq` is where his chain stood. Raises TurnedAway."""
        if self.caller is None:
            try:
                caller = proven(self.asker, device)
                check_seal(caller, device, self.seal, self.batch)
            except (Refused, SessionExpired) as refusal:
                raise TurnedAway(refusal) from refusal
            self.caller, self.chain_seq = caller, device.chain_seq
        return self.caller


def push(database: Database, asker: Asker, request: PushRequest) -> PushAnswer:
    """Apply a batch of sealed mutations, unit by unit, each in its own transaction.

    Raises:
        Refused: Nothing of the batch was looked at.
        SessionExpired: The device is not enrolled.
    """
    with TURNS.of(asker.device_id) as await_turn:
        try:
            batch = parse(request.mutations, device_id=asker.device_id, person_id=asker.person_id)
            door = Door(asker, request.seal, taken_back(batch, request.withdrawn))
        except Refused:
            require_somebody(database, asker)  # who is nobody hears that, and not what is wrong with his changes
            raise
        await_turn()
        try:
            return _push(database, door)
        except TurnedAway as turned_away:
            raise turned_away.refusal from None


def _push(database: Database, door: Door) -> PushAnswer:
    batch, chain_seq, resend_from = door.batch, None, None
    texts: list[str] = []
    for unit in units_of(groups_of(batch[: newer_than_here(batch)])):
        try:
            unit_texts, chain_seq = _apply_with_care(database, door, unit)
            texts += unit_texts
        except ChainGap as gap:
            chain_seq, resend_from = gap.chain_seq, gap.chain_seq + 1
            break
        except RetryLater:
            break
    if door.caller is None:
        _look_only(database, door)
    texts += [_retry(item) for item in batch[len(texts) :]]  # not stored: the device sends these again
    return PushAnswer(
        verdicts=[msgspec.Raw(text.encode()) for text in texts],
        chain_seq=door.chain_seq if chain_seq is None else chain_seq,
        server_time=instant_text(datetime.now(UTC)),
        resend_from=resend_from,
    )


def require_somebody(database: Database, asker: Asker) -> None:
    """Raise unless the asker is proven: for who sends what cannot be read."""
    with database.transaction("app_sync", asker.organization_id, read_only=True) as connection:
        proven(asker, devices.find(connection, asker.organization_id, asker.device_id))


def _look_only(database: Database, door: Door) -> None:
    """Judge a batch of which no unit could be tried."""
    with database.transaction("app_sync", door.asker.organization_id, read_only=True) as connection:
        door.let_in(devices.find(connection, door.asker.organization_id, door.asker.device_id))


def check_seal(caller: Caller, device: Device, seal: Seal, batch: Sequence[Incoming]) -> None:
    """Check that the device sealed exactly this batch. Raises Refused."""
    first, last = batch[0].mutation.device_seq, batch[-1].mutation.device_seq
    if (seal.from_seq, seal.to_seq, seal.head) != (first, last, batch[-1].digest):
        raise Refused("chain_broken", "The seal does not name these changes.")
    try:
        message = seal_input(caller.device_id, from_seq=first, to_seq=last, head=seal.head)
    except ValueError as error:
        raise Refused("chain_broken", "The seal names no changes.") from error
    if not verify(device.public_key, seal.sig, message):
        raise Refused("signature_invalid", "The seal is not this device's.")


def _retry(item: Incoming) -> str:
    verdict = Verdict(mutation_id=item.mutation.mutation_id, status="retry")
    return msgspec.json.encode(verdict).decode()


def _apply_with_care(database: Database, door: Door, unit: Sequence[Group]) -> tuple[list[str], int]:
    """Apply a unit; when something in it cannot be applied, half by half, so that only that group is refused.

    Whatever a mutation provokes, in the database or in our own code, it is refused for it: raised further, it would
    come again with every push and stand before everything behind it.
    """
    try:
        return _apply(database, door, unit)
    except (EnvironmentFailure, TurnedAway):
        raise
    except Exception as error:
        if isinstance(error, Refused) and error.code == "chain_broken":
            raise
        if len(unit) > 1:
            middle = len(unit) // 2
            first, _ = _apply_with_care(database, door, unit[:middle])
            second, chain_seq = _apply_with_care(database, door, unit[middle:])
            return first + second, chain_seq
        return _apply(database, door, [refused(unit[0], _problem_of(error))])


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Refused):
        return Problem(error.code, error.sentence)
    log.error("a mutation could not be applied", exc_info=error)
    return BROKEN


def _apply(database: Database, door: Door, unit: Sequence[Group]) -> tuple[list[str], int]:
    for attempt in range(1, TRIES + 1):
        try:
            with database.transaction("app_sync", door.asker.organization_id) as connection:
                device = _locked(connection, door.asker)
                return apply_unit(connection, door.let_in(device), unit, device=device)
        except RetryLater:
            if attempt == TRIES:
                raise
    raise Bug("unreachable: the last attempt returns or raises")


def _locked(connection: Connection[TupleRow], asker: Asker) -> Device:
    try:
        return devices.lock(connection, asker.organization_id, asker.device_id)
    except SessionExpired as refusal:
        raise TurnedAway(refusal) from refusal

"""Push: mutations in, verdicts out. One bad mutation never stops the others, and a lost answer may be asked again."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from sync_server.application.apply_unit import Group, apply_unit
from sync_server.application.incoming import Incoming, groups_of, newer_than_here, parse, refused, taken_back, units_of
from sync_server.application.signatures import verify
from sync_server.authz.visibility import Caller
from sync_server.contract.column_types import instant_text
from sync_server.contract.messages import PushAnswer, PushRequest, Seal, Verdict
from sync_server.contract.problems import Problem
from sync_server.contract.rules.chain import seal_input
from sync_server.errors import Bug, EnvironmentFailure, Refused, RetryLater
from sync_server.storage.devices import ChainGap, find
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

TRIES = 3
"""Times that a unit is tried when the database asks for a repetition."""
BROKEN = Problem("internal", "The server could not apply this change. It is kept on your device and was reported.")


def push(database: Database, caller: Caller, request: PushRequest) -> PushAnswer:
    """Apply a batch of sealed mutations, unit by unit, each in its own transaction."""
    batch = parse(request.mutations, device_id=caller.device_id, person_id=caller.person_id)
    batch = taken_back(batch, request.withdrawn)
    chain_seq, resend_from = _check_seal(database, caller, request.seal, batch), None
    texts: list[str] = []
    for unit in units_of(groups_of(batch[: newer_than_here(batch)])):
        try:
            unit_texts, chain_seq = _apply_with_care(database, caller, unit)
            texts += unit_texts
        except ChainGap as gap:
            chain_seq, resend_from = gap.chain_seq, gap.chain_seq + 1
            break
        except RetryLater:
            break
    texts += [_retry(item) for item in batch[len(texts) :]]  # not stored: the device sends these again
    return PushAnswer(
        verdicts=[msgspec.Raw(text.encode()) for text in texts],
        chain_seq=chain_seq,
        server_time=instant_text(datetime.now(UTC)),
        resend_from=resend_from,
    )


def _check_seal(database: Database, caller: Caller, seal: Seal, batch: Sequence[Incoming]) -> int:
    """Check that the device sealed exactly this batch; give where its chain stands."""
    with database.transaction("app_sync", caller.organization_id, read_only=True) as connection:
        device = find(connection, caller.organization_id, caller.device_id)
    first, last = batch[0].mutation.device_seq, batch[-1].mutation.device_seq
    if (seal.from_seq, seal.to_seq, seal.head) != (first, last, batch[-1].digest):
        raise Refused("chain_broken", "The seal does not name these changes.")
    try:
        message = seal_input(caller.device_id, from_seq=first, to_seq=last, head=seal.head)
    except ValueError as error:
        raise Refused("chain_broken", "The seal names no changes.") from error
    if not verify(device.public_key, seal.sig, message):
        raise Refused("signature_invalid", "The seal is not this device's.")
    return device.chain_seq


def _retry(item: Incoming) -> str:
    verdict = Verdict(mutation_id=item.mutation.mutation_id, status="retry")
    return msgspec.json.encode(verdict).decode()


def _apply_with_care(database: Database, caller: Caller, unit: Sequence[Group]) -> tuple[list[str], int]:
    """Apply a unit; when something in it cannot be applied, half by half, so that only that group is refused.

    Whatever a mutation provokes, in the database or in our own code, it is refused for it: raised further, it would
    come again with every push and stand before everything behind it.
    """
    try:
        return _apply(database, caller, unit)
    except EnvironmentFailure:
        raise
    except Exception as error:
        if isinstance(error, Refused) and error.code == "chain_broken":
            raise
        if len(unit) > 1:
            middle = len(unit) // 2
            first, _ = _apply_with_care(database, caller, unit[:middle])
            second, chain_seq = _apply_with_care(database, caller, unit[middle:])
            return first + second, chain_seq
        return _apply(database, caller, [refused(unit[0], _problem_of(error))])


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Refused):
        return Problem(error.code, error.sentence)
    log.error("a mutation could not be applied", exc_info=error)
    return BROKEN


def _apply(database: Database, caller: Caller, unit: Sequence[Group]) -> tuple[list[str], int]:
    for attempt in range(1, TRIES + 1):
        try:
            with database.transaction("app_sync", caller.organization_id) as connection:
                return apply_unit(connection, caller, unit)
        except RetryLater:
            if attempt == TRIES:
                raise
    raise Bug("unreachable: the last attempt returns or raises")

"""Every night the activity log is looked through as far as it is attached, and where it ends is signed (D-173).

A log that does not hold together is told to the administrator by name, and is not signed any further. In between, what
was added is signed as soon as somebody looks: at least every quarter of an hour (D-232).
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from sync_server.application.activity_proof import Proof, prove, prove_news
from sync_server.authz.server_key import ServerKey
from sync_server.contract.column_types import instant_text
from sync_server.contract.log_lines import signing_input
from sync_server.errors import CmmsError
from sync_server.routines.steps import Rest
from sync_server.storage import routine_runs
from sync_server.storage.activity_checkpoints import Checkpoint, add, is_signed_up
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)


def signing(key: ServerKey) -> Callable[[Database, str, datetime, Rest], dict[str, int]]:
    """Give the routine, with the key that it signs with."""

    def look_and_sign(database: Database, organization_id: str, at: datetime, rest: Rest) -> dict[str, int]:
        proof = prove(database, organization_id, public_key=key.public_key, role="worker")
        if proof.fault is not None:
            log.error("the activity log of %s is broken: %s", organization_id, proof.fault)
            return {"lines": proof.last[0], "differences": 1}
        _sign(database, organization_id, proof, key)
        return {"lines": proof.last[0], "differences": 0}

    return look_and_sign


def sign_news(database: Database, key: ServerKey) -> int:
    """Sign where each log ends to which something was added; give how many.

    Only what is behind the last signed line is looked through. What does not hold together there is left unsigned: the
    night, which looks through all of it, tells.
    """
    with database.transaction("worker", None, read_only=True) as connection:
        organizations = routine_runs.organizations(connection)
    return sum(_sign_news(database, each, key) for each in organizations)


def _sign_news(database: Database, organization_id: str, key: ServerKey) -> bool:
    """Sign the end of one log, if it is due; a busy organization is left for the next time."""
    try:
        return _signed_news(database, organization_id, key)
    except CmmsError as error:
        log.info("the activity log of %s could not be signed: %s", organization_id, error.sentence)
        return False


def _signed_news(database: Database, organization_id: str, key: ServerKey) -> bool:
    with database.transaction("worker", organization_id, read_only=True) as connection:
        if is_signed_up(connection, organization_id):
            return False
    proof = prove_news(database, organization_id, public_key=key.public_key)
    return proof.fault is None and _sign(database, organization_id, proof, key)


def _sign(database: Database, organization_id: str, proof: Proof, key: ServerKey) -> bool:
    (seq, digest), now = proof.last, instant_text(datetime.now(UTC))
    if seq <= proof.signed_upto:
        return False
    signature = key.sign(signing_input(organization_id, seq, digest, signed_at=now))
    with database.transaction("worker", organization_id) as connection:
        return add(connection, organization_id, Checkpoint(seq, digest, now, signature))

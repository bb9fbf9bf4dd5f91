"""Every night the activity log is looked through as far as it is attached, and where it ends is signed (D-173).

A log that does not hold together is told to the administrator by name, and is not signed any further.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from sync_server.application.activity_proof import prove
from sync_server.authz.server_key import ServerKey
from sync_server.contract.column_types import instant_text
from sync_server.routines.steps import Rest
from sync_server.storage.activity_checkpoints import Checkpoint, add, signing_input
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)


def signing(key: ServerKey) -> Callable[[Database, str, datetime, Rest], dict[str, int]]:
    """Give the routine, with the key that it signs with."""

    def look_and_sign(database: Database, organization_id: str, at: datetime, rest: Rest) -> dict[str, int]:
        proof = prove(database, organization_id, public_key=key.public_key, role="worker")
        if proof.fault is not None:
            log.error("the activity log of %s is broken: %s", organization_id, proof.fault)
            return {"lines": proof.last[0], "differences": 1}
        (seq, digest), now = proof.last, instant_text(datetime.now(UTC))
        if seq > proof.signed_upto:
            signature = key.sign(signing_input(organization_id, seq, digest, signed_at=now))
            with database.transaction("worker", organization_id) as connection:
                add(connection, organization_id, Checkpoint(seq, digest, now, signature))
        return {"lines": seq, "differences": 0}

    return look_and_sign

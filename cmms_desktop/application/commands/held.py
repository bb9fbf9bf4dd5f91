"""Deciding about a change that the server keeps: a mutation like any other, carried out when the server has it."""

from typing import Literal

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.rules import permission


def decide_held(
    write: LocalWrite, held_id: str, decision: Literal["approved", "refused"], *, reason: str | None = None
) -> None:
    """Approve a held change, which the server then applies under its author's name, or refuse it.

    Raises:
        Refused: there is no such change here, somebody decided before, or others decide about it.
    """
    held = write.get("held_mutation", held_id)
    if held is None:
        raise Refused("not_found", "This change is not on this device any more.")
    if held["decision"] is not None:
        raise Refused("already_exists", "Somebody decided about this change before.")
    problem = permission.may_decide(write.actor, author_id=held["author_id"], site_id=held["site_id"])
    if problem is not None:
        raise Refused(problem.code, problem.sentence)
    write.set("held_mutation", held_id, decision=decision, reason=reason)

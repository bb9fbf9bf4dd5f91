"""Saying that one has read what one was told: the first time counts, on whichever device, and never conflicts. Pure."""

from typing import Final

from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation
from sync_server.contract.rules import clocks
from sync_server.contract.rules.draft import Actor, Draft, derived_id

NOTIFICATION: Final = "notification"
READ: Final = "notification.read"


def notification_id(about_id: str, kind: str, person_id: str, *, occasion: str) -> str:
    """Id of what somebody is told of something on one occasion: told twice it is there once."""
    return derived_id(about_id, f"notification:{kind}:{person_id}:{occasion}")


def read(mutation: Mutation, draft: Draft, *, notification: Row, actor: Actor, at: str) -> None:
    """Note when it was read, unless that is known."""
    if notification["deleted_at"] is None and notification["read_at"] is None:
        read_at = clocks.device_at(mutation) or at
        draft.change(NOTIFICATION, notification, read_at=read_at, updated_at=at, updated_by=actor.person_id)

"""Settling a conflict: a mutation like any other, so it works offline and reaches everybody."""

from typing import Literal

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.codec import json_scalar, scalar_of
from sync_server.contract.fields import Scalar


def settle(
    write: LocalWrite,
    conflict_id: str,
    keep: Literal["mine", "theirs", "edited"],
    *,
    value: Scalar = None,
    reason: str | None = None,
) -> None:
    """Keep one value or a third one (`value`, with `edited`). The losing values stay readable in the conflict.

    Raises:
        Refused: there is no such conflict here, or somebody settled it before.
    """
    conflict = write.get("conflict", conflict_id)
    if conflict is None:
        raise Refused("not_found", "This conflict is not on this device any more.")
    target = write.get(str(conflict["target_entity"]), str(conflict["target_id"]))
    if target is None:
        raise Refused("not_found", "The record of this conflict is not on this device any more.")
    seen = target[str(conflict["field"])]
    chosen = {
        "mine": scalar_of(_text(conflict["mine_value"])),
        "theirs": scalar_of(_text(conflict["theirs_value"])),
        "edited": value,
    }[keep]
    write.mutate(
        "conflict.resolve",
        entity="conflict",
        id=conflict_id,
        set={
            "resolution": (None, keep),
            "resolved_value": (json_scalar(seen), json_scalar(chosen)),
            "reason": (None, reason),
        },
    )


def _text(value: Scalar) -> str | None:
    return value if isinstance(value, str) else None

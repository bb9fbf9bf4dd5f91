"""Which changed rows deserve a line of the activity log, and what it tells of them: the one list (product.md §5).

People, what they may do and where, sites, sign-offs, decisions about held work and conflicts, and what happens to an
order that the office answers for. Ordinary work writes no line: travelling, answering, using parts, completing. Decides
only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sync_server.contract.fields import COMMON, Row, Scalar
from sync_server.contract.rules.draft import Key
from sync_server.storage.activity_log import Entry

Rows = Mapping[Key, Row | None]
IsMade = Callable[[Key], bool]
"""Whether a row was made in this commit."""
ANSWERED_FOR: Final = {
    ("completed", "in_progress"): "returned",
    ("closed", "in_progress"): "reopened",
}
ENDED: Final = frozenset({"closed", "cancelled", "rejected"})
SAID_OF_ORDER: Final = ("number", "status", "status_reason", "deleted_at")
SAID_OF_SIGNATURE: Final = frozenset(
    {"work_order_id", "meaning", "signer_id", "signer_role", "signer_device_id", "body_sha256", "reason", "signed_at"}
)
SAID_OF_DECISION: Final = frozenset({"author_id", "target_aggregate_id", "decision", "decided_by", "reason"})
SAID_OF_REQUEST: Final = frozenset({"site_id", "status", "work_order_id", "decided_by"})
SAID_OF_CONFLICT: Final = frozenset(
    {"target_entity", "target_id", "field", "kind", "resolution", "resolved_by", "reason"}
)
NEVER: Final = frozenset({*COMMON, "code_conflict"})


@dataclass(frozen=True, slots=True)
class Watch:
    """How changes of an entity are told.

    Attributes:
        act: Gives what was done, past tense; None: nothing that deserves a line.
        said: Columns that are told; empty: all of its own.
        plain: Of a person's row, the columns that are no secret of his; None: all.
    """

    act: Callable[[Row | None, Row, IsMade], str | None]
    said: frozenset[str] = frozenset()
    plain: frozenset[str] | None = None


def _any(before: Row | None, after: Row, _: IsMade) -> str | None:
    if before is None:
        return "created"
    if (before["deleted_at"] is None) != (after["deleted_at"] is None):
        return "restored" if after["deleted_at"] is None else "deleted"
    return "changed" if any(before[name] != after[name] for name in after.keys() - NEVER) else None


def _order(before: Row | None, after: Row, is_made: IsMade) -> str | None:
    if before is None:
        return None
    if (before["deleted_at"] is None) != (after["deleted_at"] is None):
        return _any(before, after, is_made)
    was, now = str(before["status"]), str(after["status"])
    if was == now:
        return None
    return now if now in ENDED else ANSWERED_FOR.get((was, now))


def _assignment(before: Row | None, after: Row, is_made: IsMade) -> str | None:
    """Who has an order from its beginning is planning; who gets one that was there is told."""
    if before is None and is_made(("work_order", str(after["work_order_id"]))):
        return None
    return _any(before, after, is_made)


def _decision(before: Row | None, after: Row, _: IsMade) -> str | None:
    was = None if before is None else before["decision"]
    return "decided" if after["decision"] is not None and was != after["decision"] else None


def _request(before: Row | None, after: Row, _: IsMade) -> str | None:
    """What becomes of a request; that somebody asks is ordinary."""
    return None if before is None or before["status"] == after["status"] else str(after["status"])


def _settling(before: Row | None, after: Row, _: IsMade) -> str | None:
    """What a person settles; a note of texts that were merged says so from its beginning."""
    return "settled" if before is not None and before["resolution"] is None and after["resolution"] else None


WATCHED: Final[Mapping[str, Watch]] = {
    "person": Watch(_any, plain=frozenset({"role", "is_active"})),
    "site_access": Watch(_any),
    "person_permission": Watch(_any),
    "team": Watch(_any),
    "team_member": Watch(_any),
    "site": Watch(_any),
    "work_order": Watch(_order, said=frozenset(SAID_OF_ORDER)),
    "work_order_assignment": Watch(_assignment),
    "signature": Watch(_any, said=SAID_OF_SIGNATURE),
    "held_mutation": Watch(_decision, said=SAID_OF_DECISION),
    "service_request": Watch(_request, said=SAID_OF_REQUEST),
    "conflict": Watch(_settling, said=SAID_OF_CONFLICT),
}


def entries(before: Rows, after: Mapping[Key, Row], *, actor_id: str | None, commit_seq: int) -> Iterator[Entry]:
    """Give the lines that a commit deserves, in the order in which it changed its rows.

    Args:
        before: Rows as they stood; None, or not there: new.
        after: Rows that the commit writes.
        actor_id: Who wrote them; None: an import or the server.
        commit_seq: Its number.
    """

    def is_made(key: Key) -> bool:
        return key in after and before.get(key) is None

    for key, row in after.items():
        watch = WATCHED.get(key[0])
        if watch is None:
            continue
        stood = before.get(key)
        act = watch.act(stood, row, is_made)
        if act is not None:
            old, new = _differing(watch, stood, row)
            yield Entry(
                act=f"{key[0]}.{act}",
                row_id=key[1],
                actor_id=actor_id,
                old=old,
                new=new,
                personal=frozenset() if watch.plain is None else frozenset(new.keys() | old.keys()) - watch.plain,
                subject_id=key[1] if key[0] == "person" else None,
                commit_seq=commit_seq,
            )


def _differing(watch: Watch, before: Row | None, after: Row) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    """Values before and after; of a new row everything that it has, of another one what differs and what names it."""
    names = watch.said or frozenset(after.keys() - NEVER)
    if before is None:
        return {}, {name: after[name] for name in sorted(names) if after[name] is not None}
    changed = [name for name in sorted(names | {"deleted_at"}) if before[name] != after[name]]
    told = {name: after[name] for name in sorted(names) if name.endswith("_id") or name == "number"}
    return {name: before[name] for name in changed}, told | {name: after[name] for name in changed}

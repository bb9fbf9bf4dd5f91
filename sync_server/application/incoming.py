"""Mutations as they arrive: parsed once, with their exact bytes, and cut into units with groups whole."""

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from sync_server.contract.codec import GUID
from sync_server.contract.entities import REGISTRY
from sync_server.contract.messages import (
    MAX_GROUP_BYTES,
    MAX_GROUP_MUTATIONS,
    MAX_PUSH_BYTES,
    MAX_PUSH_MUTATIONS,
    UNIT_MUTATIONS,
    Base,
    Clock,
    Mutation,
)
from sync_server.contract.problems import Problem
from sync_server.contract.rules.chain import Link, digest_of
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.policy import reads
from sync_server.contract.rules.upcasting import is_known, upcast
from sync_server.contract.version import MUTATION
from sync_server.errors import Refused

log = logging.getLogger(__name__)

NIL = "00000000-0000-0000-0000-000000000000"
"""No id of anything (RFC 9562): slices of a scope begin after it."""
MOST_AHEAD = 100
"""Versions that an app may be ahead of this server. What says that it is newer than that was not made by one."""
LONGEST_TYPE = 100
"""Characters of a mutation's type; what is longer is none, and what is known of types is kept by them."""
UNREADABLE = Problem("invalid_value", "This change cannot be read. It is kept on your device.")
NO_ID = Problem("invalid_value", "The change names its record by something that is no id.")
UNKNOWN = Problem("unknown_type", "This server does not know this kind of change. It has to be updated.")
TOO_OLD = Problem("unknown_type", "This change was made by an app that is too old. Update the app and send it again.")
WITHDRAWN = Problem("withdrawn", "Its author has taken this change back.")
GROUP_TOO_LARGE = Problem("too_large", f"A step holds at most {MAX_GROUP_MUTATIONS} changes and 256 KiB.")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a mutation belongs: what can be read even when what it says cannot."""

    mutation_id: str
    device: str
    user: str
    device_seq: int
    prev: str
    group: str
    v: Any = MUTATION
    """A newer app may say things in a form that this server cannot read at all."""


_DECODER = msgspec.json.Decoder(Mutation)
_PLACES = msgspec.json.Decoder(Place)


class Incoming(msgspec.Struct, frozen=True):
    """A mutation with the bytes that were sealed. With a problem it can only be refused; nothing of it is used."""

    mutation: Mutation
    sealed: bytes = b""
    digest: str = ""
    problem: Problem | None = None
    reads: tuple[Key, ...] = ()
    """Rows that it needs at first sight."""

    @property
    def link(self) -> Link:
        """Its place in the device's chain."""
        return self.mutation.device_seq, self.mutation.prev, self.sealed


def parse(texts: Sequence[msgspec.Raw], *, device_id: str, person_id: str) -> list[Incoming]:
    """Read a batch. Raises Refused for one that no honest client sends: sizes, ids, another's changes."""
    if not 0 < len(texts) <= MAX_PUSH_MUTATIONS or sum(len(bytes(text)) for text in texts) > MAX_PUSH_BYTES:
        raise Refused("too_large", f"A push carries 1 to {MAX_PUSH_MUTATIONS} changes of 1 MiB together.")
    try:
        batch = [_parse(bytes(text)) for text in texts]
    except (ValueError, RecursionError) as error:
        raise Refused("bad_request", "A change does not say where it belongs.") from error
    if {(item.mutation.device, item.mutation.user) for item in batch} != {(device_id, person_id)}:
        raise Refused("not_allowed", "A device sends its own changes only.")
    if not all(
        map(GUID.fullmatch, {id_ for item in batch for id_ in (item.mutation.mutation_id, item.mutation.group)})
    ):
        raise Refused("bad_request", "A change has no id.")
    return batch


def _parse(sealed: bytes) -> Incoming:
    """Read one. Raises ValueError when not even its place can be read: invalid JSON is not skipped over."""
    try:
        mutation = _DECODER.decode(sealed)
    except (ValueError, RecursionError):  # msgspec's errors and those of UTF-8 are ValueErrors
        return Incoming(_unread(_PLACES.decode(sealed)), sealed, digest_of(sealed), UNREADABLE)
    mutation = upcast(mutation)
    return received(mutation, sealed, digest_of(sealed))


def received(mutation: Mutation, sealed: bytes = b"", digest: str = "") -> Incoming:
    """Give a mutation as the units take it, whoever made it."""
    problem = problem_of(mutation)
    if problem is not None:
        return Incoming(mutation, sealed, digest, problem)
    try:
        return Incoming(mutation, sealed, digest, reads=reads(mutation))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:  # raised further, it would stop all others
        log.error("what a mutation names could not be told", exc_info=error)
        return Incoming(mutation, sealed, digest, UNREADABLE)


def _unread(place: Place) -> Mutation:
    said = msgspec.structs.asdict(place)
    said["v"] = place.v if isinstance(place.v, int) else MUTATION
    base, at = Base(epoch="", version=0, seq=0), Clock(device="")
    return Mutation(**said, type="", aggregate_id="", entity="", id="", base=base, set={}, at=at)


def problem_of(mutation: Mutation) -> Problem | None:
    """Say why a mutation cannot even be looked at; None: it can."""
    if mutation.v > MUTATION + MOST_AHEAD:
        return UNREADABLE
    if not is_known(mutation.v):
        return TOO_OLD
    if mutation.entity not in REGISTRY or len(mutation.type) > LONGEST_TYPE:
        return UNKNOWN
    ids = {mutation.id, mutation.aggregate_id}
    if mutation.signer is not None:
        ids |= {mutation.signer.user, mutation.signer.device}
    if mutation.type == "checklist.answer_all":
        ids |= mutation.set.keys()
    return None if NIL not in ids and all(map(GUID.fullmatch, ids)) else NO_ID


def newer_than_here(batch: Sequence[Incoming]) -> int:
    """Give where in a batch begins what a newer app has made; its length: nowhere. Groups stay whole.

    Such changes are neither applied nor refused: they come again until this server is updated. One that its author has
    taken back, or of a version that will never be, is refused at once: nothing may wait behind it.
    """
    for item in batch:
        if _is_newer(item):
            return next(at for at, each in enumerate(batch) if each.mutation.group == item.mutation.group)
    return len(batch)


def _is_newer(item: Incoming) -> bool:
    return item.problem is not WITHDRAWN and MUTATION < item.mutation.v <= MUTATION + MOST_AHEAD


def refused(group: Iterable[Incoming], problem: Problem) -> list[Incoming]:
    """Give the mutations of a group, to be refused."""
    return [msgspec.structs.replace(item, problem=problem) for item in group]


def taken_back(batch: Iterable[Incoming], mutation_ids: Collection[str]) -> list[Incoming]:
    """Let what its author has taken back be refused, unless it was answered before."""
    replace = msgspec.structs.replace
    return [replace(item, problem=WITHDRAWN) if item.mutation.mutation_id in mutation_ids else item for item in batch]


def groups_of(batch: Iterable[Incoming]) -> list[list[Incoming]]:
    """Neighbours of one group together, in order. One that is too large can only be refused."""
    groups: list[list[Incoming]] = []
    for item in batch:
        if groups and groups[-1][-1].mutation.group == item.mutation.group:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [refused(group, GROUP_TOO_LARGE) if _is_too_large(group) else group for group in groups]


def _is_too_large(group: Sequence[Incoming]) -> bool:
    return len(group) > MAX_GROUP_MUTATIONS or sum(len(item.sealed) for item in group) > MAX_GROUP_BYTES


def units_of(groups: Iterable[list[Incoming]]) -> list[list[list[Incoming]]]:
    """Groups packed into transactions of at most 500 mutations, in order (D-129)."""
    units: list[list[list[Incoming]]] = []
    size = UNIT_MUTATIONS
    for group in groups:
        if size + len(group) > UNIT_MUTATIONS:
            units.append([])
            size = 0
        units[-1].append(group)
        size += len(group)
    return units

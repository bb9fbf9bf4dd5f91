"""Mutations as they arrive: parsed once, with their exact bytes, and cut into units with groups whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from sync_server.contract.codec import GUID
from sync_server.contract.messages import (
    MAX_GROUP_BYTES,
    MAX_GROUP_MUTATIONS,
    MAX_PUSH_MUTATIONS,
    UNIT_MUTATIONS,
    Mutation,
)
from sync_server.contract.rules.chain import Link, digest_of
from sync_server.errors import Refused

_DECODER = msgspec.json.Decoder(Mutation)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mutation with the bytes that were sealed."""

    mutation: Mutation
    sealed: bytes
    digest: str

    @property
    def link(self) -> Link:
        """Its place in the device's chain."""
        return self.mutation.device_seq, self.mutation.prev, self.sealed


def parse(texts: Sequence[msgspec.Raw], *, device_id: str, person_id: str) -> list[Incoming]:
    """Read a batch. Raises Refused for a batch that no honest client sends."""
    if not 0 < len(texts) <= MAX_PUSH_MUTATIONS:
        raise Refused("too_large", f"A push carries 1 to {MAX_PUSH_MUTATIONS} changes.")
    try:
        batch = [_parse(bytes(text)) for text in texts]
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused("bad_request", f"A change cannot be read: {error}.") from error
    if any(item.mutation.device != device_id or item.mutation.user != person_id for item in batch):
        raise Refused("not_allowed", "A device sends its own changes only.")
    if not all(GUID.fullmatch(id_) for item in batch for id_ in (item.mutation.mutation_id, item.mutation.group)):
        raise Refused("bad_request", "A change has no id.")
    return batch


def _parse(sealed: bytes) -> Incoming:
    return Incoming(_DECODER.decode(sealed), sealed, digest_of(sealed))


def groups_of(batch: Iterable[Incoming]) -> list[list[Incoming]]:
    """Neighbours of one group together, in order. Raises Refused for a group that is too large."""
    groups: list[list[Incoming]] = []
    for item in batch:
        if groups and groups[-1][-1].mutation.group == item.mutation.group:
            groups[-1].append(item)
        else:
            groups.append([item])
    for group in groups:
        if len(group) > MAX_GROUP_MUTATIONS or sum(len(item.sealed) for item in group) > MAX_GROUP_BYTES:
            raise Refused("too_large", f"A group holds at most {MAX_GROUP_MUTATIONS} changes and 256 KiB.")
    return groups


def units_of(groups: Iterable[list[Incoming]]) -> list[list[list[Incoming]]]:
    """Groups packed into transactions of at most 50 mutations, in order."""
    units: list[list[list[Incoming]]] = []
    size = UNIT_MUTATIONS
    for group in groups:
        if size + len(group) > UNIT_MUTATIONS:
            units.append([])
            size = 0
        units[-1].append(group)
        size += len(group)
    return units

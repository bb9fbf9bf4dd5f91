"""Sealing: the one moment in which a mutation gets its place in the device's chain, and its bytes.

Sealed bytes are stored and sent verbatim, however often; nothing here ever encodes a sealed mutation again.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cmms_desktop.replica.blocking import blocked_groups
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.touches import DECODER
from sync_server.contract.messages import (
    MAX_GROUP_MUTATIONS,
    MAX_PUSH_BYTES,
    MAX_PUSH_MUTATIONS,
    PushRequest,
    Seal,
)
from sync_server.contract.rules.chain import digest_of, seal_input

_SEALED: Final = "SELECT mutation_id, group_id, device_seq, sealed, digest, state = 'withdrawn'"
_UNANSWERED: Final = "WHERE state = 'sealed' AND device_seq IS NOT NULL AND device_seq > ? ORDER BY device_seq LIMIT ?"

Sign = Callable[[bytes], bytes]
"""Ed25519 by the device's key over exactly these bytes (rules/chain.py `seal_input`, prefix included)."""

SEAL_BYTES: Final = 100
"""What sealing adds to a body at most: device_seq and prev."""
PUSH_OVERHEAD_BYTES: Final = 1_024
"""Room for the seal and the frame of the request."""
_ENOUGH: Final = MAX_PUSH_MUTATIONS + MAX_GROUP_MUTATIONS
"""Mutations among which every group that a push takes is whole."""


@dataclass(frozen=True, slots=True)
class SealedMutation:
    """A mutation with its place in the chain and the bytes that are sent."""

    mutation_id: str
    group_id: str
    device_seq: int
    sealed: bytes
    digest: str
    is_withdrawn: bool = False
    """Taken back since: a restored server gets it for the sake of the chain, and refuses it."""


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """What one push sends: consecutive in the chain, groups whole."""

    mutations: tuple[SealedMutation, ...]
    seal: Seal

    @property
    def mutation_ids(self) -> tuple[str, ...]:
        """Ids, in the order of the verdicts to come."""
        return tuple(each.mutation_id for each in self.mutations)

    def request(self) -> PushRequest:
        """The message of a push, the sealed bytes as they are."""
        withdrawn = tuple(each.mutation_id for each in self.mutations if each.is_withdrawn)
        texts = [msgspec.Raw(each.sealed) for each in self.mutations]
        return PushRequest(seal=self.seal, mutations=texts, withdrawn=withdrawn)


def next_sealed(
    settling: Settlement, *, limit: int, resend_from: int | None, after_seq: int = 0
) -> list[SealedMutation]:
    """Give what the next push sends, sealing pending groups as far as there is room.

    Sealed mutations without an answer come first, with the same bytes. They are cut where the chain has a gap between
    them, because a batch is one stretch of the chain.

    Args:
        limit: Most mutations, 1 to 500.
        resend_from: device_seq that the server asked for; everything from it on is sent again, answered or not.
        after_seq: device_seq up to which everything is on its way already.
    """
    room = _Room(min(limit, MAX_PUSH_MUTATIONS), MAX_PUSH_BYTES - PUSH_OVERHEAD_BYTES)
    batch = room.take(_groups(_sealed_before(settling.cursor, resend_from, after_seq)))
    settling.cursor.executemany(
        "UPDATE outbox SET sent_at = ? WHERE mutation_id = ? AND device_seq IS NOT NULL",
        [(settling.now, each.mutation_id) for each in batch],
    )
    if not batch or (batch[-1].device_seq == settling.state.chain_seq and not room.is_full):
        batch += _seal_pending(settling, room, sent_at=settling.now)
    settling.load_again()
    settling.rebase()
    return batch


def not_newer(batch: Sequence[SealedMutation], newest: int) -> list[SealedMutation]:
    """Give a batch up to the first group of a version that the server does not know yet."""
    taken: list[SealedMutation] = []
    for group in _groups(batch):
        if any(DECODER.decode(each.sealed).v > newest for each in group):
            break
        taken += group
    return taken


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Everything that this device keeps for the server, of one moment.

    `pushes`: the kept chain, answered or not. `kept`: what no push can carry, because it was refused, is held, or waits
    for such a one, as (mutation id, state, body, code, reason). `unanswered`: changes that have no answer yet.
    """

    pushes: tuple[SealedBatch, ...]
    kept: tuple[tuple[str, str, str, str | None, str | None], ...]
    unanswered: int


def hand_over(settling: Settlement, sign: Sign) -> HandedOver:
    """Seal all that may be sent and give everything.

    For a server that cannot be reached, or that has lost what it had: whoever takes it over knows what is new to it.
    """
    pushes = tuple(batch_of(settling.state.device_id, each, sign) for each in _everything_sealed(settling))
    kept = settling.cursor.execute(
        "SELECT mutation_id, state, body, code, reason FROM outbox WHERE state IN ('parked', 'held', 'pending')"
        " ORDER BY n"
    ).fetchall()
    sql = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed')"
    return HandedOver(pushes, tuple(map(tuple, kept)), int(settling.cursor.execute(sql).fetchone()[0]))


def _everything_sealed(settling: Settlement) -> list[list[SealedMutation]]:
    while _seal_pending(settling, _Room(MAX_PUSH_MUTATIONS, MAX_PUSH_BYTES - PUSH_OVERHEAD_BYTES)):
        pass
    settling.load_again()
    settling.rebase()
    both = f"{_SEALED} FROM outbox UNION ALL {_SEALED} FROM outbox_done"
    lines = settling.cursor.execute(
        f"SELECT * FROM ({both}) WHERE device_seq IS NOT NULL ORDER BY device_seq"
    ).fetchall()
    groups = list(_groups(SealedMutation(*line) for line in lines))
    pushes: list[list[SealedMutation]] = []
    while groups:
        pushes.append(_Room(MAX_PUSH_MUTATIONS, MAX_PUSH_BYTES - PUSH_OVERHEAD_BYTES).take(_unbroken(groups)))
        groups = groups[len({each.group_id for each in pushes[-1]}) :]
    return pushes


def _unbroken(groups: Iterable[list[SealedMutation]]) -> Iterable[list[SealedMutation]]:
    """Give groups as long as they follow one another in the chain: a push is one stretch of it."""
    following: int | None = None
    for group in groups:
        if following is not None and group[0].device_seq != following:
            return
        yield group
        following = group[-1].device_seq + 1


def batch_of(device_id: str, mutations: Sequence[SealedMutation], sign: Sign) -> SealedBatch:
    """Sign the stretch of the chain that is sent."""
    first, last = mutations[0].device_seq, mutations[-1].device_seq
    head = mutations[-1].digest
    signature = sign(seal_input(device_id, from_seq=first, to_seq=last, head=head))
    text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    return SealedBatch(tuple(mutations), Seal(from_seq=first, to_seq=last, head=head, sig=text))


class _Room:
    """How much more a push takes."""

    def __init__(self, count: int, size_bytes: int) -> None:
        self._count = count
        self._size_bytes = size_bytes
        self.is_full = False

    def take(self, groups: Iterable[list[SealedMutation]]) -> list[SealedMutation]:
        """Take whole groups while they fit."""
        taken: list[SealedMutation] = []
        for group in groups:
            if not self.holds(len(group), sum(len(each.sealed) + 1 for each in group)):
                break
            taken += group
        return taken

    def holds(self, count: int, size_bytes: int) -> bool:
        """Use up the room for a group, if there is enough; after the first that does not fit there is none."""
        self.is_full = self.is_full or count > self._count or size_bytes > self._size_bytes
        if not self.is_full:
            self._count -= count
            self._size_bytes -= size_bytes
        return not self.is_full


def _sealed_before(cursor: Any, resend_from: int | None, after_seq: int) -> list[SealedMutation]:
    """The first unbroken stretch of the chain to be sent (again): a group more than a push takes, so that none is cut.

    Half of a group would count by itself, and the other half be judged without it.
    """
    if resend_from is None:
        lines = cursor.execute(f"{_SEALED} FROM outbox {_UNANSWERED}", (after_seq, _ENOUGH)).fetchall()
    else:
        both = f"{_SEALED} FROM outbox UNION ALL {_SEALED} FROM outbox_done"
        sql = f"SELECT * FROM ({both}) WHERE device_seq >= ? ORDER BY device_seq LIMIT ?"
        lines = cursor.execute(sql, (resend_from, _ENOUGH)).fetchall()
    stretch = [SealedMutation(*line) for line in lines]
    return [each for place, each in enumerate(stretch) if each.device_seq == stretch[0].device_seq + place]


def _groups(mutations: Iterable[SealedMutation]) -> Iterable[list[SealedMutation]]:
    group: list[SealedMutation] = []
    for each in mutations:
        if group and group[-1].group_id != each.group_id:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _seal_pending(settling: Settlement, room: _Room, *, sent_at: str | None = None) -> list[SealedMutation]:
    blocked = blocked_groups(settling.cursor)
    if blocked:
        _let_pass(settling, blocked)
    sealed: list[SealedMutation] = []
    lines: list[tuple[object, ...]] = []
    seq, head = settling.state.chain_seq, settling.state.chain_head
    for group_id, members in _pending_groups(settling.cursor, blocked).items():
        if not room.holds(len(members), sum(len(body.encode()) + SEAL_BYTES for _, body in members)):
            break
        for n, body in members:
            each = _sealed(body, group_id, seq + 1, head)
            seq, head = each.device_seq, each.digest
            sealed.append(each)
            lines.append((seq, each.sealed, head, sent_at, n))
    settling.cursor.executemany(
        "UPDATE outbox SET state = 'sealed', device_seq = ?, sealed = ?, digest = ?, sent_at = ? WHERE n = ?", lines
    )
    if sealed:
        settling.remember(chain_seq=seq, chain_head=head)
    return sealed


def _let_pass(settling: Settlement, blocked: Collection[str]) -> None:
    """Later mutations reach the server before blocked ones, so what those wrote is computed in that order."""
    lines = settling.cursor.execute("SELECT n, group_id FROM outbox WHERE state = 'pending'").fetchall()
    settling.affected |= settling.open.written_by(n for n, group_id in lines if group_id in blocked)


def _pending_groups(cursor: Any, blocked: Collection[str]) -> dict[str, list[tuple[int, str]]]:
    """Groups that may be sent, in order; more than one push can take. Blocked ones never hide those behind them."""
    limit = -1 if blocked else _ENOUGH
    lines = cursor.execute(
        "SELECT n, group_id, body FROM outbox WHERE state = 'pending' ORDER BY n LIMIT ?", (limit,)
    ).fetchall()
    groups: dict[str, list[tuple[int, str]]] = {}
    for n, group_id, body in lines:
        if group_id not in blocked:
            groups.setdefault(group_id, []).append((n, body))
    return groups


def _sealed(body: str, group_id: str, device_seq: int, prev: str) -> SealedMutation:
    mutation = msgspec.structs.replace(DECODER.decode(body), device_seq=device_seq, prev=prev)
    sealed = msgspec.json.encode(mutation)
    return SealedMutation(mutation.mutation_id, group_id, device_seq, sealed, digest_of(sealed))

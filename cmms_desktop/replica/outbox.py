"""The outbox: every mutation made here, from the edit to the durable commit (sync.md §4).

States: `pending` (unsealed) → `sealed` (has its place in the device's chain; its bytes never change) → `acknowledged`
(the server committed it; replayed until a pull contains that commit) → `done` (kept until durable, and 30 days).
`parked` (refused) and `held` (a person at the server decides) have left the visible rows and keep what was entered;
`withdrawn` was taken back, or made again as another one. Done and withdrawn ones lie in a table of their own, so that
the work still to be done is all there is to read. Nothing entered is ever dropped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from cmms_desktop.replica import sealing, verdicts, withdrawal
from cmms_desktop.replica.blocking import blocked_groups
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.drafting import Value
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.sync_state import require_in_use
from cmms_desktop.replica.touches import DECODER
from sync_server.contract.column_types import instant_of, instant_text
from sync_server.contract.fields import Scalar
from sync_server.contract.messages import MAX_PUSH_MUTATIONS, OutboxState, Verdict
from sync_server.contract.rules.draft import Key
from sync_server.contract.version import MUTATION

KEPT_DAYS: Final = 30
"""A durable mutation is kept this long all the same (sync.md §8)."""

_ENTRY: Final = (
    "SELECT n, mutation_id, group_id, type, entity, row_id, aggregate_id, state, body, verdict, code, reason,"
    " commit_seq, made_at, sent_at FROM outbox WHERE state IN"
)


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One mutation as a screen shows it. Instants are wire text; `set` is field → (old, new)."""

    n: int
    mutation_id: str
    group_id: str
    type: str
    entity: str
    row_id: str
    aggregate_id: str
    state: str
    set: Mapping[str, tuple[Scalar, Scalar]]
    verdict: str | None
    code: str | None
    reason: str | None
    commit_seq: int | None
    made_at: str
    sent_at: str | None
    blocked_by: str | None = None
    """Mutation that has to be settled before this one is sent."""


def entry_of(line: Sequence[Any], blocked: Mapping[str, str]) -> OutboxEntry:
    """Make an entry from a line of the table."""
    state, group_id = line[7], line[2]
    blocker = blocked.get(group_id) if state == "pending" else None
    cells: tuple[Any, ...] = (*line[:8], DECODER.decode(line[8]).set, *line[9:], blocker)
    return OutboxEntry(*cells)


def state_of(cursor: Any) -> OutboxState:
    """How much waits for an answer and since when, for `hello`."""
    sql = "SELECT count(*), min(made_at) FROM outbox WHERE state IN ('pending', 'sealed')"
    count, oldest = cursor.execute(sql).fetchone()
    return OutboxState(count=count, oldest=oldest)


class Outbox:
    """The outbox of a replica."""

    def __init__(
        self,
        database: ReplicaDatabase,
        *,
        settle: Callable[[], AbstractContextManager[Settlement]],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._settle = settle
        self._new_id = new_id

    def waiting(self) -> tuple[OutboxEntry, ...]:
        """Mutations without an answer, in the order they are sent; blocked ones name their blocker."""
        with self._database.reader() as handle:
            blocked = blocked_groups(handle.cursor)
            order = "ORDER BY device_seq IS NULL, device_seq, n"
            lines = handle.cursor.execute(f"{_ENTRY} ('pending', 'sealed') {order}").fetchall()
        return tuple(entry_of(line, blocked) for line in lines)

    def parked(self) -> tuple[OutboxEntry, ...]:
        """Mutations that the server refused, oldest first: they need attention."""
        return self._in_state("parked")

    def held(self) -> tuple[OutboxEntry, ...]:
        """Mutations that a person at the server decides about, oldest first."""
        return self._in_state("held")

    def acknowledged(self) -> tuple[OutboxEntry, ...]:
        """Mutations that the server committed and no pull has brought yet."""
        return self._in_state("acknowledged")

    def _in_state(self, state: str) -> tuple[OutboxEntry, ...]:
        with self._database.reader() as handle:
            lines = handle.cursor.execute(f"{_ENTRY} (?) ORDER BY n", (state,)).fetchall()
        return tuple(entry_of(line, {}) for line in lines)

    def unsent(self) -> int:
        """How many mutations are nowhere but here: those without an answer, and refused ones."""
        sql = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed', 'parked')"
        with self._database.reader() as handle:
            return int(handle.cursor.execute(sql).fetchone()[0])

    def state(self) -> OutboxState:
        """How much waits for an answer and since when."""
        with self._database.reader() as handle:
            return state_of(handle.cursor)

    def seal_next(
        self,
        sign: sealing.Sign,
        *,
        limit: int = MAX_PUSH_MUTATIONS,
        resend_from: int | None = None,
        after_seq: int = 0,
        newest: int = MUTATION,
    ) -> sealing.SealedBatch | None:
        """Give what the next push sends, or None: nothing waits that may be sent.

        Sealed bytes are committed before this returns; a batch whose answer was lost is given again unchanged.

        Args:
            sign: Ed25519 by the device's key over the given bytes.
            limit: Most mutations, 1 to 500.
            resend_from: device_seq that the server asked to send again from.
            after_seq: device_seq up to which everything is on its way already.
            newest: Version of the newest mutations that the server takes; what is newer waits, sealed.
        """
        with self._settle() as settling:
            mutations = sealing.next_sealed(settling, limit=limit, resend_from=resend_from, after_seq=after_seq)
            device_id = settling.state.device_id
        if newest < MUTATION:
            mutations = sealing.not_newer(mutations, newest)
        return sealing.batch_of(device_id, mutations, sign) if mutations else None

    def hand_over(self, sign: sealing.Sign) -> sealing.HandedOver:
        """Seal all that may be sent and give everything that this device keeps for the server."""
        with self._settle() as settling:
            return sealing.hand_over(settling, sign)

    def record_verdicts(self, answers: Iterable[Verdict]) -> frozenset[Key]:
        """Take the answers to a push; give the rows that may have changed."""
        with self._settle() as settling:
            verdicts.record(settling, answers)
        return frozenset(settling.store.touched)

    def withdraw(self, mutation_id: str, *, with_dependents: bool = False) -> tuple[str, ...]:
        """Take back a mutation that was never sent or was refused; see withdrawal.py."""
        with self._settle() as settling:
            return withdrawal.withdraw(settling, mutation_id, with_dependents=with_dependents)

    def resend_as_new(self, mutation_id: str, *, set: Mapping[str, Value] | None = None) -> tuple[str, ...]:  # noqa: A002
        """Correct a refused mutation and make it again; see withdrawal.py."""
        with self._settle() as settling:
            require_in_use(settling.state)
            return withdrawal.resend_as_new(settling, mutation_id, changed=set or {}, new_id=self._new_id)

    def purge(self, *, durable_seq: int) -> int:
        """Drop what is older than 30 days and durable, or was never sent; give the number of mutations dropped.

        Days are the server's: a clock of this device that jumps ahead takes nothing that a restore may ask for.

        What was withdrawn after it was sent is kept as long: without it a restored server would miss a link of the
        chain. What names a file that still waits is kept with it.
        """
        with self._settle() as settling:
            before = instant_text(instant_of(settling.server_now) - timedelta(days=KEPT_DAYS))
            settling.cursor.execute(
                "DELETE FROM outbox_done WHERE settled_at < ? AND (commit_seq <= ? OR device_seq IS NULL)"
                " AND NOT EXISTS (SELECT 1 FROM json_each(body, '$.blobs') j JOIN blob b"
                " ON b.sha256 = j.value AND b.state = 'to_send')",
                (before, durable_seq),
            )
            return int(settling.cursor.rowcount)

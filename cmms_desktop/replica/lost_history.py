"""What a restored server has lost is taken back here: changes to be sent again, rows that never were (sync.md §8).

The changes keep their ids, their bytes and their places in the chain. Rows of commits that are gone stay visible until
the server has said what stands instead; they are marked by the number of their commit being negative, so that none is
taken for a row of the new history, whatever numbers that reaches.
"""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.replica import content_sums, sync_state
from cmms_desktop.replica.rows import SQL
from cmms_desktop.replica.settlement import Settlement

RESTORED: Final = "restored"
_NEVER: Final = 2**62
"""Stands for a commit that no answer named."""
_LOST: Final = f"device_seq IS NOT NULL AND coalesce(commit_seq, {_NEVER}) > ?"
_DONE: Final = (
    "mutation_id, group_id, type, entity, row_id, aggregate_id, device_seq, digest, made_at, sent_at, body, sealed"
)


@dataclass(frozen=True, slots=True)
class Fork:
    """What a restored server says. `common_seq`: last commit that it and this device share.

    `cursor` reads on from there; None: everything is read afresh.
    """

    epoch: str
    common_seq: int
    cursor: str | None
    durable_seq: int


def begin_again(settling: Settlement, fork: Fork) -> int:
    """Go back to the last common commit, with everything to be sent again that this device knows of later ones.

    Being told the same again changes nothing but what was answered since, which is then asked again.

    Returns:
        Number of changes that are returned; what was waiting already is not counted.
    """
    returned = _return_open(settling, fork.common_seq) + _return_done(settling, fork.common_seq)
    settling.cursor.execute("UPDATE blob SET state = 'to_send', sent_bytes = 0 WHERE state = 'sent'")
    _mark_rows(settling, fork.common_seq)
    _store_state(settling, fork, len(returned))
    settling.load_again()
    settling.finish_pulled()
    settling.forced.update(returned)
    settling.rebase()
    return len(returned)


def _return_open(settling: Settlement, common_seq: int) -> list[int]:
    """Let what waits for its commit, or in front of a person, wait for an answer again."""
    states = "state IN ('acknowledged', 'parked', 'held')"
    lines = settling.cursor.execute(f"SELECT n FROM outbox WHERE {states} AND {_LOST}", (common_seq,)).fetchall()
    settling.cursor.executemany(
        "UPDATE outbox SET state = 'sealed', lost_seq = coalesce(commit_seq, lost_seq), verdict = NULL, code = NULL,"
        " reason = NULL, commit_seq = NULL, settled_at = NULL WHERE n = ?",
        lines,
    )
    return [n for (n,) in lines]


def _return_done(settling: Settlement, common_seq: int) -> list[int]:
    """Bring back what was done. What its author has taken back stays where it is, and is sent only for the chain."""
    ask = settling.cursor.execute
    (last,) = ask("SELECT coalesce(max(n), 0) FROM outbox").fetchone()
    ask(
        f"INSERT INTO outbox (n, state, lost_seq, {_DONE})"
        f" SELECT ? + row_number() OVER (ORDER BY device_seq), 'sealed', commit_seq, {_DONE}"
        f" FROM outbox_done WHERE state = 'done' AND {_LOST}",
        (last, common_seq),
    )
    ask(f"DELETE FROM outbox_done WHERE state = 'done' AND {_LOST}", (common_seq,))
    return [n for (n,) in ask("SELECT n FROM outbox WHERE n > ?", (last,)).fetchall()]


def _mark_rows(settling: Settlement, common_seq: int) -> None:
    """Mark the rows of commits that are gone, visible ones and those beneath."""
    for sql in SQL.values():
        settling.cursor.execute(f"UPDATE {sql.name} SET sync_seq = -sync_seq WHERE sync_seq > ?", (common_seq,))
    settling.cursor.execute(
        "UPDATE shadow SET server_row = json_set(server_row, '$.sync_seq', -(server_row ->> '$.sync_seq'))"
        " WHERE server_row ->> '$.sync_seq' > ?",
        (common_seq,),
    )
    settling.store.forget()
    content_sums.forget_all(settling.cursor)


def _store_state(settling: Settlement, fork: Fork, count: int) -> None:
    before = settling.state
    notices = before.notices
    if before.epoch != fork.epoch or count:
        notices = (sync_state.Notice(settling.now, RESTORED, count), *notices)[: sync_state.MOST_NOTICES]
    settling.cursor.execute("DELETE FROM checkpoint WHERE seq > ?", (fork.common_seq,))
    settling.remember(
        epoch=fork.epoch,
        cursor=fork.cursor,
        pulled_seq=min(before.pulled_seq, fork.common_seq),
        bootstrap=(),
        digests=None,
        durable_seq=min(fork.durable_seq, fork.common_seq),
        settled_epoch=before.settled_epoch or before.epoch,
        notices=notices,
    )

"""The server's answers to mutations, and what a person there decided about held ones (the table of sync.md §4)."""

from collections.abc import Iterable
from typing import Final

from cmms_desktop.replica.settlement import Settlement
from sync_server.contract.messages import Verdict

ACCEPTED: Final = frozenset({"applied", "already_applied", "merged", "conflict"})
STOPPED: Final = {"rejected": "parked", "held": "held"}
"""Verdict → state of a mutation that leaves the visible rows. Every other verdict, `retry` too, is not stored."""


def record(settling: Settlement, verdicts: Iterable[Verdict]) -> None:
    """Take answers: accepted mutations wait for their commit, refused and held groups leave the visible rows."""
    answers = list(verdicts)
    for verdict in answers:
        if verdict.status in ACCEPTED:
            _acknowledge(settling, verdict)
    for verdict in answers:
        if verdict.status in STOPPED:
            _stop(settling, verdict)
    settling.finish_pulled()
    settling.release_hidden()
    settling.rebase()


def _acknowledge(settling: Settlement, verdict: Verdict) -> None:
    commit_seq = verdict.commit_seq if verdict.commit_seq is not None else settling.state.pulled_seq + 1
    settling.cursor.execute(
        "UPDATE outbox SET state = 'acknowledged', verdict = ?, code = ?, reason = ?, commit_seq = ?"
        " WHERE mutation_id = ? AND state IN ('sealed', 'acknowledged')",
        (verdict.status, verdict.code, verdict.reason, commit_seq, verdict.mutation_id),
    )


def _stop(settling: Settlement, verdict: Verdict) -> None:
    """Park or hold a mutation with its group; a member whose own answer is not known yet says why."""
    found = settling.cursor.execute(
        "SELECT group_id FROM outbox WHERE mutation_id = ? AND device_seq IS NOT NULL AND state <> 'withdrawn'",
        (verdict.mutation_id,),
    ).fetchone()
    if found is None:
        return
    lines = settling.cursor.execute(
        "SELECT n FROM outbox WHERE group_id = ? AND state IN ('sealed', 'acknowledged', 'done')", found
    ).fetchall()
    settling.close([n for (n,) in lines], state=STOPPED[verdict.status])
    settling.cursor.execute(
        "UPDATE outbox SET verdict = ?, code = ? WHERE group_id = ? AND code IS NULL",
        (verdict.status, "group_refused" if verdict.status == "rejected" else None, *found),
    )
    settling.cursor.execute(
        "UPDATE outbox SET verdict = ?, code = ?, reason = ?, commit_seq = ? WHERE mutation_id = ?",
        (verdict.status, verdict.code, verdict.reason, verdict.commit_seq, verdict.mutation_id),
    )


def record_decision(
    settling: Settlement, *, mutation_id: str, decision: str, reason: str | None, seq: int | None
) -> None:
    """Take what a person decided about a held mutation: approved as a commit that is pulled, or refused."""
    is_approved = decision == "approved"
    state, verdict, code = ("done", "applied", None) if is_approved else ("parked", "rejected", "not_allowed")
    settling.cursor.execute(
        "UPDATE outbox SET state = ?, verdict = ?, code = ?, reason = ?, commit_seq = ?, settled_at = ?"
        " WHERE mutation_id = ? AND state = 'held'",
        (state, verdict, code, reason, seq, settling.now, mutation_id),
    )

"""The server's answers to mutations, and what a person there decided about held ones (the table of sync.md §4)."""

from collections.abc import Iterable
from typing import Final

from cmms_desktop.replica.settlement import Settlement
from sync_server.contract.messages import MAX_GROUP_MUTATIONS, Verdict

ACCEPTED: Final = frozenset({"applied", "already_applied", "merged", "conflict"})
STOPPED: Final = {"rejected": "parked", "held": "held"}
"""Verdict → state of a mutation that leaves the visible rows. Every other verdict, `retry` too, is not stored."""


def record(settling: Settlement, verdicts: Iterable[Verdict]) -> None:
    """Take answers: accepted mutations wait for their commit, refused and held groups leave the visible rows."""
    answers = list(verdicts)
    _acknowledge(settling, [verdict for verdict in answers if verdict.status in ACCEPTED])
    for verdict in answers:
        if verdict.status in STOPPED:
            _stop(settling, verdict)
    if any(verdict.status == "held" for verdict in answers):
        _take_known_decisions(settling)
    settling.finish_pulled()
    settling.release_hidden()
    settling.rebase()


def _acknowledge(settling: Settlement, accepted: Iterable[Verdict]) -> None:
    unknown = settling.state.pulled_seq + 1
    settling.cursor.executemany(
        "UPDATE outbox SET state = 'acknowledged', verdict = ?, code = ?, reason = ?, commit_seq = ?"
        " WHERE mutation_id = ? AND state IN ('sealed', 'acknowledged') AND device_seq IS NOT NULL",
        [
            (
                each.status,
                each.code,
                each.reason,
                unknown if each.commit_seq is None else each.commit_seq,
                each.mutation_id,
            )
            for each in accepted
        ],
    )


def _stop(settling: Settlement, verdict: Verdict) -> None:
    """Park or hold a mutation with its group; a member whose own answer is not known yet says why."""
    found = settling.cursor.execute(
        "SELECT n, group_id FROM outbox WHERE mutation_id = ? AND device_seq IS NOT NULL", (verdict.mutation_id,)
    ).fetchone()
    if found is None:
        return
    lines = settling.cursor.execute(
        "SELECT n FROM outbox WHERE n BETWEEN ? AND ? AND group_id = ? AND state IN ('sealed', 'acknowledged')",
        (found[0] - MAX_GROUP_MUTATIONS, found[0] + MAX_GROUP_MUTATIONS, found[1]),
    ).fetchall()
    ns = [n for (n,) in lines]
    settling.close(ns, state=STOPPED[verdict.status])
    code = "group_refused" if verdict.status == "rejected" else None
    settling.cursor.executemany(
        "UPDATE outbox SET verdict = ?, code = ? WHERE n = ?", [(verdict.status, code, n) for n in ns]
    )
    settling.cursor.execute(
        "UPDATE outbox SET verdict = ?, code = ?, reason = ?, commit_seq = ? WHERE n = ?",
        (verdict.status, verdict.code, verdict.reason, verdict.commit_seq, found[0]),
    )


def _take_known_decisions(settling: Settlement) -> None:
    """Take the decisions about held mutations that a pull brought before the answer that they are held."""
    known = settling.cursor.execute(
        "SELECT mutation_id, decision, held_mutation.reason, outcome_seq FROM outbox"
        " JOIN held_mutation USING (mutation_id) WHERE state = 'held' AND device_seq IS NOT NULL"
        " AND decision IS NOT NULL AND deleted_at IS NULL"
    ).fetchall()
    for mutation_id, decision, reason, seq in known:
        record_decision(settling, mutation_id=mutation_id, decision=decision, reason=reason, seq=seq)


def record_decision(
    settling: Settlement, *, mutation_id: str, decision: str, reason: str | None, seq: int | None
) -> None:
    """Take what a person decided about a held mutation: approved as a commit that is pulled, or refused."""
    is_approved = decision == "approved"
    state, verdict, code = ("done", "applied", None) if is_approved else ("parked", "rejected", "not_allowed")
    found = settling.cursor.execute(
        "SELECT n FROM outbox WHERE mutation_id = ? AND state = 'held' AND device_seq IS NOT NULL", (mutation_id,)
    ).fetchone()
    if found is None:
        return
    settling.cursor.execute(
        "UPDATE outbox SET verdict = ?, code = ?, reason = ?, commit_seq = ? WHERE n = ?",
        (verdict, code, reason, seq, *found),
    )
    settling.close(found, state=state)

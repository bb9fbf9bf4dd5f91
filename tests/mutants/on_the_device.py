"""Protections of the device."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

APPLY: Final = "cmms_desktop/replica/apply.py"
COMMIT: Final = 'cursor.execute("COMMIT")'
BEGIN: Final = 'cursor.execute("BEGIN IMMEDIATE")'
WHOLE: Final = "tests/integration/test_replica_faults.py::test_one_transaction_is_there_whole_or_not_at_all"

DEVICE: Final = (
    Mutant(
        "synchronous-normal",
        "A commit is on the disk before it is acknowledged.",
        (Edit("cmms_desktop/replica/open_guard.py", '"synchronous": ("FULL", 2)', '"synchronous": ("NORMAL", 1)'),),
        (
            "tests/faults/test_power_cuts.py::test_invariant_20_a_power_cut_at_any_operation_takes_nothing_that_was_saved",
            "tests/security/test_replica_guard.py::test_every_pooled_connection_is_full_and_guarded",
        ),
    ),
    Mutant(
        "no-shadow",
        "The server's row goes beneath open edits.",
        (Edit(APPLY, "shadowed = keys & self._store.shadows", "shadowed: set[Key] = set()"),),
        ("tests/unit/replica/test_apply.py", "tests/unit/replica/test_rebase.py"),
    ),
    Mutant(
        "join-without-replace",
        "What joins replaces what was here.",
        (
            Edit(
                APPLY,
                "self._unnamed |= self._membership.join(scope, aggregate_type, aggregate_ids)",
                "self._membership.join(scope, aggregate_type, aggregate_ids)",
            ),
        ),
        ("tests/unit/replica/test_apply.py::test_joining_again_replaces_what_was_here",),
    ),
    Mutant(
        "cursor-apart-from-rows",
        "The cursor commits with its rows.",
        (
            Edit(
                APPLY,
                "        self._take_decisions()\n        self._store_state(end)\n",
                f"        self._take_decisions()\n        self._store.{COMMIT}\n        self._store.{BEGIN}\n"
                "        self._store_state(end)\n",
            ),
        ),
        (WHOLE,),
    ),
    Mutant(
        "mutation-apart-from-edit",
        "An edit commits with its mutation.",
        (
            Edit(
                "cmms_desktop/replica/local_write.py",
                "        self._write_mutation(mutation, body, touches_of(mutation, rows.asked, outcome))\n",
                f"        self.{COMMIT}\n        self.{BEGIN}\n"
                "        self._write_mutation(mutation, body, touches_of(mutation, rows.asked, outcome))\n",
            ),
        ),
        (WHOLE,),
    ),
    Mutant(
        "step-cut-by-a-full-push",
        "A push takes whole steps, however much is sealed.",
        (
            Edit(
                "cmms_desktop/replica/sealing.py",
                "_ENOUGH: Final = MAX_PUSH_MUTATIONS + MAX_GROUP_MUTATIONS\n",
                "_ENOUGH: Final = MAX_PUSH_MUTATIONS\n",
            ),
        ),
        ("tests/unit/replica/test_outbox.py::test_invariant_11_a_step_is_never_cut_however_much_waits_for_an_answer",),
    ),
    Mutant(
        "no-replay-after-the-answer",
        "What was accepted stays visible until its pull.",
        (
            Edit(
                "cmms_desktop/replica/settlement.py",
                "WHERE state = 'acknowledged' AND commit_seq <= ? AND device_seq IS NOT NULL\",",
                "WHERE state = 'acknowledged' AND commit_seq > ? - 1000000 AND device_seq IS NOT NULL\",",
            ),
        ),
        ("tests/unit/replica/test_outbox.py",),
    ),
    Mutant(
        "no-removal-guard",
        "Deletions of most of a scope are kept back.",
        (
            Edit(
                "cmms_desktop/replica/removal_guard.py",
                "return count > MANY_ROWS and count > _count(cursor, whole) * SHARE",
                "return count < 0 and bool(whole)",
            ),
        ),
        (
            "tests/integration/test_healing.py::test_deletions_that_would_take_most_away_are_kept_back_until_a_new_epoch",
        ),
    ),
    Mutant(
        "answer-without-its-end",
        "An answer that broke off changes nothing.",
        (
            Edit(
                APPLY,
                "        if self._end is None:\n            raise AnswerCutShort(CUT_SHORT)\n",
                "",
            ),
        ),
        ("tests/unit/replica/test_apply.py::test_an_answer_without_its_end_changes_nothing",),
    ),
    Mutant(
        "answer-to-another-question",
        "An answer counts for the cursor that asked.",
        (Edit(APPLY, "if settling.state.cursor != since:", "if settling.state.cursor == object():"),),
        ("tests/unit/replica/test_apply.py::test_an_answer_to_an_older_question_is_not_used",),
    ),
    Mutant(
        "hidden-at-once-gone",
        "What leaves with unsent work stays until it has a verdict.",
        (
            Edit(
                "cmms_desktop/replica/settlement.py",
                "settled = self.hidden - self.open.awaited_aggregates() if self.hidden else set()",
                "settled = set(self.hidden)",
            ),
        ),
        ("tests/unit/replica/test_apply.py",),
    ),
    Mutant(
        "plain-file",
        "A store that is not encrypted is refused.",
        (
            Edit(
                "cmms_desktop/replica/open_guard.py",
                "if not isinstance(key, bytes) or len(key) != KEY_BYTES or len(set(key)) == 1:",
                "if not isinstance(key, bytes):",
            ),
        ),
        ("tests/security/test_replica_guard.py::test_anything_but_a_32_byte_key_is_refused_before_a_file_exists",),
    ),
    Mutant(
        "lease-by-the-clock",
        "A device that is without its server locks, whatever its clock is set to.",
        (
            Edit(
                "cmms_desktop/replica/lease.py",
                "passed_s = max(0.0, running_s or 0.0, _by_clock_s(mark, now_s, ahead_s))",
                "passed_s = max(0.0, _by_clock_s(mark, now_s, ahead_s))",
            ),
        ),
        ("tests/unit/sync/test_lease_keeper.py",),
    ),
    Mutant(
        "wait-by-the-clock",
        "Setting the clock does not end the wait after a wrong PIN.",
        (
            Edit(
                "cmms_desktop/credentials/attempts.py",
                "    if record.start == uptime.start:\n        return record.free_at_s - uptime.seconds\n",
                "",
            ),
        ),
        ("tests/unit/credentials/test_attempts.py",),
    ),
    Mutant(
        "unread-rows-forgotten",
        "What this version cannot read counts in the digests.",
        (
            Edit(
                "cmms_desktop/replica/integrity.py",
                "(*shadows.values(), *unread.hashes_of(cursor, scope))",
                "shadows.values()",
            ),
        ),
        ("tests/unit/sync/test_unread_rows.py",),
    ),
)

"""Protections of the activity log: every line there, bound to the one before it, and nobody's name in the clear."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

LOG: Final = "tests/integration/test_activity_log.py"
ATTACKS: Final = "tests/security/test_activity_attacks.py"
PROOF: Final = "sync_server/application/activity_proof.py"
SIGNING: Final = "sync_server/routines/activity_signing.py"

LINES: Final = (
    Mutant(
        "commit-without-its-line",
        "What a commit does that has to be proved later is told in the same transaction.",
        (Edit("sync_server/application/unit_of_work.py", "activity_log.append(self.connection, said)", "list(said)"),),
        (f"{LOG}::test_what_the_office_answers_for_is_told_with_who_where_and_from_which_address",),
    ),
    Mutant(
        "lines-unlinked",
        "A line follows on the one before it.",
        (Edit(PROOF, "if fault is None and line.previous_hash != previous:", "if seq < 0:"),),
        (f"{ATTACKS}::test_what_a_superuser_does_to_the_log_is_found",),
    ),
    Mutant(
        "end-unasked",
        "The log knows where it ends.",
        (Edit(PROOF, "_fault_at_end(walk, said, upto), upto)", "None, upto)"),),
        (f"{ATTACKS}::test_what_a_superuser_does_to_the_log_is_found",),
    ),
    Mutant(
        "signature-unasked",
        "What the server has signed of the log has to be there.",
        (Edit(PROOF, "self.signed.get(line.seq, line.hash) != line.hash", "self.signed.get(-1) is not None"),),
        ("tests/security/test_activity_signatures.py::test_a_log_that_was_written_anew_as_a_whole_is_found",),
    ),
    Mutant(
        "signed-unseen",
        "What does not follow on the last signed line is not signed.",
        (Edit(SIGNING, "proof.fault is None and _sign(", "_sign("),),
        (
            "tests/security/test_activity_signatures.py"
            "::test_what_does_not_follow_on_the_last_signed_line_is_not_signed",
        ),
    ),
    Mutant(
        "witness-asleep",
        "A device notices that the line which it keeps is gone.",
        (
            Edit(
                "cmms_desktop/sync/log_witness.py",
                "kept is None or news.hash == kept.hash",
                "kept is None or news.hash",
            ),
        ),
        (
            "tests/integration/test_log_witness.py"
            "::test_a_log_that_is_not_what_it_was_is_told_by_a_device_that_goes_on_working",
        ),
    ),
    Mutant(
        "name-in-the-clear",
        "Lines commit to what is personal and do not tell it.",
        (Edit("sync_server/storage/activity_log.py", "if name in entry.personal else", "if not entry.act else"),),
        (f"{LOG}::test_no_line_holds_a_name_a_login_or_an_address_in_the_clear",),
    ),
)

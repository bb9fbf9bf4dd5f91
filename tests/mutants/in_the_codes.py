"""Protections of enrolment: what a one-time code lets in, and what it leaves shut."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

ENROLLING: Final = "sync_server/application/enrolling.py"
SESSIONS: Final = "sync_server/application/sessions.py"
TESTS: Final = "tests/integration/test_enrolment_codes.py"

CODES: Final = (
    Mutant(
        "code-used-twice",
        "Of two devices that show one code at once, one is let in.",
        (Edit(ENROLLING, "    if used.rowcount != 1:\n", "    if used.rowcount < 0:\n"),),
        (f"{TESTS}::test_two_devices_that_show_one_code_at_once_are_not_both_let_in",),
    ),
    Mutant(
        "code-for-ever",
        "A code counts for fifteen minutes.",
        (Edit(ENROLLING, "ended_at is null and expires_at > %s", "ended_at is null and made_at <= %s"),),
        (f"{TESTS}::test_a_code_counts_for_fifteen_minutes_and_until_the_next_one_is_made",),
    ),
    Mutant(
        "code-of-somebody-else",
        "A code is one person's.",
        (
            Edit(
                ENROLLING,
                "and person_id = %s and ended_at is null and expires_at",
                "and (person_id = %s or true) and ended_at is null and expires_at",
            ),
        ),
        (f"{TESTS}::test_somebody_elses_code_opens_nothing_and_is_not_used_up",),
    ),
    Mutant(
        "code-guessed-at-will",
        "Whoever guesses codes waits as whoever guesses passwords.",
        (
            Edit(
                SESSIONS,
                "if refused.code == enrolling.NEEDED and request.enrolment_code:",
                "if refused.code == enrolling.NEEDED and not request.enrolment_code:",
            ),
        ),
        (f"{TESTS}::test_guessed_codes_wait_as_guessed_passwords_do",),
    ),
    Mutant(
        "code-in-place-of-any-password",
        "Only a code that was made for it stands in the place of a password.",
        (
            Edit(
                SESSIONS,
                "if not is_right and not (code is not None and code.sets_password):",
                "if not is_right and code is None:",
            ),
        ),
        (f"{TESTS}::test_a_code_without_its_password_says_no_more_than_a_wrong_password",),
    ),
    Mutant(
        "former-password-comes-back",
        "A sign-in under way leaves the password that a code has replaced replaced.",
        (
            Edit(
                "sync_server/application/organizations.py",
                "and person_id = %s and security_stamp = %s for update",
                "and person_id = %s and (security_stamp = %s or true) for update",
            ),
        ),
        (
            "tests/integration/test_passwords_that_meet.py"
            "::test_a_sign_in_under_way_does_not_bring_back_the_password_that_a_code_has_replaced",
        ),
    ),
)

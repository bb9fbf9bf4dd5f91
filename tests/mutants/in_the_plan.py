"""Protections of planned maintenance: each order once, and what was done told as it was."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

MAKING: Final = "sync_server/application/maintenance/making.py"
TESTS: Final = "tests/integration/test_maintenance.py"

PLAN: Final = (
    Mutant(
        "made-twice",
        "What was made of a schedule is not made again, wherever the schedule stands.",
        (Edit(MAKING, "if each.occurrence not in taken]", "if each.occurrence]"),),
        (f"{TESTS}::test_a_schedule_that_was_set_back_makes_nothing_twice_and_goes_on",),
    ),
    Mutant(
        "a-heap-of-orders",
        "Of all that passed one order is made.",
        (Edit(MAKING, "yield from due[len(passed) :]", "yield from due[1:]"),),
        (f"{TESTS}::test_a_server_that_was_off_for_three_months_makes_one_overdue_order",),
    ),
    Mutant(
        "hour-put-back",
        "A wall clock that shows a time twice makes one order.",
        (Edit("sync_server/application/maintenance/recurrence.py", "tzinfo=zone, fold=0", "tzinfo=zone, fold=1"),),
        (f"{TESTS}::test_at_half_past_two_there_is_one_order_each_night_whatever_the_clock_does",),
    ),
    Mutant(
        "who-did-it",
        "Who performed maintenance is told from his signature, also when that comes with the commit that closes.",
        (
            Edit(
                "sync_server/migrations/versions/0037_record_maintenance/tables.sql",
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW",
                "DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW",
            ),
        ),
        (
            "tests/integration/test_maintenance_history.py"
            "::test_what_two_people_sign_on_one_device_without_network_is_in_the_history_with_who_did_it",
        ),
    ),
)

"""Signing in rows: whose turn it is, which statements count, what is not included, and bytes that stay the same."""

import pytest

from cmms_desktop.application.commands import checklists, remarks, sign_off
from cmms_desktop.application.commands.statements import Prepared
from cmms_desktop.application.queries.review_right import review_right
from cmms_desktop.application.queries.signing import SigningPage, signing_page
from cmms_desktop.errors import Refused
from sync_server.contract.rules import signed_body
from tests.ui.screens.office_news import bring, conflict
from tests.ui.stage import PASSWORD, Stage, person
from tests.unit.queries.working import (
    INK,
    act,
    answer_all,
    ask,
    finish,
    page_of,
    sign,
    start,
    statements_of,
    supervise,
)


def page(stage: Stage, order_id: str) -> SigningPage:
    found = ask(stage.replica, lambda reading: signing_page(reading, order_id))
    assert found is not None
    return found


def prepare(stage: Stage, order_id: str) -> Prepared:
    return act(stage, lambda write: sign_off.prepare_performed(write, order_id, strokes=INK))


@pytest.fixture
def order_id(technician: Stage) -> str:
    """An order at work, with every answer given."""
    start(technician, technician.order_ids[0])
    answer_all(technician, technician.order_ids[0])
    return technician.order_ids[0]


def test_the_turn_goes_from_answers_to_technician_to_customer_to_nobody(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    start(technician, order_id)
    before = page(technician, order_id)
    assert before.turn == "answers"
    assert [item.number for item in before.missing] == [item.number for item in page_of(technician, order_id).missing]
    answer_all(technician, order_id)
    assert page(technician, order_id).turn == "technician"
    sign(technician, order_id)
    assert page(technician, order_id).turn == "customer"
    act(technician, lambda write: sign_off.complete(write, order_id))
    assert page(technician, order_id).turn == "locked"


def test_a_return_or_an_edit_makes_it_the_technicians_turn_again(technician: Stage) -> None:
    first, second = technician.order_ids[:2]
    finish(technician, first)
    supervise(technician, first, reason="Once more.")
    assert (page(technician, first).turn, page(technician, first).performed) == ("technician", None)
    start(technician, second)
    answer_all(technician, second)
    sign(technician, second)
    act(technician, lambda write: write.set("work_order", second, completion_note="Forgot this."))
    assert (page(technician, second).turn, page(technician, second).is_stale) == ("technician", True)


def test_what_the_customer_said_counts_for_the_signature_before_it_only(technician: Stage, order_id: str) -> None:
    hand = technician.session.prove(PASSWORD)
    sign(technician, order_id)
    act(
        technician,
        lambda write: sign_off.customer_refuses(write, hand, order_id, printed_name="Customer", reason="It leaks."),
    )
    said = page(technician, order_id).customer
    assert said is not None
    assert (said.meaning, said.name, said.reason) == ("refused", "Customer", "It leaks.")
    act(technician, lambda write: write.set("work_order", order_id, completion_note="Tightened."))
    sign(technician, order_id)
    assert page(technician, order_id).customer is None


def test_the_signed_record_is_read_from_its_bytes(technician: Stage, order_id: str) -> None:
    sign(technician, order_id)
    found = page(technician, order_id)
    assert found.record is not None
    assert found.performed is not None
    assert found.record.sha256 == found.performed.sha256
    assert found.record.body.order.id == order_id
    assert {value.path for value in found.record.personal_values} >= {"/printed_name", "/ink"}
    assert found.performed.name == technician.replica.get("person", technician.person_id)["name"]  # type: ignore[index]


def test_an_unknown_order_has_no_page(technician: Stage) -> None:
    nowhere = "00000000-0000-7000-8000-00000000ffff"
    assert ask(technician.replica, lambda reading: signing_page(reading, nowhere)) is None
    assert ask(technician.replica, lambda reading: review_right(reading, nowhere, technician.person_id)) is None


def test_signing_needs_the_same_number_of_statements_for_few_and_for_many_items(technician: Stage) -> None:
    by_size = sorted(technician.order_ids, key=lambda each: len(page_of(technician, each).items))
    few, many = (
        statements_of(technician.replica, lambda reading, each=each: signing_page(reading, each))
        for each in (by_size[0], by_size[-1])
    )
    assert few == many <= 16


# ---- prepared once


def test_prepared_bytes_are_current_until_something_that_they_say_changes(technician: Stage, order_id: str) -> None:
    prepared = prepare(technician, order_id)
    assert prepared.signable is not None
    assert prepared.first_digits == signed_body.first_digits(prepared.signable.body)
    assert act(technician, prepared.is_current)
    act(technician, lambda write: remarks.add_comment(write, order_id, "The gate was locked."))
    technician.clock.advance(minutes=5)
    assert act(technician, prepared.is_current)
    item = next(item for item in page_of(technician, order_id).items if item.kind == "pass_fail")
    act(
        technician,
        lambda write: checklists.complete_checklist_item(write, item.id, result="flag", note="Loose after all."),
    )
    assert not act(technician, prepared.is_current)
    hand = technician.session.prove(PASSWORD)
    with pytest.raises(Refused) as refusal:
        act(technician, lambda write: sign_off.sign_prepared(write, hand, prepared))
    assert (refusal.value.code, refusal.value.sentence) == ("record_changed", sign_off.CHANGED)


def test_without_ink_a_statement_can_be_read_and_not_signed(technician: Stage, order_id: str) -> None:
    prepared = act(technician, lambda write: sign_off.prepare_performed(write, order_id, strokes=None))
    assert (prepared.signable, prepared.first_digits) == (None, "")
    assert prepared.body.order.id == order_id
    hand = technician.session.prove(PASSWORD)
    with pytest.raises(Refused) as refusal:
        act(technician, lambda write: sign_off.sign_prepared(write, hand, prepared))
    assert refusal.value.code == "invalid_value"


def test_preparing_says_the_same_as_signing_at_once(technician: Stage, order_id: str) -> None:
    prepared = prepare(technician, order_id)
    hand = technician.session.prove(PASSWORD)
    signed = act(technician, lambda write: sign_off.sign_prepared(write, hand, prepared))
    assert signed.sha256[:12] == prepared.first_digits
    performed = page(technician, order_id).performed
    assert performed is not None
    assert (performed.id, performed.signed_at) == (signed.signature_id, prepared.statement.device_at)


def test_open_ends_are_stated(technician: Stage, order_id: str) -> None:
    bring(technician, conflict(technician, 1, order_id, "title", ("Old", "Mine", "Theirs")))
    said = prepare(technician, order_id).body.not_yet_included
    assert said[0] == "Office changes after 12 March 2026, 07:16 UTC are not known to this device."
    assert "1 field was changed by two people; nobody has settled it yet." in said


# ---- the right to sign off


def test_the_rules_say_who_may_sign_off(technician: Stage) -> None:
    first, second = technician.order_ids[:2]
    finish(technician, first)
    start(technician, second)
    supervisor = person("supervisor").person_id

    def refusal(order_id: str, person_id: str) -> str:
        right = ask(technician.replica, lambda reading: review_right(reading, order_id, person_id))
        assert right is not None
        return right.refusal

    assert refusal(first, supervisor) == ""
    assert refusal(first, technician.person_id) == "Only a supervisor of this site can sign the work off."
    assert refusal(second, supervisor) == "Only completed work can be signed off."

"""Checklists as sections of numbered items: what is asked and why, what is out of range, what belongs to an item."""

from decimal import Decimal

import pytest

from cmms_desktop.application.commands import checklists, remarks
from cmms_desktop.application.queries.checklist_page import Because, ChecklistPage, checklist_page
from cmms_desktop.errors import Refused
from sync_server.contract.rules.checklist import missing, progress
from tests.support.replicas import Field, uid
from tests.ui.stage import Stage
from tests.unit.queries.working import (
    PICTURE,
    act,
    answer,
    ask,
    finish,
    item_of,
    order_with,
    page_of,
    start,
    statements_of,
)


def test_items_are_numbered_by_section_and_keep_their_numbers(technician: Stage) -> None:
    order_id = order_with(technician, "leak", "drops")
    page = page_of(technician, order_id)
    assert [section.title for section in page.sections] == ["Before", "Readings", "Inspection", "After"]
    assert [section.index for section in page.sections] == [1, 2, 3, 4]
    numbers = {item.key: item.number for item in page.items}
    assert (numbers["isolated"], numbers["pressure"], numbers["leak"], numbers["drops"]) == ("1.1", "2.1", "3.1", "3.2")
    answer(technician, order_id, "leak", result="fail", note="Drips.")
    assert {item.key: item.number for item in page_of(technician, order_id).items} == numbers


def test_a_conditional_item_is_asked_when_its_condition_holds_and_says_why(technician: Stage) -> None:
    order_id = order_with(technician, "leak", "drops")
    hidden = item_of(technician, order_id, "drops")
    assert (hidden.is_asked, hidden.because, hidden.is_missing) == (False, None, False)
    before = page_of(technician, order_id).total
    answer(technician, order_id, "leak", result="fail", note="Drips.")
    shown = item_of(technician, order_id, "drops")
    assert (shown.is_asked, shown.because, shown.is_missing) == (True, Because("3.1", "fail"), True)
    assert page_of(technician, order_id).total == before + 1


def test_counts_are_those_of_the_rules(technician: Stage) -> None:
    order_id = technician.order_ids[1]
    start(technician, order_id)
    page = page_of(technician, order_id)
    with technician.session.reading() as reading:
        rows = [reading.get("checklist_item", item.id) or {} for item in page.items]
    said = progress(rows)
    assert (page.total, page.answered, page.failed) == (said.total, said.answered, said.failed)
    assert [item.id for item in page.missing] == [row["id"] for row in missing(rows)]
    assert sum(section.total for section in page.sections) == page.total


@pytest.mark.parametrize(("value", "excess"), [("6.8", "0.8"), ("2", "-0.5"), ("2.5", None), ("6", None)])
def test_a_reading_says_how_far_it_is_out_of_its_limits(technician: Stage, value: str, excess: str | None) -> None:
    order_id = order_with(technician, "pressure")
    photo = technician.session.blobs.keep(PICTURE)
    answer(technician, order_id, "pressure", value=value, note="Seen.", photo_sha256=photo)
    item = item_of(technician, order_id, "pressure")
    assert (item.minimum, item.maximum) == (Decimal("2.5"), Decimal(6))
    assert item.excess == (None if excess is None else Decimal(excess))
    section = next(each for each in page_of(technician, order_id).sections if item in each.items)
    assert section.out_of_range == (excess is not None)


def test_a_photo_is_kept_attached_queued_and_answered_in_one_step(technician: Stage) -> None:
    order_id = order_with(technician, "photo")
    item = item_of(technician, order_id, "photo")
    made = len(technician.session.outbox.waiting())
    sha256 = act(
        technician,
        lambda write: checklists.add_item_photo(
            write, technician.session.blobs, item.id, content=PICTURE, media_type="image/png"
        ),
    )
    answered = item_of(technician, order_id, "photo")
    assert (answered.result, answered.photos) == ("pass", (sha256,))
    assert technician.session.blobs.read(sha256) == PICTURE
    waiting = technician.session.outbox.waiting()[made:]
    assert {each.group_id for each in waiting} == {waiting[0].group_id}
    assert [each.entity for each in waiting] == ["attachment", "checklist_item"]
    with technician.session.reading() as reading:
        queued = reading.cursor.execute("SELECT sha256, state FROM blob").fetchall()
        (caption,) = reading.cursor.execute("SELECT caption FROM attachment WHERE sha256 = ?", (sha256,)).fetchone()
    assert queued == [(sha256, "to_send")]
    assert caption == item.prompt


def test_an_item_has_several_photos_and_the_same_one_only_once(technician: Stage) -> None:
    order_id = order_with(technician, "isolated")
    answer(technician, order_id, "isolated", result="fail", note="No tag.")
    item = item_of(technician, order_id, "isolated")
    for content in (b"first", b"second", b"first"):
        act(
            technician,
            lambda write, content=content: checklists.add_item_photo(
                write, technician.session.blobs, item.id, content=content, media_type="image/jpeg"
            ),
        )
    photographed = item_of(technician, order_id, "isolated")
    assert [technician.session.blobs.read(each) for each in photographed.photos] == [b"first", b"second"]
    assert (photographed.result, photographed.note) == ("fail", "No tag.")
    act(
        technician,
        lambda write: remarks.add_photo(
            write, technician.session.blobs, order_id, content=b"of the order", media_type="image/png"
        ),
    )
    assert item_of(technician, order_id, "isolated").photos == photographed.photos


def test_a_photo_may_come_before_the_reading_that_needs_it(technician: Stage) -> None:
    order_id = order_with(technician, "pressure")
    item = item_of(technician, order_id, "pressure")
    sha256 = act(
        technician,
        lambda write: checklists.add_item_photo(
            write, technician.session.blobs, item.id, content=PICTURE, media_type="image/png"
        ),
    )
    assert item_of(technician, order_id, "pressure").result is None
    answer(technician, order_id, "pressure", value="9", note="Far too high.", photo_sha256=sha256)
    assert item_of(technician, order_id, "pressure").result == "fail"


def test_a_photo_that_the_answer_refuses_leaves_nothing_behind(technician: Stage) -> None:
    order_id = order_with(technician, "pressure")
    item = item_of(technician, order_id, "pressure")
    with pytest.raises(Refused) as refusal:
        act(
            technician,
            lambda write: checklists.add_item_photo(
                write, technician.session.blobs, item.id, content=PICTURE, media_type="image/png", value="9"
            ),
        )
    assert refusal.value.code == "note_required"
    assert technician.session.outbox.waiting() == ()
    assert item_of(technician, order_id, "pressure").photos == ()


def test_a_signed_record_takes_no_photo_and_no_answer(technician: Stage) -> None:
    order_id = order_with(technician, "isolated")
    finish(technician, order_id)
    page = page_of(technician, order_id)
    assert page.is_locked
    item, blobs = item_of(technician, order_id, "isolated"), technician.session.blobs
    for step in (
        lambda write: checklists.add_item_photo(write, blobs, item.id, content=PICTURE, media_type="image/png"),
        lambda write: checklists.set_all_ok(write, item.checklist_id),
        lambda write: checklists.take_back_ok(write, item.checklist_id, [item.id]),
    ):
        with pytest.raises(Refused, match="signed"):
            act(technician, step)


def test_set_all_ok_of_a_section_answers_that_section_and_is_taken_back(technician: Stage) -> None:
    order_id = order_with(technician, "isolated", "leak")
    section, *_ = page_of(technician, order_id).sections
    assert len(section.passable) == 2
    passed = act(
        technician, lambda write: checklists.set_all_ok(write, section.checklist_id, among=set(section.passable))
    )
    assert passed == section.passable
    assert item_of(technician, order_id, "isolated").result == "pass"
    assert item_of(technician, order_id, "isolated").is_unsent
    assert item_of(technician, order_id, "leak").result is None
    answer(technician, order_id, "guard", result="fail", note="Loose.")
    taken = act(technician, lambda write: checklists.take_back_ok(write, section.checklist_id, passed))
    assert taken == 1
    emptied = item_of(technician, order_id, "isolated")
    assert (emptied.result, emptied.answered_at) == (None, None)
    assert item_of(technician, order_id, "guard").result == "fail"


def test_a_follow_up_is_known_by_its_id_and_not_by_its_title(technician: Stage) -> None:
    order_id = order_with(technician, "isolated", "leak")
    for key in ("isolated", "leak"):
        answer(technician, order_id, key, result="fail", note="Broken.")
    item = item_of(technician, order_id, "leak")
    first = act(technician, lambda write: checklists.follow_up(write, item.id, title="Same title"))
    other = item_of(technician, order_id, "isolated")
    act(technician, lambda write: checklists.follow_up(write, other.id, title="Same title"))
    followed = item_of(technician, order_id, "leak").follow_up
    assert followed is not None
    assert (followed.id, followed.title) == (first, "Same title")
    second = act(technician, lambda write: checklists.follow_up(write, item.id, title="Another"))
    followed = item_of(technician, order_id, "leak").follow_up
    assert followed is not None
    assert followed.id == second


# ---- rows that no office of ours would write


def broken(field: Field, *items: dict[str, object]) -> ChecklistPage:
    order_id = field.add_order(1)
    field.add("checklist", 10, order_id, work_order_id=order_id, name="Odd list")
    for number, values in enumerate(items):
        plain = {"key": f"k{number}", "kind": "pass_fail", "prompt": "Tight?", "position": number, **values}
        field.add("checklist_item", 20 + number, order_id, checklist_id=uid(10), **plain)
    field.pull()
    page = ask(field.replica, lambda reading: checklist_page(reading, order_id))
    assert page is not None
    return page


def test_what_cannot_be_read_never_hides_an_item(field: Field) -> None:
    page = broken(
        field,
        {"kind": "hologram", "prompt": None},
        {"condition": "{broken"},
        {"condition": '{"item":"nowhere","is":"fail"}'},
        {"kind": "choice", "choices": '{"not":"a list"}'},
        {"kind": "number", "minimum": "low", "value": "much", "unit": "bar"},
    )
    assert [item.is_asked for item in page.items] == [True] * 5
    assert page.items[0].prompt == "k0"
    assert page.items[3].choices == ()
    assert (page.items[4].minimum, page.items[4].excess) == (None, None)


def test_items_without_a_section_stand_under_the_name_of_their_list(field: Field) -> None:
    page = broken(field, {"section": "Before"}, {"section": None}, {"section": "After"}, {"section": "Before"})
    assert [(section.title, len(section.items)) for section in page.sections] == [
        ("Before", 2),
        ("Odd list", 1),
        ("After", 1),
    ]


def test_two_items_of_one_key_have_numbers_of_their_own(field: Field) -> None:
    page = broken(field, {"key": "same"}, {"key": "same"})
    assert [item.number for item in page.items] == ["1.1", "1.2"]


def test_very_long_texts_stay_whole(field: Field) -> None:
    page = broken(field, {"prompt": "x" * 100_000, "note": "y" * 100_000})
    assert (len(page.items[0].prompt), len(page.items[0].note or "")) == (100_000, 100_000)


def test_a_checklist_needs_the_same_number_of_statements_for_few_and_for_many_items(field: Field) -> None:
    broken(field, *({} for _ in range(60)))
    other = field.add_order(2)
    field.add("checklist", 11, other, work_order_id=other, name="Short")
    field.add("checklist_item", 15, other, checklist_id=uid(11), key="a", kind="pass_fail", prompt="Tight?")
    field.pull()
    many = statements_of(field.replica, lambda reading: checklist_page(reading, uid(1)))
    few = statements_of(field.replica, lambda reading: checklist_page(reading, uid(2)))
    assert few == many <= 8

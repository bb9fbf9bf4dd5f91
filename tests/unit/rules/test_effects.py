"""What a change brings with it: levels and part requests, stubs, signature states, stamps of the order's states."""

from decimal import Decimal

import msgspec
import pytest

from sync_server.contract.rules.draft import Actor, derived_id, level_id, stub_id
from tests.unit.rules.scene import (
    APPROVED,
    ASSET,
    AT,
    CHECKLIST,
    ELSEWHERE,
    ITEMS,
    LATER,
    ORDER,
    OTHER_PART,
    PART,
    PERFORMED,
    SITE,
    STORE,
    SUPERVISOR,
    TECHNICIAN,
    VAN,
    VISIT,
    asset,
    create,
    edit_item,
    edit_order,
    id_of,
    item,
    level,
    manager,
    movement,
    mutation,
    order,
    row,
    scene,
    sign,
    stub,
    supervisor,
)

# ---- stock


def quantity(here, location=VAN, part=PART):
    return Decimal(here.rows["stock_level", level_id(location, part)]["quantity"])


def requests(here):
    return [found for (entity, _), found in here.rows.items() if entity == "part_request"]


def test_a_movement_changes_its_level_by_its_quantity():
    here = scene(order(), level(VAN, PART, "5.0000"))
    assert here.apply(movement(1, "-2")).status == "applied"
    assert here.rows["stock_level", level_id(VAN, PART)]["quantity"] == "3.0000"
    assert requests(here) == []


def test_the_first_movement_makes_the_level():
    here = scene(order())
    here.apply(movement(1, "7.5", work_order_id=None), supervisor)
    made = here.only("stock_level")
    assert (made["id"], made["aggregate_id"]) == (level_id(VAN, PART),) * 2
    assert [made[name] for name in ("stock_location_id", "part_id", "quantity")] == [VAN, PART, "7.5000"]


def test_levels_of_other_parts_and_places_stay():
    here = scene(order(), level(VAN, PART, "5"), level(VAN, OTHER_PART, "5"), level(STORE, PART, "5"))
    here.apply(movement(1, "-2"))
    assert (quantity(here), quantity(here, part=OTHER_PART), quantity(here, STORE)) == (3, 5, 5)


def test_a_shortage_is_never_refused_and_asks_for_what_is_missing():
    here = scene(order(), level(VAN, PART, "1.0000"))
    made = movement(1, "-3")
    assert here.apply(made).status == "applied"
    assert quantity(here) == -2
    (request,) = requests(here)
    assert [request[name] for name in ("quantity", "status", "part_id", "stock_location_id", "work_order_id")] == [
        "2.0000",
        "open",
        PART,
        VAN,
        ORDER,
    ]
    assert (request["id"], request["aggregate_id"]) == (derived_id(made.mutation_id, "part_request"), ORDER)


def test_below_zero_each_use_asks_only_for_its_own():
    here = scene(order(), level(VAN, PART, "-4.0000"))
    here.apply(movement(1, "-1.5"))
    assert [request["quantity"] for request in requests(here)] == ["1.5000"]


def test_putting_back_asks_for_nothing_even_below_zero():
    here = scene(order(), level(VAN, PART, "-4.0000"))
    here.apply(movement(1, "1"))
    assert (quantity(here), requests(here)) == (-3, [])


def test_an_adjustment_of_the_store_asks_for_nothing():
    here = scene(level(STORE, PART, "1.0000"))
    here.apply(movement(1, "-3", location=STORE, work_order_id=None), supervisor)
    assert (quantity(here, STORE), requests(here)) == (-2, [])


def test_a_movement_that_arrives_twice_moves_once():
    here, made = scene(order(), level(VAN, PART, "5.0000")), movement(1, "-2")
    here.apply(made)
    assert here.apply(made).problem.code == "already_exists"
    assert quantity(here) == 3


def test_a_level_that_was_deleted_lives_again():
    here = scene(order(), {**level(VAN, PART, "5.0000"), "deleted_at": AT})
    here.apply(movement(1, "-2"))
    assert (here.only("stock_level")["deleted_at"], quantity(here)) == (None, 3)


@pytest.mark.parametrize("amount", ["NaN", "1e11", "1e999999999", "two", None, True, "-Infinity"])
def test_a_movement_of_no_amount_is_refused(amount):
    assert scene(order()).decide(movement(1, amount)).problem.code == "invalid_value"


def test_a_level_that_no_column_could_hold_is_refused():
    here = scene(order(), level(VAN, PART, "9999999999.0000"))
    outcome = here.decide(movement(1, "2"))
    assert (outcome.status, outcome.changes) == ("rejected", {})
    assert "stock" in outcome.problem.sentence


def test_a_movement_without_an_order_belongs_to_its_level_and_to_no_other():
    made = movement(1, "-2", work_order_id=None)
    for wrong in (ORDER, level_id(STORE, PART), id_of("f", 33)):
        here = scene(order(), level(STORE, PART, "5.0000"))
        strayed = msgspec.structs.replace(made, aggregate_id=wrong)
        assert here.decide(strayed, supervisor).problem.code == "invalid_value"


# ---- stubs


def test_a_new_asset_has_a_stub_in_an_aggregate_of_its_own():
    here = scene(order())
    here.apply(create("asset", ASSET, site_id=SITE, code="P-9", name="Pump 9", serial="S9"))
    made = here.only("asset_stub")
    assert (made["id"], made["aggregate_id"], made["asset_id"]) == (stub_id(ASSET), stub_id(ASSET), ASSET)
    assert [made[name] for name in ("site_id", "code", "name", "serial")] == [SITE, "P-9", "Pump 9", "S9"]


def test_a_stub_follows_what_it_shows_and_nothing_else():
    here = scene(asset(), stub())
    changed = here.apply(mutation("asset.set", ASSET, qr_code=(None, "QR-3"))).changes
    assert changed["asset_stub", stub_id(ASSET)]["qr_code"] == "QR-3"
    other = here.apply(mutation("asset.set", ASSET, manufacturer=(None, "Acme"))).changes
    assert [entity for entity, _ in other] == ["asset"]


def test_a_moved_asset_is_found_at_its_new_site():
    here = scene(asset(), stub())
    here.apply(mutation("asset.set", ASSET, site_id=(SITE, ELSEWHERE)), manager)
    assert here.only("asset_stub")["site_id"] == ELSEWHERE


def test_a_deleted_asset_is_no_longer_found_by_its_stub():
    here = scene(asset(), stub())
    here.apply(mutation("asset.delete", ASSET), manager)
    assert here.only("asset_stub")["deleted_at"] == LATER


def test_an_asset_without_a_stub_gets_one_at_its_next_edit():
    here = scene(asset())
    here.apply(mutation("asset.set", ASSET, manufacturer=(None, "Acme")))
    assert here.only("asset_stub")["name"] == "Pump 3"


# ---- signatures


def signed(*more, **values):
    return scene(order(**{"performed_signature_id": PERFORMED, "status": "completed", **values}), *more)


def test_a_performer_s_signature_is_noted_on_the_order():
    here = scene()
    assert here.apply(sign("performed", PERFORMED)).status == "applied"
    assert (here.order["performed_signature_id"], here.order["is_signature_stale"]) == (PERFORMED, False)


def test_an_approval_is_noted_and_leaves_the_performer_s():
    here = signed()
    here.apply(sign("approved", APPROVED, SUPERVISOR), supervisor)
    assert (here.order["performed_signature_id"], here.order["approved_signature_id"]) == (PERFORMED, APPROVED)


@pytest.mark.parametrize("meaning", ["reviewed", "accepted", "refused"])
def test_other_statements_are_on_record_and_note_nothing(meaning):
    here = scene()
    before = dict(here.order)
    here.apply(sign(meaning, APPROVED))
    assert here.order == before


@pytest.mark.parametrize(
    "made",
    [
        edit_item(0, result=(None, "fail")),
        edit_item(0, note=(None, "Cracked")),
        edit_order(completion_note=(None, "Done")),
        edit_order(asset_id=(None, ASSET)),
        movement(1, "-1"),
        create("work_log", VISIT, ORDER, work_order_id=ORDER, person_id=TECHNICIAN),
        mutation("checklist_item.delete", ITEMS[0], ORDER),
        msgspec.structs.replace(mutation("checklist.answer_all", CHECKLIST, ORDER), set={ITEMS[0]: (None, "pass")}),
    ],
    ids=lambda made: f"{made.type} {next(iter(made.set), '')}",
)
def test_an_edit_of_signed_content_marks_the_signature_stale(made):
    here = signed(item(0), level(VAN, PART, "5.0000"))
    here.apply(made)
    assert here.order["is_signature_stale"] is True


@pytest.mark.parametrize(
    "made",
    [
        edit_item(0, result=(None, "pass"), answered_at=(AT, LATER), answered_by=(None, SUPERVISOR)),
        edit_item(0, result=(None, "pass"), answered_by=(None, SUPERVISOR), answered_offset_ms=(None, 340)),
        edit_item(0, result=("flag", "fail")),
        edit_item(0, mood=(None, "good")),
        edit_order(completion_note=(None, "As signed")),
        edit_order(priority=("medium", "low")),
        create("comment", id_of("f", 60), ORDER, work_order_id=ORDER, author_id=TECHNICIAN, text="x", written_at=AT),
        msgspec.structs.replace(mutation("checklist.answer_all", CHECKLIST, ORDER), set={ITEMS[0]: (None, "pass")}),
    ],
    ids=[
        "same answer",
        "same answer by another clock",
        "answer that lost",
        "unknown field",
        "same note",
        "not signed",
        "comment",
        "same answer at once",
    ],
)
def test_what_changes_nothing_that_was_signed_leaves_the_signature(made):
    here = signed(item(0, result="pass"), completion_note="As signed")
    here.apply(made)
    assert here.order["is_signature_stale"] is False


def test_content_of_an_order_that_nobody_signed_marks_nothing():
    here = scene()
    here.apply(edit_item(0, result=(None, "pass")))
    assert here.order["is_signature_stale"] is False


def test_signing_again_covers_what_stands():
    here = signed(item(0), status="in_progress", is_signature_stale=True)
    here.apply(sign("performed", id_of("f", 61)))
    assert (here.order["performed_signature_id"], here.order["is_signature_stale"]) == (id_of("f", 61), False)


# ---- states


def move(to, *, current="in_progress", reason=None):
    more = {} if reason is None else {"status_reason": (None, reason)}
    return edit_order(status=(current, to), **more)


def test_an_order_is_completed_only_when_somebody_signed_for_the_work():
    here = scene()
    outcome = here.decide(move("completed"))
    assert (outcome.status, outcome.conflicts[0]["kind"]) == ("conflict", "status")
    here.apply(sign("performed", PERFORMED))
    assert here.apply(move("completed")).status in {"applied", "merged"}
    assert (here.order["status"], here.order["completed_at"]) == ("completed", LATER)


def test_an_order_that_needs_no_signature_is_completed_without():
    here = scene(order(requires_signature=False))
    assert here.apply(move("completed")).status == "applied"


def test_an_order_is_closed_only_when_a_supervisor_signed_it_off():
    here = signed()
    assert here.decide(move("closed", current="completed"), supervisor).conflicts[0]["kind"] == "status"
    here.apply(sign("approved", APPROVED, SUPERVISOR), supervisor)
    assert here.apply(move("closed", current="completed"), supervisor).conflicts == ()
    assert (here.order["status"], here.order["closed_at"]) == ("closed", LATER)


def test_a_return_needs_a_reason_and_takes_the_approval_back():
    here = signed(completed_at=AT, approved_signature_id=APPROVED)
    assert here.decide(move("in_progress", current="completed"), supervisor).status == "conflict"
    here.apply(move("in_progress", current="completed", reason="Photo 2 is blurred"), supervisor)
    stamps = [here.order[name] for name in ("status", "status_reason", "completed_at", "approved_signature_id")]
    assert stamps == ["in_progress", "Photo 2 is blurred", None, None]


def test_a_state_that_somebody_else_reached_first_is_no_conflict():
    here = scene(order(status="on_hold"))
    assert here.decide(move("on_hold", reason="Rain")).status == "applied"


def test_an_illegal_move_is_a_conflict_and_the_order_keeps_its_state():
    here = scene(order(status="cancelled"))
    outcome = here.apply(move("in_progress", current="assigned"))
    assert (outcome.status, here.order["status"]) == ("conflict", "cancelled")
    (kept,) = outcome.conflicts
    assert (kept["kind"], kept["mine_value"], kept["theirs_value"]) == ("status", '"in_progress"', '"cancelled"')


def test_a_supervisor_of_another_site_works_here_like_a_technician():
    here = signed(approved_signature_id=APPROVED)
    lent = Actor(SUPERVISOR, "supervisor", {ELSEWHERE: "supervisor"})
    assert here.decide(move("closed", current="completed"), lent).conflicts[0]["kind"] == "status"
    assert scene(order(status="assigned")).decide(move("in_progress", current="assigned"), lent).status == "applied"


def test_a_supervisor_of_another_site_approves_nothing_here():
    lent = Actor(SUPERVISOR, "supervisor", {ELSEWHERE: "supervisor"})
    assert signed().decide(sign("approved", APPROVED, SUPERVISOR), lent).problem.code == "signature_invalid"
    humbly = [
        msgspec.structs.replace(made, set={**made.set, "signer_role": (None, "technician")})
        for made in (sign("approved", APPROVED, SUPERVISOR), sign("performed", PERFORMED, SUPERVISOR))
    ]
    assert signed().decide(humbly[0], lent).problem.code == "not_allowed"
    assert scene().decide(humbly[1], lent).status == "applied"


def test_a_customer_moves_nothing():
    customer = Actor(TECHNICIAN, "customer")
    assert (
        scene(order(status="assigned")).decide(move("in_progress", current="assigned"), customer).status == "conflict"
    )


def test_the_end_of_a_visit_writes_its_own_row_only():
    here = scene(order(), row("work_log", VISIT, ORDER, work_order_id=ORDER, person_id=TECHNICIAN))
    here.apply(mutation("work_log.set", VISIT, ORDER, ended_at=(None, LATER)))
    assert {key for key, found in here.rows.items() if found["version"] != 1} == {("work_log", VISIT)}

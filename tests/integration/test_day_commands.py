"""The commands of a day on one device without a network: what they write and refuse, and that all of it arrives."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from cmms_desktop.application.commands import assets, checklists, parts, remarks, visits
from cmms_desktop.application.positions import Position
from cmms_desktop.application.queries.record import arrival
from cmms_desktop.application.queries.work import my_day, order_detail
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.application.attachments import readable
from sync_server.authz.visibility import Caller
from sync_server.contract.messages import BLOB_CHUNK_BYTES
from sync_server.contract.rules.draft import level_id
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import PICTURE, answer, finish, fix, item_of, refused, start, travel
from tests.support.small_site import FENCE_M, VAN_STOCK


@pytest.fixture
def device(fleet: Fleet) -> Iterator[FleetDevice]:
    """A technician who has synced once and has no network until his work is done; then all of it arrives."""
    made = fleet.device("technician")
    made.offline()
    yield made
    fleet.assert_converged()


@pytest.fixture
def order_id(fleet: Fleet) -> str:
    return fleet.small.order_ids[0]


# ---- visits


@pytest.mark.parametrize(
    ("position", "reason", "fence"),
    [
        (fix(10), None, "inside"),
        (fix(FENCE_M - 20, accuracy_m=15.0), None, "inside"),
        (fix(400), "Parked down the road.", "outside"),
        (fix(10, accuracy_m=300.0), "Between high buildings.", "unknown"),
        (fix(10, accuracy_m=None), "The receiver says no accuracy.", "unknown"),
        (fix(10, age_s=600.0), "The last fix is old.", "unknown"),
        (fix(10, source="manual"), "Set on the map.", "inside"),
        (None, "No satellites.", "unknown"),
    ],
)
def test_an_arrival_keeps_its_evidence_and_is_judged_by_the_fence(
    device: FleetDevice, order_id: str, position: Position | None, reason: str | None, fence: str
) -> None:
    log_id = travel(device, order_id)
    device.fleet.clock.advance(minutes=18)
    with device.write() as write:
        assert visits.arrive(write, log_id, position, reason=reason) == fence
    with device.workplace.replica.read() as reading:
        event = arrival(reading, order_id)
    assert event is not None
    assert (event["fence"], event["reason"]) == (fence, reason)
    if position is not None:
        assert (event["latitude"], event["accuracy_m"]) == (position.latitude, position.accuracy_m)
        assert event["source"] == position.source
        assert event["distance_m"] is not None
    assert device.see("work_log", log_id)["travel_minutes"] == 18


def test_who_is_not_known_to_be_there_says_why(device: FleetDevice, order_id: str) -> None:
    log_id = travel(device, order_id)
    for position in (None, fix(400), fix(10, accuracy_m=None), fix(10, source="manual")):
        for reason in (None, "", "  ", "…!"):
            step = partial(visits.arrive, log_id=log_id, position=position, reason=reason)
            refused(device, "reason_required", step)


def test_a_position_that_is_not_on_this_planet_is_refused(device: FleetDevice, order_id: str) -> None:
    log_id = travel(device, order_id)
    nowhere = Position(latitude=95.0, longitude=0.0, accuracy_m=None, age_s=0.0, source="manual")
    refused(
        device, "invalid_value", lambda write: visits.arrive(write, log_id, nowhere, reason="A slip of the finger.")
    )


def test_a_site_without_a_fence_knows_no_inside(fleet: Fleet) -> None:
    fleet.organization.change("site", fleet.small.site_id, fence_radius_m=None)
    device = fleet.device("technician")
    log_id = travel(device, fleet.small.order_ids[0])
    with device.write() as write:
        assert visits.arrive(write, log_id, fix(10), reason="There is no fence.") == "unknown"
    fleet.assert_converged()


def test_a_visit_has_its_steps_in_order_and_its_minutes(device: FleetDevice, order_id: str) -> None:
    log_id = travel(device, order_id)
    device.fleet.clock.advance(minutes=10)
    with device.write() as write:
        visits.arrive(write, log_id, fix(5))
    with device.write() as write:
        visits.start_work(write, log_id)
    assert device.see("work_order", order_id)["status"] == "in_progress"
    with device.write() as write:
        visits.pause_work(write, log_id, reason="A part is missing.")
    order = device.see("work_order", order_id)
    assert (order["status"], order["status_reason"]) == ("on_hold", "A part is missing.")
    with device.write() as write:
        visits.resume_work(write, log_id)
    device.fleet.clock.advance(minutes=35)
    with device.write() as write:
        visits.leave(write, log_id)
    log = device.see("work_log", log_id)
    assert (log["travel_minutes"], log["work_minutes"]) == (10, 35)
    kinds = [
        event["kind"] for event in sorted(device.rows("work_log_event", order_id), key=lambda e: str(e["device_at"]))
    ]
    assert kinds == ["travel", "arrive", "start", "pause", "resume", "leave"]


def test_a_second_visit_is_another_row_and_a_clock_set_back_counts_no_minutes(
    device: FleetDevice, order_id: str
) -> None:
    first = travel(device, order_id)
    device.fleet.clock.advance(hours=-3)
    second = travel(device, order_id)
    for log_id in (first, second):
        with device.write() as write:
            visits.arrive(write, log_id, fix(5))
    assert len(device.rows("work_log", order_id)) == 2
    assert device.see("work_log", first)["travel_minutes"] == 0


def test_holding_needs_a_reason_that_says_something(device: FleetDevice, order_id: str) -> None:
    log_id = start(device, order_id)
    for reason in ("", "   ", "--"):
        refused(device, "reason_required", partial(visits.pause_work, log_id=log_id, reason=reason))


def test_a_step_that_the_states_do_not_have_is_refused_whole(device: FleetDevice, order_id: str) -> None:
    log_id = travel(device, order_id)
    refused(device, "illegal_transition", lambda write: visits.pause_work(write, log_id, reason="Too early."))
    assert [event["kind"] for event in device.rows("work_log_event", order_id)] == ["travel"]
    refused(device, "not_found", lambda write: visits.start_work(write, order_id))


# ---- the asset


@pytest.mark.parametrize("code", ["PUMP-1", "qr-1"])
def test_a_scanned_code_finds_the_asset_of_the_order(device: FleetDevice, order_id: str, code: str) -> None:
    with device.write() as write:
        found = assets.identify(write, order_id, code)
    assert (found.asset_id, found.name, found.is_expected) == (device.fleet.small.asset_id, "Pump one", True)
    assert device.waiting == 0


def test_a_code_that_nobody_knows_is_kept_as_text(device: FleetDevice, order_id: str) -> None:
    with device.write() as write:
        found = assets.identify(write, order_id, "LOOSE-LABEL")
        assert found.asset_id is None
        assets.link(write, order_id, found)
    assert device.see("work_order", order_id)["asset_text"] == "LOOSE-LABEL"


# ---- checklists


def test_every_kind_of_item_takes_its_answer(device: FleetDevice, order_id: str) -> None:
    photo = device.workplace.blobs.keep(PICTURE)
    assert answer(device, order_id, "clean", result="pass") == "pass"
    assert answer(device, order_id, "quiet", result="fail", note="It rattles.") == "fail"
    assert answer(device, order_id, "bar", value=" 4,20 ") == "pass"
    assert answer(device, order_id, "seen", value="A drop of oil.") == "pass"
    assert answer(device, order_id, "colour", value="dark") == "pass"
    assert answer(device, order_id, "picture", photo_sha256=photo) == "pass"
    assert answer(device, order_id, "dark", result="na", note="Always was.") == "na"
    assert item_of(device, order_id, "bar")["value"] == "4.20"
    assert item_of(device, order_id, "quiet")["answered_by"] == device.person_id
    with device.workplace.replica.read() as reading:
        detail = order_detail(reading, order_id)
    assert detail is not None
    assert (detail.answered, detail.total, detail.failed, detail.missing) == (7, 7, 1, ())


def test_an_answer_that_does_not_fit_is_refused_with_what_is_missing(device: FleetDevice, order_id: str) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("clean", {"result": "fail"}, "note_required"),
        ("clean", {"result": "perhaps"}, "invalid_value"),
        ("bar", {"value": "much"}, "not_a_number"),
        ("bar", {"value": "9"}, "note_required"),
        ("bar", {"value": "9", "note": "Far too much."}, "photo_required"),
        ("colour", {"value": "green"}, "not_a_choice"),
        ("picture", {"result": "pass"}, "photo_required"),
        ("seen", {"result": "na"}, "note_required"),
    ]
    for key, given, code in cases:
        item_id = str(item_of(device, order_id, key)["id"])
        refused(device, code, partial(checklists.complete_checklist_item, item_id=item_id, **given))


def test_a_reading_outside_its_limits_fails_with_note_and_photo(device: FleetDevice, order_id: str) -> None:
    photo = device.workplace.blobs.keep(PICTURE)
    assert answer(device, order_id, "bar", value="9", note="Far too much.", photo_sha256=photo) == "fail"


def test_an_answer_can_be_emptied_again(device: FleetDevice, order_id: str) -> None:
    answer(device, order_id, "seen", value="By mistake.")
    assert answer(device, order_id, "seen", value="  ") is None
    item = item_of(device, order_id, "seen")
    assert (item["result"], item["value"], item["answered_at"], item["answered_by"]) == (None, None, None, None)


def test_set_all_ok_answers_what_is_open_as_one_mutation(device: FleetDevice, order_id: str) -> None:
    answer(device, order_id, "quiet", result="fail", note="It rattles.")
    waiting = device.waiting
    checklist_id = str(device.rows("checklist", order_id)[0]["id"])
    with device.write() as write:
        assert checklists.pass_remaining(write, checklist_id) == 1
    assert device.waiting == waiting + 1
    assert item_of(device, order_id, "clean")["result"] == "pass"
    assert item_of(device, order_id, "quiet")["result"] == "fail"
    with device.write() as write:
        assert checklists.pass_remaining(write, checklist_id) == 0
    assert device.waiting == waiting + 1


def test_a_failed_item_is_followed_up_by_an_order_with_an_offline_number(device: FleetDevice, order_id: str) -> None:
    answer(device, order_id, "quiet", result="fail", note="It rattles.")
    item_id = str(item_of(device, order_id, "quiet")["id"])
    with device.write() as write:
        first = checklists.follow_up(write, item_id)
        second = checklists.follow_up(write, item_id, title="Replace the bearing", priority="critical")
    made, other = device.see("work_order", first), device.see("work_order", second)
    assert (made["title"], made["parent_id"], made["status"]) == ("Follow-up: Unit runs quietly", order_id, "new")
    assert (made["description"], made["asset_id"]) == ("It rattles.", device.fleet.small.asset_id)
    assert (other["title"], other["priority"]) == ("Replace the bearing", "critical")
    code, number = str(made["number"]).rsplit("-", 1)
    assert (code[:3], number, other["number"]) == ("WO-", "1", f"{code}-2")
    open_id = str(item_of(device, order_id, "clean")["id"])
    refused(device, "invalid_value", lambda write: checklists.follow_up(write, open_id))


def test_an_offline_number_is_not_given_again_when_its_order_has_left(device: FleetDevice, order_id: str) -> None:
    answer(device, order_id, "quiet", result="fail", note="It rattles.")
    item_id = str(item_of(device, order_id, "quiet")["id"])
    with device.write() as write:
        first = checklists.follow_up(write, item_id)
    number = device.see("work_order", first)["number"]
    device.sync_well()
    device.fleet.office.assign(first, login="technician2")
    device.sync_well()
    assert device.get("work_order", first) is None
    with device.write() as write:
        second = checklists.follow_up(write, item_id)
    assert device.see("work_order", second)["number"] != number
    device.sync_well()
    assert device.see("work_order", second)["code_conflict"] is False


def test_a_number_that_was_refused_with_its_step_is_free_again(device: FleetDevice, order_id: str) -> None:
    answer(device, order_id, "quiet", result="fail", note="It rattles.")
    item_id = str(item_of(device, order_id, "quiet")["id"])

    def step(write: LocalWrite) -> None:
        checklists.follow_up(write, item_id)
        raise Refused("invalid_value", "Something else in this step was wrong.")

    refused(device, "invalid_value", step)
    with device.write() as write:
        made = checklists.follow_up(write, item_id)
    assert str(device.see("work_order", made)["number"]).endswith("-1")


# ---- parts


def level(device: FleetDevice, part: int) -> Decimal:
    small = device.fleet.small
    return Decimal(
        str(device.see("stock_level", level_id(small.van_ids[device.login], small.part_ids[part]))["quantity"])
    )


def use(device: FleetDevice, order_id: str, quantity: str, *, back: bool = False) -> None:
    small = device.fleet.small
    command = parts.return_part if back else parts.use_part
    with device.write() as write:
        command(
            write,
            order_id,
            small.part_ids[0],
            stock_location_id=small.van_ids[device.login],
            quantity=Decimal(quantity),
            note="From the van.",
        )


def test_parts_are_posted_as_changes_and_come_back_as_changes(device: FleetDevice, order_id: str) -> None:
    use(device, order_id, "2")
    use(device, order_id, "1.5")
    assert level(device, 0) == VAN_STOCK - Decimal("3.5")
    use(device, order_id, "1.5", back=True)
    assert level(device, 0) == VAN_STOCK - 2
    assert level(device, 1) == VAN_STOCK
    movements = device.rows("stock_movement", order_id)
    assert sorted(Decimal(str(each["quantity"])) for each in movements) == [-2, Decimal("-1.5"), Decimal("1.5")]
    assert device.rows("part_request", order_id) == []


def test_stock_below_zero_never_stops_the_work_and_asks_for_the_part(device: FleetDevice, order_id: str) -> None:
    use(device, order_id, "4")
    use(device, order_id, "3")
    assert level(device, 0) == -2
    (request,) = device.rows("part_request", order_id)
    assert (Decimal(str(request["quantity"])), request["status"]) == (Decimal(2), "open")


def test_nothing_or_less_cannot_be_posted(device: FleetDevice, order_id: str) -> None:
    for quantity in ("0", "-1"):
        for back in (False, True):
            with pytest.raises(Refused):
                use(device, order_id, quantity, back=back)
    assert device.waiting == 0


# ---- comments and photos


def test_comments_answer_one_another(device: FleetDevice, order_id: str) -> None:
    with device.write() as write:
        first = remarks.add_comment(write, order_id, "Is this the right pump?")
        remarks.add_comment(write, order_id, "It is.", answers=first)
    written = {row["text"]: row for row in device.rows("comment", order_id)}
    assert written["It is."]["parent_id"] == first
    assert {row["author_id"] for row in written.values()} == {device.person_id}


def test_a_photo_arrives_at_the_server_byte_for_byte(device: FleetDevice, order_id: str) -> None:
    contents = [PICTURE, PICTURE * (BLOB_CHUNK_BYTES // len(PICTURE) + 1), b"\0"]
    with device.write() as write:
        kept = [
            remarks.add_photo(
                write, device.workplace.blobs, order_id, content=content, media_type="image/png", caption="Before"
            )
            for content in contents
        ]
    with device.write() as write:  # the same picture again, for another order
        again = device.fleet.small.order_ids[1]
        remarks.add_photo(write, device.workplace.blobs, again, content=PICTURE, media_type="image/png")
    assert device.sync_well().blobs_sent == len(contents)
    services = device.fleet.stoppable.server.services
    for login in ("technician", "supervisor"):
        caller = Caller(device.fleet.organization.id, device.fleet.small.people[login], "")
        for sha256, content in zip(kept, contents, strict=True):
            found = readable(services.database, caller, sha256, store=services.blobs)
            assert b"".join(services.blobs.pieces(found.name, size=found.size_bytes)) == content
    assert device.sync_well().blobs_sent == 0


@pytest.mark.parametrize(("content", "media_type"), [(b"", "image/png"), (b"<svg/>", "image/svg+xml")])
def test_a_file_that_cannot_be_a_photo_is_refused(
    device: FleetDevice, order_id: str, content: bytes, media_type: str
) -> None:
    blobs = device.workplace.blobs
    with pytest.raises(Refused), device.write() as write:
        remarks.add_photo(write, blobs, order_id, content=content, media_type=media_type)
    assert device.rows("attachment", order_id) == []


# ---- the day as it is shown


def test_my_day_is_in_route_order_and_loses_what_is_done(device: FleetDevice) -> None:
    with device.workplace.replica.read() as reading:
        assert [card.route_position for card in my_day(reading, device.person_id)] == [1, 2]
    finish(device, device.fleet.small.order_ids[0])
    with device.workplace.replica.read() as reading:
        assert [card.id for card in my_day(reading, device.person_id)] == [device.fleet.small.order_ids[1]]

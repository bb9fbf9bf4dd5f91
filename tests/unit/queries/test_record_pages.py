"""What happened on an order: timeline, comments, photos, parts."""

from datetime import UTC
from decimal import Decimal

from cmms_desktop.application.commands import checklists, conflicts, parts, remarks
from cmms_desktop.application.queries.history import TimelineEntry, timeline
from cmms_desktop.application.queries.parts_page import PartsPage, parts_page
from cmms_desktop.application.queries.remarks import comment_lines, photo_lines
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.timeline_words import timeline_face
from tests.support.replicas import Field, uid
from tests.ui.stage import Stage
from tests.unit.queries.working import PICTURE, act, answer, ask, finish, order_with, start, statements_of


def story(stage: Stage, order_id: str) -> tuple[TimelineEntry, ...]:
    found = ask(stage.replica, lambda reading: timeline(reading, order_id))
    assert found is not None
    return found.entries


def parts_of(stage: Stage, order_id: str) -> PartsPage:
    found = ask(stage.replica, lambda reading: parts_page(reading, order_id))
    assert found is not None
    return found


def test_a_timeline_tells_a_day_in_its_order(technician: Stage) -> None:
    order_id = order_with(technician, "pressure", "isolated")
    start(technician, order_id)
    answer(technician, order_id, "isolated", result="fail", note="No tag.")
    photo = technician.session.blobs.keep(PICTURE)
    answer(technician, order_id, "pressure", value="9", note="Far too high.", photo_sha256=photo)
    answer(technician, order_id, "guard", result="pass")
    act(technician, lambda write: remarks.add_comment(write, order_id, "Strainer cleaned."))
    entries = story(technician, order_id)
    kinds = [(entry.kind, entry.word) for entry in entries]
    assert kinds[0] == ("created", "")
    told = [each for each in kinds if each[0] not in {"created", "comment"}]
    assert told == [
        ("visit", "travel"),
        ("visit", "arrive"),
        ("visit", "start"),
        ("item", "fail"),
        ("reading", "fail"),
        ("answers", "1"),
    ]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    new = [entry for entry in entries if entry.kind in {"visit", "item", "reading", "answers"}]
    assert {entry.received_at for entry in new} == {None}
    assert {entry.person for entry in new} == {"Technician 1"}
    assert entries[0].received_at is not None


def test_answers_are_received_when_the_server_has_them(field: Field) -> None:
    order_id = field.add_order(1)
    field.add("checklist", 10, order_id, work_order_id=order_id, name="List")
    field.add("checklist_item", 11, order_id, checklist_id=uid(10), key="a", kind="pass_fail", prompt="Tight?")
    field.sync()
    with field.replica.write() as write:
        checklists.complete_checklist_item(write, uid(11), result="fail", note="Loose.")
    for is_received in (False, True):
        found = ask(field.replica, lambda reading: timeline(reading, order_id))
        assert found is not None
        (item,) = [entry for entry in found.entries if entry.kind == "item"]
        assert (item.received_at is not None) == is_received
        field.sync()


def test_signatures_and_states_stand_in_the_timeline(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    finish(technician, order_id)
    entries = story(technician, order_id)
    assert [entry.word for entry in entries if entry.kind == "signature"] == ["performed"]
    assert [entry.word for entry in entries if entry.kind == "status"] == ["completed"]


def test_every_entry_has_words_and_an_icon(technician: Stage) -> None:
    order_id = order_with(technician, "pressure")
    finish(technician, order_id)
    moments, now = Moments(UTC), technician.clock()
    for entry in story(technician, order_id):
        face = timeline_face(entry, moments, now)
        assert face.event
        assert face.icon
        assert face.device_time


def test_a_timeline_takes_the_same_statements_for_a_short_and_a_long_story(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    few = statements_of(technician.replica, lambda reading: timeline(reading, order_id))
    finish(technician, order_id)
    assert statements_of(technician.replica, lambda reading: timeline(reading, order_id)) == few


def test_comments_name_their_author_and_what_they_answer(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    first = act(technician, lambda write: remarks.add_comment(write, order_id, "Is the key here?"))
    technician.clock.advance(minutes=1)
    act(technician, lambda write: remarks.add_comment(write, order_id, "<b>Yes</b>", answers=first))
    question, reply = ask(technician.replica, lambda reading: comment_lines(reading, order_id))[-2:]
    assert (question.author, question.is_mine, question.received_at) == ("Technician 1", True, None)
    assert (reply.parent_id, reply.text) == (first, "<b>Yes</b>")


def test_photos_say_where_their_bytes_are(field: Field) -> None:
    order_id = field.add_order(1)
    file = {"sha256": "a" * 64, "media_type": "image/png", "size_bytes": 9}
    field.add("attachment", 31, order_id, work_order_id=order_id, **file)
    field.pull()
    with field.replica.write() as write:
        for state in ("b", "c", "d"):
            file = remarks.KeptFile(state * 64, "image/jpeg", 5)
            remarks.attach(write, order_id, file, caption=state)
    with field.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE blob SET state = 'sent' WHERE sha256 = ?", ("c" * 64,))
        handle.cursor.execute("UPDATE blob SET state = 'withdrawn' WHERE sha256 = ?", ("d" * 64,))
    found = {line.sha256[0]: line for line in ask(field.replica, lambda reading: photo_lines(reading, order_id))}
    assert {name: line.state for name, line in found.items()} == {
        "a": "to_come",
        "b": "to_send",
        "c": "sent",
        "d": "here",
    }
    assert [name for name, line in found.items() if line.is_here] == ["b", "c", "d"]
    assert found["a"].author == ""


def test_parts_say_what_was_planned_used_and_put_back(technician: Stage) -> None:
    pages = [(each, parts_of(technician, each)) for each in technician.order_ids]
    order_id, page = next((each, found) for each, found in pages if found.planned)
    part, van = page.planned[0].part, page.places[0]
    assert van.is_own_van
    for command, quantity in ((parts.use_part, 3), (parts.return_part, 1)):
        act(
            technician,
            lambda write, command=command, quantity=quantity: command(
                write, order_id, part.id, stock_location_id=van.id, quantity=Decimal(quantity), note="Spare."
            ),
        )
    after = parts_of(technician, order_id)
    assert [(line.kind, line.quantity, line.place, line.received_at) for line in after.movements] == [
        ("usage", Decimal(-3), van.name, None),
        ("return", Decimal(1), van.name, None),
    ]
    assert after.planned[0].used == 2
    assert after.planned[0].part.in_van == part.in_van - 2


def test_stock_that_runs_short_is_requested_and_seen(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    part = next(each for each in technician.order_ids if parts_of(technician, each).planned)
    planned = parts_of(technician, part).planned[0].part
    van = parts_of(technician, order_id).places[0]
    act(
        technician,
        lambda write: parts.use_part(
            write, order_id, planned.id, stock_location_id=van.id, quantity=planned.in_van + 2
        ),
    )
    (request,) = parts_of(technician, order_id).requests
    assert (request.name, request.quantity, request.status, request.place) == (planned.name, 2, "open", van.name)


def test_a_part_that_is_not_here_keeps_its_movement(field: Field) -> None:
    order_id = field.add_order(1)
    values = {"stock_location_id": uid(80), "part_id": uid(81), "kind": "teleport", "quantity": "not a number"}
    field.add("stock_movement", 40, order_id, work_order_id=order_id, **values)
    field.pull()
    found = ask(field.replica, lambda reading: parts_page(reading, order_id))
    assert found is not None
    (line,) = found.movements
    assert (line.kind, line.name, line.place, line.quantity) == ("teleport", "", "", 0)


def test_a_settled_conflict_stands_in_the_timeline_twice(field: Field) -> None:
    order_id = field.add_order(1, priority="low")
    field.sync()
    with field.replica.write() as write:
        write.set("work_order", order_id, priority="high")
    field.server.change("work_order", order_id, priority="critical")
    field.sync()
    with field.replica.read() as reading:
        ((conflict_id,),) = reading.cursor.execute("SELECT id FROM conflict").fetchall()
    with field.replica.write() as write:
        conflicts.settle(write, conflict_id, "theirs", reason="The office knows.")
    found = ask(field.replica, lambda reading: timeline(reading, order_id))
    assert found is not None
    told = [entry for entry in found.entries if entry.kind in {"conflict", "settled"}]
    assert [(entry.kind, entry.word, entry.text) for entry in told] == [
        ("conflict", "priority", "work_order"),
        ("settled", "priority", "work_order"),
    ]
    assert told[1].note == "The office knows."

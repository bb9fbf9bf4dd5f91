"""Telling how things stand: nothing twice, in order, and troubles once each."""

from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.sync.status_board import MOST_TROUBLES, PHOTOS, PROGRESS_EVERY_S, StatusBoard

AT = "2026-03-02T09:00:00.000000Z"


def board() -> tuple[StatusBoard, list[SyncStatus]]:
    made, heard = StatusBoard(SyncStatus(), steady=lambda: 0.0), []
    made.subscribe(heard.append)
    return made, heard


def test_what_changed_is_told_and_what_did_not_is_not() -> None:
    made, heard = board()
    made.change(waiting=1)
    made.change(waiting=1)
    made.change(connection=Connection.ONLINE, waiting=1)
    assert [(status.waiting, status.connection.value) for status in heard] == [(1, "offline"), (1, "online")]
    assert made.status is heard[-1]


def test_progress_may_be_told_four_times_a_second() -> None:
    now = [10.0]
    made = StatusBoard(SyncStatus(), steady=lambda: now[0])
    assert made.may_tell_progress
    made.change(waiting=1)
    now[0] += PROGRESS_EVERY_S / 2
    assert not made.may_tell_progress
    now[0] += PROGRESS_EVERY_S / 2
    assert made.may_tell_progress


def test_a_listener_that_left_hears_nothing_and_may_leave_twice() -> None:
    made, _ = board()
    heard: list[SyncStatus] = []
    stop = made.subscribe(heard.append)
    stop()
    stop()
    made.change(waiting=3)
    assert heard == []


def test_one_trouble_is_one_line_however_long_it_lasts() -> None:
    made, _ = board()
    for _ in range(3):
        made.note_trouble("No network.", at=AT)
    made.end_trouble()
    made.note_trouble("No network.", at="2026-03-02T10:00:00.000000Z")
    made.note_trouble("Disk full.", at=AT)
    assert [trouble.sentence for trouble in made.status.troubles] == ["Disk full.", "No network.", "No network."]
    assert made.status.troubles[2].at == AT


def test_troubles_that_last_side_by_side_are_one_line_each_and_end_by_themselves() -> None:
    made, _ = board()
    for _ in range(3):
        made.note_trouble("No network.", at=AT)
        made.note_trouble("No room.", at=AT, about=PHOTOS)
        made.note_trouble("Too large.", at=AT, about=PHOTOS)
        made.end_trouble()
    sentences = [trouble.sentence for trouble in made.status.troubles]
    assert sentences == ["No network.", "No network.", "Too large.", "No room.", "No network."]
    made.end_trouble(about=PHOTOS)
    made.note_trouble("No room.", at=AT, about=PHOTOS)
    assert made.status.troubles[0].sentence == "No room."


def test_only_the_newest_troubles_are_kept() -> None:
    made, _ = board()
    for number in range(MOST_TROUBLES + 5):
        made.note_trouble(f"Trouble {number}.", at=AT)
    assert len(made.status.troubles) == MOST_TROUBLES
    assert made.status.troubles[0].sentence == f"Trouble {MOST_TROUBLES + 4}."

"""The sync thread: when it wakes, what it says, and that nothing but `stop` ends it. Time goes by hand."""

import hashlib
import threading
from collections.abc import Callable

import httpx
import pytest

from cmms_desktop.sync.blob_transfer import MOST_FILES
from cmms_desktop.sync.rhythm import QUIET_S
from cmms_desktop.sync.scheduler import NEWS_EVERY_S, UNEXPECTED
from cmms_desktop.sync.status import Connection
from tests.support.hand_clock import GUARD_S
from tests.unit.sync.watched import TWO_CHUNKS, Watched, keep_photo
from tests.unit.sync.wire import Wire, problem


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network")


def test_it_begins_with_a_cycle_and_says_that_it_is_online(watched: Watched) -> None:
    watched.start()
    assert watched.wire.new_asked() == ["hello", "pull", "bootstrap", "pull"]
    assert watched.new_words() == ["sending", "online"]
    assert watched.status.received_rows > 0
    assert watched.status.last_sync_at == watched.status.online_since == "2026-03-02T09:00:00.000000Z"


def test_a_quiet_device_asks_again_after_a_minute_and_says_nothing_of_it(watched: Watched) -> None:
    watched.start()
    watched.wire.pass_time(seconds=60)
    watched.new_words()
    watched.wire.new_asked()
    watched.pass_s(59.9)
    assert watched.wire.new_asked() == []
    watched.pass_s(0.2)
    assert watched.wire.new_asked() == ["pull"]
    assert watched.new_words() == ["online"]
    assert watched.status.last_sync_at == "2026-03-02T09:01:00.000000Z"


def test_an_edit_counts_at_once_and_is_sent_a_second_later(watched: Watched) -> None:
    watched.start()
    watched.new_words()
    watched.wire.new_asked()
    watched.edit("Mine")
    assert watched.status.waiting == 1
    watched.pass_s(0.9)
    assert watched.wire.new_asked() == []
    watched.pass_s(0.2)
    assert watched.wire.new_asked() == ["sync"]
    assert watched.new_words() == ["online", "sending", "online"]
    assert (watched.status.waiting, watched.status.sending) == (0, 0)


def test_who_asks_is_served_at_once(watched: Watched) -> None:
    watched.start()
    watched.wire.new_asked()
    watched.edit("Mine")
    watched.scheduler.sync_now()
    watched.time.until_asleep()
    assert watched.wire.new_asked() == ["sync"]


def test_without_a_server_it_is_offline_until_it_is_not_and_nobody_presses_anything(watched: Watched) -> None:
    watched.start()
    watched.new_words()
    watched.edit("Mine")
    watched.wire.once("sync", away)
    watched.wire.once("hello", away, away)
    watched.pass_s(1.1)
    assert watched.status.connection is Connection.OFFLINE
    assert watched.status.waiting == 1
    assert watched.status.online_since is None
    assert watched.new_words() == ["online", "sending", "offline"]
    watched.pass_s(5.1)
    watched.pass_s(10.1)
    assert watched.status.connection is Connection.OFFLINE
    assert watched.new_words() in ([], ["offline"]), "the strip does not flicker while nobody answers"
    watched.pass_s(20.1)
    assert watched.status.connection is Connection.ONLINE
    assert watched.status.waiting == 0
    assert watched.status.problem is None
    assert len(watched.status.troubles) == 1
    watched.wire.field.assert_converged()


def test_after_an_absence_the_server_is_greeted_again(watched: Watched) -> None:
    watched.start()
    watched.wire.new_asked()
    watched.wire.once("pull", away)
    watched.pass_s(61)
    watched.pass_s(6)
    assert watched.wire.new_asked() == ["pull", "hello", "pull"]


def test_a_busy_server_is_asked_again_when_it_said(watched: Watched) -> None:
    watched.start()
    watched.wire.once("sync", lambda request: problem("busy", 503, retry_after_s=30))
    watched.edit("Mine")
    watched.pass_s(1.1)
    assert watched.status.connection is Connection.ONLINE
    assert watched.status.problem is not None
    watched.wire.new_asked()
    watched.scheduler.sync_now()
    watched.edit("Mine again")
    watched.pass_s(29)
    assert watched.wire.new_asked() == []
    watched.pass_s(10)
    assert watched.wire.new_asked() == ["sync"]
    assert watched.status.problem is None


def test_an_ended_session_waits_for_a_person_and_asks_nothing_meanwhile(watched: Watched) -> None:
    watched.start()
    watched.edit("Mine")
    watched.wire.valid.clear()
    watched.wire.once("refresh", lambda request: problem("session_expired", 401))
    watched.pass_s(1.1)
    assert watched.status.connection is Connection.SIGN_IN
    watched.wire.new_asked()
    watched.edit("Mine again")
    assert watched.time.until_asleep() is None
    assert watched.wire.new_asked() == []
    assert watched.status.waiting == 2
    watched.wire.valid.add("access-9")
    watched.wire.transport.access_token = "access-9"
    watched.scheduler.sync_now()
    watched.time.until_asleep()
    assert watched.status.connection is Connection.ONLINE
    assert watched.status.waiting == 0


def test_who_signs_in_while_the_old_session_is_being_refused_goes_on_at_once(watched: Watched) -> None:
    """The refusal of a cycle that began before says nothing about the session that there is by now."""

    def refuse_late(_: httpx.Request) -> httpx.Response:
        watched.wire.valid.add("access-9")
        watched.wire.transport.access_token = "access-9"
        watched.scheduler.sync_now()
        return problem("session_expired", 401)

    watched.start()
    watched.edit("Mine")
    watched.wire.valid.clear()
    watched.wire.once("refresh", refuse_late)
    watched.pass_s(1.1)
    assert (watched.status.connection, watched.status.waiting) == (Connection.ONLINE, 0)


def test_a_version_that_does_not_fit_stops_it_with_a_sentence_and_it_goes_on_asking(watched: Watched) -> None:
    watched.wire.once("hello", lambda request: problem("contract_mismatch", 409, detail="Please update."))
    watched.start()
    assert (watched.status.connection, watched.status.problem) == (Connection.STOPPED, "Please update.")
    watched.pass_s(61)
    assert watched.status.connection is Connection.ONLINE


def test_a_refused_push_says_so_and_downloads_go_on(watched: Watched) -> None:
    watched.start()
    watched.new_words()
    watched.edit("Mine")
    for path in ("sync", "push"):
        watched.wire.once(path, *[lambda request: problem("chain_broken", 409, detail="Not this chain.")] * 2)
    watched.wire.server.change("work_order", watched.order_id, priority="high")
    watched.pass_s(1.1)
    row = watched.wire.field.replica.get("work_order", watched.order_id)
    assert row is not None
    assert (row["title"], row["priority"]) == ("Mine", "high")
    assert (watched.status.connection, watched.status.problem) == (Connection.STOPPED, "Not this chain.")
    watched.new_words()
    watched.pass_s(61)
    assert watched.new_words() in ([], ["stopped"])
    watched.pass_s(61)
    assert watched.status.connection is Connection.ONLINE
    watched.wire.field.assert_converged()


@pytest.mark.expects_warnings
def test_something_that_cannot_happen_is_told_logged_and_tried_again(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    def bug(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    watched.wire.once("pull", bug)
    watched.start()
    assert (watched.status.connection, watched.status.problem) == (Connection.STOPPED, UNEXPECTED)
    assert "ZeroDivisionError" in caplog.text
    watched.pass_s(6)
    assert watched.status.connection is Connection.ONLINE


def test_photos_can_be_kept_back_while_text_goes_on(watched: Watched) -> None:
    watched.start()
    watched.scheduler.pause_photos(True)
    keep_photo(watched.wire, TWO_CHUNKS)
    watched.edit("Mine")
    watched.pass_s(1.1)
    assert (watched.status.waiting, watched.status.photos) == (0, 1)
    assert watched.status.photo_bytes == len(TWO_CHUNKS)
    assert watched.status.are_photos_paused
    watched.scheduler.pause_photos(False)
    watched.settle()
    assert (watched.status.photos, watched.status.photo_bytes) == (0, 0)
    assert not watched.status.are_photos_paused


def test_photos_that_are_kept_back_are_not_called_sending(watched: Watched) -> None:
    watched.start()
    watched.scheduler.pause_photos(True)
    keep_photo(watched.wire, b"picture")
    watched.pass_s(1.1)
    watched.new_words()
    watched.pass_s(61)
    assert watched.new_words() in ([], ["online"])


def test_a_photo_under_way_is_called_sending_and_counted_down(watched: Watched) -> None:
    watched.start()
    keep_photo(watched.wire, TWO_CHUNKS)
    watched.said.clear()
    watched.scheduler.sync_now()
    watched.settle()
    assert watched.new_words() == ["online", "sending", "online"]
    assert (watched.status.photos, watched.status.photo_bytes) == (0, 0)


def test_text_does_not_wait_behind_photos(watched: Watched) -> None:
    watched.start()
    sha256 = keep_photo(watched.wire, TWO_CHUNKS)
    watched.wire.new_asked()
    first: list[Callable[[httpx.Request], httpx.Response]] = []

    def edit_meanwhile(request: httpx.Request) -> httpx.Response:
        watched.edit("Mine")
        watched.scheduler.sync_now()
        return httpx.Response(200, headers={"Upload-Offset": "0"})

    first.append(edit_meanwhile)
    watched.wire.once("blobs", *first)
    watched.scheduler.sync_now()
    watched.settle()
    asked = watched.wire.new_asked()
    assert (asked[:2], asked.count("sync"), asked[-1]) == (["pull", "blobs"], 1, "blobs"), "text before the last chunk"
    assert watched.wire.uploads[sha256] == TWO_CHUNKS
    assert (watched.status.waiting, watched.status.photos) == (0, 0)


def test_a_photo_that_cannot_be_sent_is_told_in_its_own_words(watched: Watched) -> None:
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.wire.once("blobs", lambda request: problem("too_large", 413, detail="This file is too large."))
    watched.scheduler.sync_now()
    watched.settle()
    assert watched.status.connection is Connection.ONLINE
    assert [trouble.sentence for trouble in watched.status.troubles] == ["This file is too large."]
    assert watched.status.photos == 1


def test_it_stops_between_two_steps(wire: Wire) -> None:
    watched = Watched(wire)
    inside, stopping = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        inside.set()
        assert stopping.wait(GUARD_S)
        return wire._hello(request)

    wire.once("hello", slow)
    watched.scheduler.start()
    assert inside.wait(GUARD_S)
    stopper = threading.Thread(target=watched.scheduler.stop)
    stopper.start()
    while not wire.transport._is_over:  # set by stop before it waits
        stopper.join(0.01)
    stopping.set()
    stopper.join(GUARD_S)
    assert not stopper.is_alive()
    assert wire.asked == ["hello"], "nothing is asked after the answer that was under way"
    keep_photo(wire, b"after the end")


def test_stopping_what_never_started_and_stopping_twice_is_fine(wire: Wire) -> None:
    watched = Watched(wire)
    watched.scheduler.stop()
    watched.scheduler.stop()


def test_photos_of_others_are_counted_and_more_than_a_cycle_holds_come_at_once(watched: Watched) -> None:
    wire = watched.wire
    for number in range(MOST_FILES + 2):
        content = b"photo %d" % number
        said = {"sha256": hashlib.sha256(content).hexdigest(), "media_type": "image/png", "size_bytes": len(content)}
        wire.field.add("attachment", 100 + number, watched.order_id, work_order_id=watched.order_id, **said)
        if number:
            wire.files[str(said["sha256"])] = content
    watched.start()
    assert watched.status.photos_to_come == 1
    assert max(status.photos_to_come for status in watched.said) > 1
    assert len(wire.blobs.names()) == MOST_FILES + 1, "two cycles, and no time has passed"
    assert (watched.status.connection, watched.status.problem) == (Connection.ONLINE, None)


def test_sync_now_asks_again_for_photos_that_had_not_come(watched: Watched) -> None:
    content = b"late"
    sha256 = hashlib.sha256(content).hexdigest()
    said = {"sha256": sha256, "media_type": "image/png", "size_bytes": len(content)}
    watched.wire.field.add("attachment", 100, watched.order_id, work_order_id=watched.order_id, **said)
    watched.start()
    watched.wire.files[sha256] = content
    watched.scheduler.sync_now()
    watched.settle()
    assert (watched.status.photos_to_come, watched.wire.blobs.has(sha256)) == (0, True)


def test_a_poke_brings_what_changed_without_anybody_asking(watched: Watched) -> None:
    watched.start()
    watched.wire.new_asked()
    watched.pass_s(10)
    watched.wire.server.change("work_order", watched.order_id, title="By the office")
    watched.scheduler.poked(watched.wire.server.seq)
    watched.pass_s(0.1)
    assert watched.wire.new_asked() == ["pull"]
    row = watched.wire.field.replica.get("work_order", watched.order_id)
    assert row is not None
    assert row["title"] == "By the office"


def test_a_poke_during_a_cycle_that_brings_it_is_no_cycle_more(watched: Watched) -> None:
    watched.start()
    watched.wire.new_asked()
    watched.pass_s(10)

    def poke_meanwhile(request: httpx.Request) -> httpx.Response:
        watched.wire.server.change("work_order", watched.order_id, title="By the office")
        watched.scheduler.poked(watched.wire.server.seq)
        return watched.wire._pull(request)

    watched.wire.once("pull", poke_meanwhile)
    watched.scheduler.sync_now()
    watched.pass_s(5)
    assert watched.wire.new_asked() == ["pull"]


def test_a_poke_during_a_cycle_that_does_not_bring_it_is_one_more(watched: Watched) -> None:
    watched.start()
    watched.wire.new_asked()
    watched.pass_s(10)

    def change_behind(request: httpx.Request) -> httpx.Response:
        answer = watched.wire._pull(request)
        watched.wire.server.change("work_order", watched.order_id, title="By the office")
        watched.scheduler.poked(watched.wire.server.seq)
        return answer

    watched.wire.once("pull", change_behind)
    watched.scheduler.sync_now()
    watched.pass_s(1)
    assert watched.wire.new_asked() == ["pull", "pull"]


def test_a_server_that_is_heard_again_ends_a_wait_that_had_grown(watched: Watched) -> None:
    watched.start()
    watched.wire.once("pull", away)
    watched.wire.once("hello", *[away] * 4)
    for seconds in (61, 6, 11, 21, 41):
        watched.pass_s(seconds)
    assert watched.status.connection is Connection.OFFLINE
    watched.wire.new_asked()
    watched.pass_s(1)
    assert watched.wire.new_asked() == []
    watched.scheduler.reached_server()
    watched.pass_s(1)
    assert watched.status.connection is Connection.ONLINE


def test_between_two_slices_text_is_due_when_somebody_edits_and_every_ten_seconds(watched: Watched) -> None:
    """The engine asks; what it is told is due counts as done by it."""
    is_text_due = watched.wire.engine.is_text_due
    assert is_text_due == watched.scheduler._is_text_due
    watched.start()
    assert not is_text_due()
    watched.scheduler._rhythm.wrote(watched.time.seconds() - QUIET_S)
    assert is_text_due()
    assert not is_text_due()
    watched.pass_s(NEWS_EVERY_S - 0.1)
    assert not is_text_due()
    watched.pass_s(0.2)
    assert is_text_due()
    assert not is_text_due()

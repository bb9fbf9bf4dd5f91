"""Photos have a thread of their own: after the text, never in its way, and never against what a person prefers."""

import threading
from collections.abc import Callable

import httpx
import pytest

from cmms_desktop.errors import ReplicaUnavailable, SessionExpired
from cmms_desktop.sync.photo_lane import UNEXPECTED, BorrowedSession, PhotoRule
from cmms_desktop.sync.status import Connection
from sync_server.contract.version import MUTATION
from tests.support.hand_clock import GUARD_S
from tests.unit.sync.watched import TWO_CHUNKS, Watched, keep_photo
from tests.unit.sync.wire import Wire, problem


def busy(request: httpx.Request) -> httpx.Response:
    return problem("busy", 503, detail="The storage of photos does not answer.", retry_after_s=30)


def portal(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<html>Sign in</html>")


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network")


def waits(watched: Watched) -> tuple[int, int, Connection]:
    return watched.status.waiting, watched.status.photos, watched.status.connection


@pytest.mark.parametrize(
    ("rule", "may_go", "waits_for_network"),
    [
        (PhotoRule(), True, False),
        (PhotoRule(is_paused=True), False, False),
        (PhotoRule(is_metered=True), False, True),
        (PhotoRule(is_metered=True, is_paused=True), False, False),
        (PhotoRule(is_metered=True, sends_on_metered=True), True, False),
        (PhotoRule(is_metered=True, is_hurried=True), True, False),
        (PhotoRule(is_paused=True, is_hurried=True), False, False),
        (PhotoRule(sends_on_metered=True), True, False),
    ],
)
def test_what_keeps_photos_back(rule: PhotoRule, *, may_go: bool, waits_for_network: bool) -> None:
    assert (rule.may_go, rule.is_waiting_for_unmetered) == (may_go, waits_for_network)


def test_on_a_metered_network_text_goes_and_photos_wait_and_it_is_said_why(watched: Watched) -> None:
    watched.start()
    watched.scheduler.network_changed(is_metered=True)
    keep_photo(watched.wire, TWO_CHUNKS)
    watched.edit("Mine")
    watched.wire.new_asked()
    watched.pass_s(1.1)
    assert waits(watched) == (0, 1, Connection.ONLINE)
    assert watched.status.are_photos_waiting_for_unmetered
    watched.pass_s(120)
    assert "blobs" not in watched.wire.new_asked()
    watched.scheduler.network_changed(is_metered=False)
    watched.settle()
    assert waits(watched) == (0, 0, Connection.ONLINE)
    assert not watched.status.are_photos_waiting_for_unmetered


def test_photos_that_wait_can_be_sent_once_and_the_next_ones_wait_again(watched: Watched) -> None:
    watched.start()
    watched.scheduler.network_changed(is_metered=True)
    keep_photo(watched.wire, TWO_CHUNKS)
    watched.pass_s(61)
    assert watched.status.photos == 1
    watched.scheduler.send_photos_now()
    watched.settle()
    assert watched.status.photos == 0
    keep_photo(watched.wire, b"another")
    watched.pass_s(61)
    assert watched.status.photos == 1
    assert watched.status.are_photos_waiting_for_unmetered


def test_what_is_sent_now_is_sent_although_text_came_between(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is due for a moment only, and photos are looked at in that moment: they still go whatever it costs."""
    watched.start()
    watched.scheduler.network_changed(is_metered=True)
    keep_photo(watched.wire, b"picture")
    watched.pass_s(61)
    assert watched.status.photos == 1
    wants_line, is_text_due = watched.scheduler.wants_line, iter([False, True])
    monkeypatch.setattr(watched.scheduler, "wants_line", lambda: next(is_text_due, False) or wants_line())
    watched.scheduler.send_photos_now()
    watched.settle()
    assert watched.status.photos == 1
    watched.pass_s(61)
    assert watched.status.photos == 0


def test_who_prefers_to_send_on_metered_networks_sends(watched: Watched) -> None:
    watched.start()
    watched.scheduler.network_changed(is_metered=True)
    keep_photo(watched.wire, b"picture")
    watched.pass_s(61)
    assert watched.status.photos == 1
    watched.scheduler.send_photos_on_metered(True)
    watched.settle()
    assert (watched.status.photos, watched.status.are_photos_waiting_for_unmetered) == (0, False)


def test_photos_of_others_wait_for_an_unmetered_network_too(watched: Watched) -> None:
    content = b"of somebody else"
    sha256 = watched.wire.blobs.keep(content)
    watched.wire.blobs._promised.clear()
    watched.wire.blobs.remove([sha256])
    said = {"sha256": sha256, "media_type": "image/png", "size_bytes": len(content)}
    watched.wire.field.add("attachment", 100, watched.order_id, work_order_id=watched.order_id, **said)
    watched.wire.files[sha256] = content
    watched.scheduler.network_changed(is_metered=True)
    watched.start()
    assert not watched.wire.blobs.has(sha256)
    watched.scheduler.network_changed(is_metered=False)
    watched.settle()
    assert watched.wire.blobs.has(sha256)


def test_a_network_that_becomes_metered_stops_photos_between_two_chunks(watched: Watched) -> None:
    watched.start()
    sha256 = keep_photo(watched.wire, TWO_CHUNKS)

    def metered(request: httpx.Request) -> httpx.Response:
        watched.scheduler.network_changed(is_metered=True)
        return watched.wire._blobs(request)

    watched.wire.once("blobs", watched.wire._blobs, metered)
    watched.scheduler.sync_now()
    watched.settle()
    assert 0 < len(watched.wire.uploads[sha256]) < len(TWO_CHUNKS)
    assert waits(watched) == (0, 1, Connection.ONLINE)
    watched.scheduler.network_changed(is_metered=False)
    watched.settle()
    assert watched.wire.uploads[sha256] == TWO_CHUNKS


def refused(request: httpx.Request) -> httpx.Response:
    return problem("chain_broken", 409, detail="Not this chain.")


def test_photos_go_while_a_batch_of_text_is_refused(watched: Watched) -> None:
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.edit("Mine")
    for path in ("sync", "push"):
        watched.wire.once(path, *[refused] * 4)
    watched.pass_s(1.1)
    assert waits(watched) == (1, 0, Connection.STOPPED)


def test_photos_that_wait_can_be_sent_while_a_batch_of_text_is_refused(watched: Watched) -> None:
    watched.start()
    watched.scheduler.network_changed(is_metered=True)
    keep_photo(watched.wire, b"picture")
    watched.edit("Mine")
    for path in ("sync", "push"):
        watched.wire.once(path, *[refused] * 4)
    watched.pass_s(1.1)
    assert waits(watched) == (1, 1, Connection.STOPPED)
    watched.scheduler.send_photos_now()
    watched.settle()
    assert waits(watched) == (1, 0, Connection.STOPPED)


def test_photos_go_while_the_server_is_too_old_for_the_text(watched: Watched) -> None:
    watched.wire.takes = MUTATION - 1
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.edit("Mine")
    watched.pass_s(1.1)
    assert waits(watched) == (1, 0, Connection.STOPPED)


def test_a_cycle_that_broke_off_lets_no_photo_go(watched: Watched) -> None:
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.wire.once("pull", away)
    watched.pass_s(61)
    watched.scheduler.send_photos_now()
    watched.settle()
    assert waits(watched) == (0, 1, Connection.OFFLINE)
    watched.pass_s(6)
    assert waits(watched) == (0, 0, Connection.ONLINE)


@pytest.mark.parametrize("answer", [busy, portal, away], ids=["busy", "portal", "away"])
def test_photos_that_cannot_go_keep_no_text_waiting(
    watched: Watched, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    watched.start()
    sha256 = keep_photo(watched.wire, TWO_CHUNKS)
    watched.wire.once("blobs", answer)
    watched.edit("Mine")
    watched.pass_s(1.1)
    assert waits(watched) == (0, 1, Connection.ONLINE)
    watched.edit("Mine again")
    watched.wire.new_asked()
    watched.pass_s(1.1)
    assert watched.wire.new_asked() == ["sync"], "photos are left alone for a while"
    assert waits(watched) == (0, 1, Connection.ONLINE)
    watched.photo_time._now_s += 31
    watched.pass_s(61)
    assert watched.wire.uploads[sha256] == TWO_CHUNKS
    assert watched.status.photos == 0


def press_everything(watched: Watched) -> None:
    watched.scheduler.pause_photos(True)
    watched.scheduler.pause_photos(False)
    watched.scheduler.send_photos_on_metered(True)
    watched.scheduler.network_changed(is_metered=False)
    watched.scheduler.send_photos_now()
    watched.settle()


@pytest.mark.parametrize("path", ["pull", "blobs"])
def test_a_busy_server_is_left_alone_by_photos_whatever_is_pressed(watched: Watched, path: str) -> None:
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.wire.once(path, busy)
    watched.pass_s(61)
    watched.wire.new_asked()
    press_everything(watched)
    assert "blobs" not in watched.wire.new_asked()
    watched.photo_time._now_s += 31
    watched.pass_s(61)
    assert waits(watched) == (0, 0, Connection.ONLINE)


def test_a_preference_that_is_told_again_asks_for_no_photo(watched: Watched) -> None:
    """All preferences are told whenever one of them is another one, the colours too."""
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.wire.once("blobs", away)
    watched.pass_s(61)
    watched.wire.new_asked()
    watched.scheduler.send_photos_on_metered(False)
    watched.settle()
    assert watched.wire.new_asked() == []


def test_a_person_who_asks_does_not_wait_for_the_pause_of_the_photos(watched: Watched) -> None:
    watched.start()
    keep_photo(watched.wire, b"picture")
    watched.wire.once("blobs", away)
    watched.pass_s(61)
    assert watched.status.photos == 1
    watched.scheduler.sync_now()
    watched.settle()
    assert watched.status.photos == 0


def test_a_token_that_is_over_is_renewed_by_the_thread_of_the_text(wire: Wire) -> None:
    watched = Watched(wire)
    wire.transfer._session = BorrowedSession(wire.transport, lambda: wire.transport.access_token)
    watched.start()
    keep_photo(wire, b"picture")
    wire.valid.clear()
    watched.wire.once("pull", wire._pull)  # the sync thread does not notice by itself
    watched.scheduler.sync_now()
    watched.settle()
    watched.pass_s(1)
    assert (watched.status.photos, wire.refreshed) == (0, 1)
    watched.scheduler.stop()


def test_a_borrowed_session_without_a_token_is_over() -> None:
    class Silent:
        access_token: str | None = "old"

        def ask(self) -> str:
            if self.access_token is None:
                raise SessionExpired
            return self.access_token

    silent = Silent()
    with pytest.raises(SessionExpired):
        BorrowedSession(silent, lambda: None).run(silent.ask)  # type: ignore[arg-type]
    assert BorrowedSession(silent, lambda: "new").run(silent.ask) == "new"  # type: ignore[arg-type]


@pytest.mark.expects_warnings
def test_a_mistake_of_ours_is_told_and_stops_no_text(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.start()

    def broken(told: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(watched.wire.transfer, "send_all", broken)
    watched.edit("Mine")
    watched.pass_s(1.1)
    assert waits(watched) == (0, 0, Connection.ONLINE)
    assert [trouble.sentence for trouble in watched.status.troubles] == [UNEXPECTED]


def test_what_is_wrong_with_photos_for_long_is_one_line(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.start()

    def no_room(told: object) -> int:
        raise ReplicaUnavailable("There is no room.")

    with monkeypatch.context() as patched:
        patched.setattr(watched.wire.transfer, "send_all", no_room)
        for _ in range(3):
            watched.photo_time._now_s += 301
            watched.pass_s(61)
        assert [trouble.sentence for trouble in watched.status.troubles] == ["There is no room."]
    watched.photo_time._now_s += 301
    watched.pass_s(61)
    monkeypatch.setattr(watched.wire.transfer, "send_all", no_room)
    watched.pass_s(61)
    assert len(watched.status.troubles) == 2, "it was over meanwhile"


def test_text_goes_while_a_chunk_is_under_way(watched: Watched) -> None:
    """The chunk hangs for as long as it likes: an edit is sent and answered meanwhile."""
    watched.start()
    sha256 = keep_photo(watched.wire, TWO_CHUNKS)
    inside, let_go = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        inside.set()
        assert let_go.wait(GUARD_S)
        return watched.wire._blobs(request)

    watched.wire.once("blobs", slow)
    watched.scheduler.sync_now()
    assert inside.wait(GUARD_S)
    watched.time.until_asleep()
    watched.edit("Mine")
    watched.time.advance(1.1)
    assert watched.status.waiting == 0
    assert watched.status.photos == 1
    let_go.set()
    watched.settle()
    assert watched.wire.uploads[sha256] == TWO_CHUNKS

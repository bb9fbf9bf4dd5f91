"""The sync thread as screens hear it: in the GUI thread, a few times a second, the newest word last."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.errors import Bug, CmmsError, Refused
from cmms_desktop.sync.photo_lane import PhotoLane
from cmms_desktop.sync.scheduler import Scheduler
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.sync.status_board import Listener
from cmms_desktop.ui.bridge.background import UNEXPECTED
from cmms_desktop.ui.bridge.conversation import QtConversation
from tests.support.hand_clock import HandClock
from tests.unit.sync.wire import Wire


class Sides:
    """A conversation in the GUI thread over a scheduler whose time goes by hand."""

    def __init__(self, folder: Path) -> None:
        self.wire = Wire(folder)
        self.time = HandClock()
        self.order_id = self.wire.field.add_order(1)
        self.scheduler = Scheduler(
            self.wire.engine,
            self.wire.field.replica,
            photos=PhotoLane(self.wire.transfer),
            transport=self.wire.transport,
            clock=lambda: self.wire.now,
            chance=lambda: 0.5,
            steady=self.time,
        )
        self.refuse: BaseException | None = None
        self.passwords: list[tuple[str, str | None]] = []
        self.chosen: list[NewPassword] = []
        self.conversation = QtConversation(self.scheduler, sign_in=self.sign_in, choose=self.chosen.append)
        self.heard: list[tuple[SyncStatus, threading.Thread]] = []
        self.stop = self.conversation.on_status(lambda status: self.heard.append((status, threading.current_thread())))

    def sign_in(self, password: str, code: str | None) -> None:
        self.passwords.append((password, code))
        if self.refuse is not None:
            raise self.refuse

    def close(self) -> None:
        self.conversation.close()
        self.scheduler.stop()
        self.wire.close()


@pytest.fixture
def sides(tmp_path: Path, qtbot: QtBot) -> Iterator[Sides]:
    made = Sides(tmp_path)
    yield made
    made.close()


def test_a_screen_hears_the_sync_thread_in_its_own(sides: Sides, qtbot: QtBot) -> None:
    sides.scheduler.start()
    qtbot.waitUntil(lambda: sides.conversation.status.connection is Connection.ONLINE)
    assert {thread for _, thread in sides.heard} == {threading.main_thread()}
    assert sides.heard[-1][0] is sides.conversation.status


def test_much_news_is_told_seldom_and_the_last_of_it_always(sides: Sides, qtbot: QtBot) -> None:
    for waiting in range(1, 501):
        sides.scheduler._board.change(waiting=waiting)
    qtbot.waitUntil(lambda: sides.conversation.status.waiting == 500)
    assert len(sides.heard) <= 2


def test_what_happens_while_somebody_begins_to_listen_is_not_missed(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that is offline from its first moment says so once: nothing new comes after it that would be told."""
    subscribe = sides.scheduler.subscribe

    def meanwhile(listener: Listener) -> Callable[[], None]:
        sides.scheduler._board.change(connection=Connection.OFFLINE, problem="No network.")
        return subscribe(listener)

    monkeypatch.setattr(sides.scheduler, "subscribe", meanwhile)
    second = QtConversation(sides.scheduler, sign_in=sides.sign_in, choose=sides.chosen.append)
    assert second.status.problem == "No network."
    second.close()


def test_what_is_waiting_is_told_without_a_cycle(sides: Sides, qtbot: QtBot) -> None:
    sides.scheduler.start()
    qtbot.waitUntil(lambda: sides.conversation.status.connection is Connection.ONLINE)
    with sides.wire.field.replica.write() as write:
        write.set("work_order", sides.order_id, title="Mine")
    qtbot.waitUntil(lambda: sides.conversation.status.waiting == 1)
    sides.conversation.sync_now()
    qtbot.waitUntil(lambda: sides.conversation.status.waiting == 0)


def test_photos_are_paused_and_sent_again(sides: Sides, qtbot: QtBot) -> None:
    sides.conversation.pause_photos(True)
    qtbot.waitUntil(lambda: sides.conversation.status.are_photos_paused)
    sides.conversation.pause_photos(False)
    qtbot.waitUntil(lambda: not sides.conversation.status.are_photos_paused)


def test_signing_in_again_starts_a_cycle(sides: Sides, qtbot: QtBot) -> None:
    sides.scheduler.start()
    sides.time.until_asleep()
    sides.wire.new_asked()
    told: list[None] = []
    sides.conversation.sign_in_again(
        "right", code="CODE", then=told.append, refused=lambda problem: pytest.fail(problem.sentence)
    )
    qtbot.waitUntil(lambda: told == [None])
    assert sides.passwords == [("right", "CODE")]
    sides.time.until_asleep()
    assert sides.wire.new_asked() == ["pull"]


def test_a_refused_password_is_told_to_who_asked(sides: Sides, qtbot: QtBot) -> None:
    sides.refuse = Refused("sign_in_refused", "That is not right.")
    said: list[CmmsError] = []
    sides.conversation.sign_in_again(
        "wrong", code=None, then=lambda _: pytest.fail("it was refused"), refused=said.append
    )
    qtbot.waitUntil(lambda: bool(said))
    assert said == [sides.refuse]


@pytest.mark.expects_warnings
def test_something_unexpected_is_told_as_a_sentence(sides: Sides, qtbot: QtBot) -> None:
    sides.refuse = ZeroDivisionError()
    said: list[CmmsError] = []
    sides.conversation.sign_in_again("any", code=None, then=lambda _: None, refused=said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert isinstance(said[0], Bug)
    assert said[0].sentence == UNEXPECTED


def test_who_stopped_listening_hears_nothing(sides: Sides, qtbot: QtBot) -> None:
    sides.stop()
    sides.stop()
    sides.scheduler._board.change(waiting=3)
    qtbot.waitUntil(lambda: sides.conversation.status.waiting == 3)
    assert sides.heard == []


def test_closed_it_tells_nothing_more(sides: Sides, qtbot: QtBot) -> None:
    sides.scheduler._board.change(waiting=3)
    sides.conversation.close()
    qtbot.wait(50)
    sides.scheduler._board.change(waiting=4)
    qtbot.wait(50)
    assert sides.heard == []

"""The front door of the window: signing in, out and in again, as people do it, over a server that may be away."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.app.desk import Desk
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.application.preferences import FILE_NAME, PreferencesFile
from cmms_desktop.errors import Refused
from cmms_desktop.sync.status import Connection
from cmms_desktop.ui.bridge.network import NetworkWatch
from cmms_desktop.ui.theme import theme
from tests.support.replicas import TECHNICIAN
from tests.ui.app.front_doors import PASSWORD, PATIENCE_MS, Network, notice_of, page_of, sign_in


def test_the_first_sign_in_opens_the_day(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    assert opened.door.shown is not None
    assert opened.door.shown.session.signed_in.role == "technician"
    conversation = opened.window.frame.context.conversation  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: conversation.status.problem is not None)
    assert conversation.status.connection is Connection.OFFLINE
    qtbot.waitUntil(lambda: page_of(opened) is None)


def test_the_photos_hear_what_the_person_prefers_and_what_the_network_costs(
    opened: OpenWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NetworkWatch, "is_metered", property(lambda watch: True))
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    assert opened.door.shown is not None
    scheduler = opened.door.shown.scheduler
    qtbot.waitUntil(lambda: scheduler.status.are_photos_waiting_for_unmetered, timeout=PATIENCE_MS)
    opened.preferences.change(photos_on_metered="send")
    assert not scheduler.status.are_photos_waiting_for_unmetered
    opened.preferences.change(photos_on_metered="wait")
    assert scheduler.status.are_photos_waiting_for_unmetered


def test_a_wrong_password_opens_nothing_and_may_be_typed_again(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot, password="not this one")
    page = page_of(opened)
    assert page is not None
    button = page.primary()
    assert button is not None
    qtbot.waitUntil(lambda: not button.is_busy)  # type: ignore[attr-defined]
    assert opened.window.frame is None
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: opened.window.frame is not None)


def test_who_signed_out_is_offered_and_comes_back_without_network(
    opened: OpenWindow, qtbot: QtBot, network: Network
) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    first = opened.door.shown
    network.is_away = True
    opened.window.frame.sign_out_wanted.emit()  # type: ignore[union-attr]
    assert opened.window.frame is None
    qtbot.waitUntil(lambda: page_of(opened) is not None)
    assert first is not None
    assert first.is_closed
    assert [person.login for person in opened.door.enrolled()] == ["technician"]
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    assert opened.door.shown is not first


def test_closing_the_window_ends_the_work_and_lets_the_store_go(opened: OpenWindow, qtbot: QtBot, desk: Desk) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    person = opened.door.shown
    opened.window.close()
    opened.close()
    assert person is not None
    assert person.is_closed
    desk.open("technician", PASSWORD).close()


def test_closing_the_window_while_somebody_signs_in_lets_the_store_go_too(
    opened: OpenWindow, qtbot: QtBot, desk: Desk
) -> None:
    sign_in(opened, qtbot)
    opened.close()  # before anybody heard that he is in
    assert [thread.name for thread in threading.enumerate() if thread.name == "sync"] == []
    desk.open("technician", PASSWORD).close()


def test_one_person_works_in_one_window(opened: OpenWindow, qtbot: QtBot, desk: Desk) -> None:
    with desk.open("technician", PASSWORD):
        sign_in(opened, qtbot)
        page = page_of(opened)
        assert page is not None
        button = page.primary()
        qtbot.waitUntil(lambda: not button.is_busy)  # type: ignore[union-attr]
        assert opened.window.frame is None


def test_what_people_prefer_is_kept_for_the_next_start(opened: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitActive(opened.window):
        opened.window.activateWindow()
    qtbot.keyClick(opened.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: theme().name == "dark")
    opened.close()
    kept = PreferencesFile(tmp_path / FILE_NAME).load().preferences
    assert kept.theme == "dark"
    assert kept.window_geometry


def test_a_complaint_finds_the_person_who_works(opened: OpenWindow, qtbot: QtBot) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None)
    opened.complain(Refused("no", "Not like this."))
    frame = opened.window.frame
    assert frame is not None
    assert frame.complaint.isVisible()


def test_a_locked_device_asks_for_the_password_and_says_why(opened: OpenWindow, qtbot: QtBot, network: Network) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)
    person = opened.door.shown
    network.recall = "lock"
    opened.window.frame.context.conversation.sync_now()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)
    assert opened.window.frame is None
    assert person is not None
    assert person.is_closed
    assert "Your organization has locked this device." in notice_of(opened)
    network.is_away = True
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)


def test_a_wiped_device_says_so_and_nobody_is_left_to_unlock(
    opened: OpenWindow, qtbot: QtBot, network: Network, desk: Desk
) -> None:
    sign_in(opened, qtbot)
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)
    network.recall = "wipe_now"
    opened.window.frame.context.conversation.sync_now()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)
    assert opened.door.enrolled() == ()
    assert "Your organization has taken this device back" in notice_of(opened)
    qtbot.waitUntil(lambda: desk.wiping.begun() == (), timeout=PATIENCE_MS)
    assert [report["lost"] for report in network.wiped] == [0]
    assert not desk.settings.person_folder(TECHNICIAN).exists()

"""A device whose lease is over, in the window: locked with all work intact, and opened by the server's next answer."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cmms_desktop.app import front_door
from cmms_desktop.app.desk import Desk
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.credentials.keys import to_base64url
from cmms_desktop.ui.screens.sign_in.presenter import CONNECT, LOCKED, TWO_SECRETS
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from tests.support.replicas import uid
from tests.support.set_clock import IN_1970, IN_2090, SetClock
from tests.ui.app.front_doors import PASSWORD, PATIENCE_MS, Network, notice_of, page_of, sign_in

OTHER = "another horse battery"


def shown_page(opened: OpenWindow) -> SignInPage:
    page = page_of(opened)
    assert page is not None
    return page


def at_work(opened: OpenWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: opened.window.frame is not None, timeout=PATIENCE_MS)


def leave_for(opened: OpenWindow, qtbot: QtBot) -> None:
    """Sign out, as whoever goes home does."""
    opened.window.frame.sign_out_wanted.emit()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)


def work_a_day(opened: OpenWindow, qtbot: QtBot) -> None:
    """Sign in with the server there, and go home."""
    sign_in(opened, qtbot)
    at_work(opened, qtbot)
    leave_for(opened, qtbot)


def locked(opened: OpenWindow, qtbot: QtBot, *, password: str = PASSWORD) -> SignInPage:
    """Try to unlock a device that stays locked."""
    sign_in(opened, qtbot, login=None, password=password)
    page = shown_page(opened)
    qtbot.waitUntil(lambda: LOCKED in notice_of(opened), timeout=PATIENCE_MS)
    return page


def add_work(opened: OpenWindow) -> None:
    """Make one change that is not sent."""
    person = opened.door.shown
    assert person is not None
    with person.workplace.replica.write() as write:
        write.create("asset", {"name": "Pump", "code": "A-900", "asset_type_id": uid(1), "site_id": uid(2)})


@pytest.mark.parametrize("set_to", [IN_1970, IN_2090], ids=["1970", "2090"])
def test_without_its_server_a_device_locks_and_the_next_answer_opens_it_whatever_the_clock_says(
    opened: OpenWindow, qtbot: QtBot, network: Network, clock: SetClock, set_to: object
) -> None:
    work_a_day(opened, qtbot)
    network.is_away = True
    clock.pass_time(days=13)
    sign_in(opened, qtbot, login=None)
    at_work(opened, qtbot)
    clock.set_to(set_to)  # type: ignore[arg-type]
    clock.pass_time(days=1)
    opened.window.frame.context.conversation.sync_now()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page_of(opened) is not None, timeout=PATIENCE_MS)
    assert "14 days" in notice_of(opened)
    page = locked(opened, qtbot)
    assert CONNECT.format("14 days") in notice_of(opened)
    assert page._rescue.isVisible()
    network.is_away = False
    sign_in(opened, qtbot, login=None)
    at_work(opened, qtbot)
    assert network.signed_in == 2


def test_a_session_that_still_counts_opens_it_without_signing_in(
    opened: OpenWindow, qtbot: QtBot, network: Network, clock: SetClock
) -> None:
    work_a_day(opened, qtbot)
    clock.stand_off(days=15)
    network.renews = True
    sign_in(opened, qtbot, login=None)
    at_work(opened, qtbot)
    assert network.signed_in == 1


def test_a_wrong_password_never_tells_whether_the_device_is_locked(
    opened: OpenWindow, qtbot: QtBot, network: Network, clock: SetClock
) -> None:
    work_a_day(opened, qtbot)
    network.is_away = True
    clock.stand_off(days=15)
    sign_in(opened, qtbot, login=None, password="not this one")
    page = shown_page(opened)
    qtbot.waitUntil(lambda: bool(page._secret.error), timeout=PATIENCE_MS)
    assert not page._notice.isVisible()
    assert not page._rescue.isVisible()


def test_who_has_another_password_at_the_server_by_now_enters_both(
    opened: OpenWindow, qtbot: QtBot, network: Network, clock: SetClock
) -> None:
    work_a_day(opened, qtbot)
    clock.stand_off(days=15)
    network.password = OTHER
    page = locked(opened, qtbot)
    assert TWO_SECRETS.format("14 days") in notice_of(opened)
    sign_in(opened, qtbot, login=None)  # into the last field: still the wrong one
    qtbot.waitUntil(lambda: page._secret.error == "Enter your password or PIN.", timeout=PATIENCE_MS)
    fields = [field for field in page.findChildren(QLineEdit) if field.isVisible()]
    qtbot.keyClicks(fields[0], PASSWORD)
    fields[1].clear()
    sign_in(opened, qtbot, login=None, password=OTHER)
    at_work(opened, qtbot)
    leave_for(opened, qtbot)
    network.is_away = True
    sign_in(opened, qtbot, login=None, password=PASSWORD)
    at_work(opened, qtbot)


def test_a_locked_device_that_is_taken_back_says_so_and_obeys(
    opened: OpenWindow, qtbot: QtBot, network: Network, clock: SetClock, desk: Desk
) -> None:
    work_a_day(opened, qtbot)
    clock.stand_off(days=15)
    network.recall = "wipe_now"
    sign_in(opened, qtbot, login=None)
    qtbot.waitUntil(lambda: "taken this device back" in notice_of(opened), timeout=PATIENCE_MS)
    assert opened.door.enrolled() == ()


def test_what_is_not_sent_leaves_a_locked_device_as_a_file(
    opened: OpenWindow,
    qtbot: QtBot,
    network: Network,
    clock: SetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(front_door, "rescue_path", lambda login, on, **_: str(tmp_path / f"{login}.cmms-rescue"))
    network.recovery_key = to_base64url(X25519PrivateKey.generate().public_key().public_bytes_raw())
    sign_in(opened, qtbot)
    at_work(opened, qtbot)
    add_work(opened)
    leave_for(opened, qtbot)
    network.is_away = True
    clock.stand_off(days=15)
    page = locked(opened, qtbot)
    qtbot.mouseClick(page._rescue, Qt.MouseButton.LeftButton)
    assert page._secret.error == "Enter your password or PIN."
    for number in ("", "-2"):
        qtbot.keyClicks(page._secret.line, PASSWORD)
        qtbot.mouseClick(page._rescue, Qt.MouseButton.LeftButton)
        name = tmp_path / f"technician{number}.cmms-rescue"
        qtbot.waitUntil(lambda name=name: str(name) in notice_of(opened), timeout=PATIENCE_MS)
        assert name.stat().st_size > 0
    assert "1 change and 0 photos" in notice_of(opened)
    locked(opened, qtbot)

"""A label that is scanned while a field for a password has the cursor: never a try, never shown."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.widgets.secret_field import SCANNED
from tests.ui.at_window import a_window, frame_of, go
from tests.ui.screens.signing_work import do_work
from tests.ui.stage import PASSWORD, a_stage

LABEL = "MT-000452"


def test_signing_in_again_tries_no_label(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage, a_window(stage, qtbot) as at:
        stage.conversation.say(SyncStatus(connection=Connection.SIGN_IN, waiting=3))
        frame_of(at).open_sign_in()
        at.until("the password can be typed", lambda: at.has_cursor("Password of *"))
        at.scan(LABEL)
        at.until_sees(SCANNED)
        assert stage.conversation.asked == []
        assert not frame_of(at).toast_shown.isVisible()
        at.write(PASSWORD)
        at.key(Qt.Key.Key_Return)
        at.until("it was tried", lambda: stage.conversation.asked == ["sign in", "sync"])


def test_signing_an_order_tries_no_label(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path / "technician") as stage:
        order_id = stage.order_ids[0]
        do_work(stage, order_id)
        with a_window(stage, qtbot) as at:
            go(at, "sign", order_id=order_id, step="technician")
            at.fill("Your password or PIN", "")
            at.scan(LABEL)
            at.until_sees(SCANNED)
            at.rest()
            assert not at.sees("tries are left")

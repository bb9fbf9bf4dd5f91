"""A scanner types anywhere; a person's keys arrive unharmed, in order, and trigger what they always did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.widgets.secret_field import SCANNED, SecretField
from cmms_desktop.ui.widgets.wedge import WedgeFilter


class Clock:
    """Seconds that only pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Bench:
    """A window with a field, a button and the shortcut 1; keys enter at its window, as real ones do."""

    def __init__(self, qtbot: QtBot, app: QApplication) -> None:
        self.clock = Clock()
        self.window = QWidget()
        self.field, self.button = QLineEdit(), QPushButton("Open")
        column = QVBoxLayout(self.window)
        column.addWidget(self.field)
        column.addWidget(self.button)
        self.passes: list[str] = []
        shortcut = QShortcut(QKeySequence("1"), self.window)
        shortcut.activated.connect(self._pass)
        self.codes: list[str] = []
        self.filter = WedgeFilter(app, now_s=self.clock)
        self.filter.scanned.connect(self.codes.append)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.focusWindow() is self.window.windowHandle())
        self.button.setFocus()
        self.filter.start()
        self._qtbot = qtbot

    def _pass(self) -> None:
        self.passes.append("1")

    def scan(self, text: str, *, gap_s: float = 0.005, enter: bool = True) -> None:
        for letter in text:
            self.key(letter, gap_s=gap_s)
        if enter:
            self.key(Qt.Key.Key_Return, gap_s=gap_s)

    def key(self, key: str | Qt.Key, *, gap_s: float = 0.1) -> None:
        self.clock.now_s += gap_s
        QTest.keyClick(self.window.windowHandle(), key)

    def settle(self) -> None:
        """Until nothing is held back any more."""
        self._qtbot.waitUntil(lambda: not self.filter.is_holding)


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    made = Bench(qtbot, qapp)
    yield made
    made.filter.stop()
    made.filter.deleteLater()


def test_a_burst_with_enter_is_a_scan_and_triggers_nothing_else(bench: Bench) -> None:
    clicks: list[int] = []
    bench.button.clicked.connect(lambda: clicks.append(1))

    bench.scan("P-1171")

    assert bench.codes == ["P-1171"]
    assert bench.passes == []
    assert clicks == []


def test_a_burst_does_not_end_up_in_the_field_with_the_focus(bench: Bench) -> None:
    bench.field.setFocus()

    bench.scan("MT-000452")
    bench.settle()

    assert bench.codes == ["MT-000452"]
    assert bench.field.text() == ""


def test_a_field_that_asks_for_scans_gets_every_key(bench: Bench) -> None:
    bench.field.setProperty("takes_scan", True)
    bench.field.setFocus()

    bench.scan("MT-000452")

    assert bench.codes == []
    assert bench.field.text() == "MT-000452"


def test_a_scanned_code_is_normalised(bench: Bench) -> None:
    bench.scan("https://example.org/a/P-117")

    assert bench.codes == ["P-117"]


def test_a_person_types_into_a_field_in_order(bench: Bench) -> None:
    bench.field.setFocus()

    for letter in "gate closed":
        bench.key(letter, gap_s=0.09)
    bench.settle()

    assert bench.field.text() == "gate closed"


def test_two_keys_of_rolling_fingers_stay_two_keys(bench: Bench) -> None:
    bench.field.setFocus()

    bench.key("t")
    bench.key("h", gap_s=0.01)
    bench.key(Qt.Key.Key_Return, gap_s=0.01)
    bench.settle()

    assert bench.field.text() == "th"
    assert bench.codes == []


def test_a_single_letter_still_triggers_its_shortcut(bench: Bench) -> None:
    bench.key("1")
    bench.settle()

    assert bench.passes == ["1"]


def test_a_letter_in_a_field_is_no_shortcut(bench: Bench) -> None:
    bench.field.setFocus()

    bench.key("1")
    bench.settle()

    assert (bench.passes, bench.field.text()) == ([], "1")


def test_an_arrow_after_a_letter_comes_after_it(bench: Bench) -> None:
    bench.field.setFocus()

    bench.key("a")
    bench.key(Qt.Key.Key_Left, gap_s=0.01)
    bench.key("b")
    bench.settle()

    assert bench.field.text() == "ba"


def test_a_burst_without_enter_triggers_nothing_where_no_field_is(bench: Bench) -> None:
    bench.scan("1111", enter=False)
    bench.settle()

    assert (bench.codes, bench.passes) == ([], [])


def test_pasting_by_a_keyboard_on_the_screen_reaches_the_field(bench: Bench) -> None:
    bench.field.setFocus()

    bench.scan("hello", enter=False)
    bench.settle()

    assert bench.field.text() == "hello"


def test_a_slow_enter_still_belongs_to_a_burst(bench: Bench) -> None:
    bench.scan("P-117", enter=False)
    bench.key(Qt.Key.Key_Return, gap_s=0.08)

    assert bench.codes == ["P-117"]


def test_shortcuts_with_control_pass_at_once(bench: Bench) -> None:
    found: list[bool] = []
    shortcut = QShortcut(QKeySequence("Ctrl+K"), bench.window)
    shortcut.activated.connect(lambda: found.append(True))

    QTest.keyClick(bench.window.windowHandle(), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)

    assert found == [True]


def test_a_blank_presses_a_button_as_ever(bench: Bench) -> None:
    clicks: list[int] = []
    bench.button.clicked.connect(lambda: clicks.append(1))

    bench.key(Qt.Key.Key_Space)

    assert clicks == [1]


def test_a_letter_reaches_the_menu_that_is_open(bench: Bench) -> None:
    chosen: list[str] = []
    menu = QMenu(bench.window)
    menu.addAction("&Parts").triggered.connect(lambda: chosen.append("parts"))
    menu.popup(bench.window.mapToGlobal(bench.window.rect().center()))

    bench.key("p")
    bench.settle()

    assert chosen == ["parts"]


def a_secret_field(bench: Bench) -> tuple[SecretField, list[str]]:
    """A field with the cursor in it, and what was tried as a password."""
    secret = SecretField("Password")
    layout = bench.window.layout()
    assert layout is not None
    layout.addWidget(secret)
    secret.line.setFocus()
    tried: list[str] = []
    secret.submitted.connect(tried.append)
    return secret, tried


def test_a_label_scanned_into_a_password_field_is_no_try(bench: Bench) -> None:
    secret, tried = a_secret_field(bench)
    bench.scan("MT-000452")
    assert secret.error == SCANNED
    bench.settle()
    assert (tried, bench.codes) == ([], [])
    bench.scan("MT-000453", gap_s=0.02)
    bench.settle()
    assert (tried, bench.codes) == ([], []), "nor the second time"


def test_a_password_is_typed_in_place_of_the_label(bench: Bench) -> None:
    secret, tried = a_secret_field(bench)
    bench.key("o", gap_s=0.09)
    bench.scan("MT-000452")
    bench.settle()
    for letter in "open sesame":
        bench.key(letter, gap_s=0.09)
    assert secret.error == ""
    bench.key(Qt.Key.Key_Return)
    assert tried == ["open sesame"]


def test_a_password_typed_by_a_safe_is_no_code_and_tried_when_a_person_says_so(bench: Bench) -> None:
    _secret, tried = a_secret_field(bench)
    bench.scan("hunter42")
    assert tried == []
    bench.settle()
    bench.key(Qt.Key.Key_Return, gap_s=0.4)
    bench.settle()
    assert tried == ["hunter42"]
    assert bench.codes == []


def test_a_safe_that_does_not_press_enter_types_a_password(bench: Bench) -> None:
    secret, tried = a_secret_field(bench)
    bench.scan("hunter42", enter=False)
    assert bench.filter.is_holding, "an Enter right now would be the scanner's"
    bench.settle()
    assert secret.error == ""
    bench.key(Qt.Key.Key_Return, gap_s=0.4)
    assert tried == ["hunter42"]

"""Settings: a choice takes effect and is kept at once; a receiver is tried where it is entered."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.preferences import UNREADABLE, KeptPreferences, Preferences, PreferencesFile, fixed_by
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.settings.choice_row import BY_ORGANIZATION
from cmms_desktop.ui.screens.settings.view import SettingsPage
from cmms_desktop.ui.theme import theme
from sync_server.contract.rules.profile import Policies, Receiver
from tests.ui.stage import Stage


def open_page(qtbot: QtBot, stage: Stage, preferences: KeptPreferences | None = None) -> SettingsPage:
    kept = preferences or KeptPreferences()
    page = SettingsPage(replace(stage.context, preferences=kept), Place.of("settings"))
    qtbot.addWidget(page)
    page.resize(1192, 700)
    page.show()
    page.start()
    QApplication.processEvents()
    return page


def press(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[arg-type]


@pytest.mark.smoke
def test_theme_and_size_take_effect_at_once_and_are_found_again(qtbot: QtBot, stage: Stage, tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "preferences.json")
    page = open_page(qtbot, stage, KeptPreferences(file=file))
    press(qtbot, page.theme_row.chips.button("sunlight"))
    press(qtbot, page.size_row.chips.button("largest"))
    assert (theme().name, theme().font_setting) == ("sunlight", "largest")
    assert file.load().preferences == Preferences(theme="sunlight", font_setting="largest")


def test_whether_photos_wait_on_metered_networks_is_chosen_and_found_again(
    qtbot: QtBot, stage: Stage, tmp_path: Path
) -> None:
    file = PreferencesFile(tmp_path / "preferences.json")
    page = open_page(qtbot, stage, KeptPreferences(file=file))
    assert page.photos_row.chips.keys() == ("wait",)
    press(qtbot, page.photos_row.chips.button("send"))
    assert file.load().preferences.photos_on_metered == "send"


def test_what_the_organization_fixes_is_told_and_not_offered(qtbot: QtBot, stage: Stage) -> None:
    receiver = Receiver(source="network", host="10.0.0.7", port=4000)
    fixed = fixed_by(Policies(photos_on_metered="send", positioning=receiver))
    page = open_page(qtbot, stage, KeptPreferences(fixed=fixed))
    for row, word in ((page.photos_row, "Send"), (page.receiver.source, "Network")):
        assert not row.chips.isVisible()
        assert row.fixed.text() == f"{word}. {BY_ORGANIZATION}"
    assert page.receiver.fixed.text() == "10.0.0.7, port 4000"
    assert not page.receiver.host.isVisible()
    assert page.receiver.test.isVisible(), "it can still be tried"
    assert page.theme_row.chips.isVisible()


def test_a_second_press_on_a_choice_does_not_take_it_back(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    press(qtbot, page.theme_row.chips.button("light"))
    assert page.theme_row.chips.keys() == ("light",)
    assert theme().name == "light"


def test_a_change_made_elsewhere_is_shown_here(qtbot: QtBot, stage: Stage) -> None:
    kept = KeptPreferences()
    page = open_page(qtbot, stage, kept)
    kept.change(theme="dark")
    assert page.theme_row.chips.keys() == ("dark",)


def test_a_receiver_on_the_network_is_kept_as_it_is_typed(qtbot: QtBot, stage: Stage) -> None:
    kept = KeptPreferences()
    page = open_page(qtbot, stage, kept)
    press(qtbot, page.receiver.source.chips.button("network"))
    qtbot.keyClicks(page.receiver.host.line, "gps.local")
    page.receiver.port.line.clear()
    qtbot.keyClicks(page.receiver.port.line, "4000")
    assert (kept.get().positioning, kept.get().receiver_host, kept.get().receiver_port) == (
        "network",
        "gps.local",
        4000,
    )


@pytest.mark.parametrize("typed", ["0", "70000", "abc", "-1", "٣", "99999999999"])
def test_a_port_that_is_none_is_told_and_not_kept(qtbot: QtBot, stage: Stage, typed: str) -> None:
    kept = KeptPreferences(Preferences(positioning="network", receiver_host="gps.local"))
    page = open_page(qtbot, stage, kept)
    page.receiver.port.line.selectAll()
    qtbot.keyClicks(page.receiver.port.line, typed) if typed.isascii() else page._presenter.enter(
        "receiver_port", typed
    )
    assert page.receiver.port.error == "Enter a port between 1 and 65535."
    assert kept.get().receiver_port in range(1, 65_536)


def test_the_first_position_is_shown_with_its_accuracy_and_age(qtbot: QtBot, stage: Stage) -> None:
    stage.stand_at(stage.order_ids[0])
    page = open_page(qtbot, stage, KeptPreferences(Preferences(positioning="serial", serial_line="COM3")))
    press(qtbot, page.receiver.test)
    assert page.receiver.result.isVisible()
    assert page.receiver.result._title.text().endswith("accurate to 4 m")
    assert page.receiver.result._text.text() == "Recorded positions, 2 s old."


def test_no_position_says_why(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, KeptPreferences(Preferences(positioning="serial", serial_line="COM3")))
    press(qtbot, page.receiver.test)
    assert page.receiver.result._text.text() == stage.receiver.sentence
    press(qtbot, page.receiver.source.chips.button("network"))
    assert not page.receiver.result.isVisible(), "it was the answer about another receiver"


def test_a_test_without_a_line_asks_for_it(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, KeptPreferences(Preferences(positioning="serial")))
    press(qtbot, page.receiver.test)
    assert page.receiver.line.error.startswith("Enter the name of the line")


def test_the_speed_of_a_line_is_chosen(qtbot: QtBot, stage: Stage) -> None:
    kept = KeptPreferences(Preferences(positioning="serial"))
    page = open_page(qtbot, stage, kept)
    press(qtbot, page.receiver.speed.chips.button("9600"))
    assert kept.get().serial_speed_baud == 9600


def test_without_a_receiver_there_is_nothing_to_test(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    assert not page.receiver.test.isVisible()


def test_rubbish_in_the_file_is_told_until_something_is_changed(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage, KeptPreferences(problem=UNREADABLE))
    assert page.problem.isVisible()
    press(qtbot, page.theme_row.chips.button("dark"))
    assert not page.problem.isVisible()


def test_the_people_of_this_device_are_listed(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    assert page.people._people == (("technician", "Technician, signed in"), ("supervisor", "Supervisor"))


def test_everything_is_reachable_by_tab(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    first = page.theme_row.chips.button("light")
    first.setFocus()
    seen = set()
    for _ in range(12):
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
        seen.add(page.focusWidget())
    assert page.size_row.chips.button("largest") in seen
    assert page.receiver.source.chips.button("serial") in seen

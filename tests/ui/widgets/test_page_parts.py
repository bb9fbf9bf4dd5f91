"""Header, tabs and footer of a page; progress, photos and cards on it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeLabel
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.cards import KeyValueGrid
from cmms_desktop.ui.widgets.footer import FooterBar, StepTrail
from cmms_desktop.ui.widgets.page_header import PageHeader
from cmms_desktop.ui.widgets.photo_tile import AddPhotoTile, PhotoTile
from cmms_desktop.ui.widgets.progress import Lane, Progress
from cmms_desktop.ui.widgets.step_dots import StepDots
from cmms_desktop.ui.widgets.tabs import TabRow
from tests.ui.widgets.showing import colors_of, show

TABS = (("summary", "Summary", None), ("checklist", "Checklist", 20), ("parts", "Parts", 2))


def words(widget: object) -> list[str]:
    assert hasattr(widget, "findChildren")
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def test_the_primary_of_a_footer_is_the_default_and_told(qtbot: QtBot) -> None:
    footer = show(qtbot, FooterBar())
    footer.set_primary("Travel", "travel")
    footer.set_secondary("Show 3 missing")
    told: list[str] = []
    footer.primary_pressed.connect(lambda: told.append("primary"))
    footer.secondary_pressed.connect(lambda: told.append("secondary"))

    qtbot.mouseClick(footer.primary, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(footer.secondary, Qt.MouseButton.LeftButton)

    assert told == ["primary", "secondary"]
    assert footer.primary.isDefault()
    assert footer.primary.height() == theme().target("primary")


def test_a_footer_is_76_px_high_and_68_where_there_is_little_room(qtbot: QtBot) -> None:
    footer = show(qtbot, FooterBar())
    footer.set_primary("Travel", "travel")
    assert footer.sizeHint().height() == 76

    footer.set_compact(True)

    assert footer.sizeHint().height() == 68


def test_a_footer_grows_by_a_row_and_shrinks_again(qtbot: QtBot) -> None:
    footer = show(qtbot, FooterBar())
    footer.set_primary("Approve", "approve")
    before = footer.sizeHint().height()
    row = QLineEdit()

    footer.show_extra(row)
    assert footer.sizeHint().height() > before + row.sizeHint().height()
    footer.hide_extra()

    assert footer.sizeHint().height() == before
    row.deleteLater()


def test_a_footer_says_where_the_data_is_or_what_comes_next(qtbot: QtBot) -> None:
    footer = show(qtbot, FooterBar())
    footer.set_state_text("Saved on this device.", icon="backup")
    assert "Saved on this device." in words(footer)

    footer.set_left(StepTrail(("Travel", "Arrive", "Start", "Finish"), 1))
    assert words(footer) == ["Next step, 2 of 4", "Travel", "Arrive", "Start", "Finish"]

    footer.set_state_text("Locked.")
    assert words(footer) == ["Locked."]


def test_a_pressed_tab_is_told(qtbot: QtBot) -> None:
    tabs = show(qtbot, TabRow(TABS))
    told: list[str] = []
    tabs.chosen.connect(told.append)

    qtbot.mouseClick(tabs.button("parts"), Qt.MouseButton.LeftButton)
    tabs.set_current("checklist")

    assert (told, tabs.current) == (["parts"], "checklist")


def test_counts_are_read_with_their_tab(qtbot: QtBot) -> None:
    tabs = show(qtbot, TabRow(TABS))
    assert tabs.button("checklist").accessibleName() == "Checklist, 20"

    tabs.set_counts({"checklist": 0, "parts": 3})

    assert tabs.button("checklist").accessibleName() == "Checklist"
    assert tabs.button("parts").accessibleName() == "Parts, 3"


def test_a_compact_row_is_one_button_with_a_menu(qtbot: QtBot) -> None:
    tabs = show(qtbot, TabRow(TABS, current="checklist"))
    told: list[str] = []
    tabs.chosen.connect(told.append)
    tabs.set_compact(True)
    assert tabs.menu_button.text() == "Checklist"
    assert not tabs.button("parts").isVisible()

    menu = tabs.menu_button.menu()
    menu.actions()[2].trigger()

    assert told == ["parts"]
    assert tabs.menu_button.text() == "Parts"
    assert [action.text() for action in menu.actions()] == ["Summary", "Checklist  20", "Parts  2"]


def test_a_header_names_the_order_and_goes_back(qtbot: QtBot) -> None:
    header = show(qtbot, PageHeader(), width=1000)
    header.show_title("Pressure drops overnight", number="WO-24126", facts=("P-117", "", "Basement B1"))
    header.set_badges((BadgeSpec("danger", "priority-high", "High"),))

    assert words(header) == ["Pressure drops overnight", "WO-24126", "· P-117 · Basement B1", "High"]
    with qtbot.waitSignal(header.back_pressed):
        qtbot.mouseClick(header.back_button, Qt.MouseButton.LeftButton)


def test_a_compact_header_leaves_the_badges_out(qtbot: QtBot) -> None:
    header = show(qtbot, PageHeader(), width=800)
    header.show_title("Pressure drops overnight", number="WO-24126")
    header.set_badges((BadgeSpec("danger", "priority-high", "High"),))
    before = header.sizeHint().height()

    header.set_compact(True)

    assert header.sizeHint().height() < before
    assert not header.findChildren(BadgeLabel)[0].isVisible()


def test_an_unknown_length_has_words_and_no_bar(qtbot: QtBot) -> None:
    progress = show(qtbot, Progress("Preparing for offline"))

    progress.show_progress(None, "Looking for documents")
    assert not progress.bar.isVisible()
    progress.show_progress(0.58, "7 of 12 orders, 26 MB")

    assert progress.bar.isVisible()
    assert "7 of 12 orders, 26 MB" in words(progress)
    assert progress.bar.accessibleName() == "Preparing for offline"


def test_a_finished_lane_is_green_and_says_so(qtbot: QtBot) -> None:
    lane = show(qtbot, Lane("images", "Photos"), width=800)
    lane.show_lane(0.25, "2 of 8 sent", BadgeSpec("state-syncing", "sending", "Sending"))
    assert theme().color("success-fill").name() not in colors_of(lane.bar)

    lane.show_lane(1.0, "8 of 8 sent", BadgeSpec("state-synced", "accepted", "Up to date"))
    assert theme().color("success-fill").name() in colors_of(lane.bar)
    assert words(lane) == ["Photos", "8 of 8 sent", "Up to date"]

    lane.show_lane(None, "Nothing to send", None)
    assert words(lane) == ["Photos", "Nothing to send"]


def test_a_photo_is_shown_and_named_with_its_state(qtbot: QtBot) -> None:
    tile = show(qtbot, PhotoTile("Drip tray", state=("backup", "On this device")))
    image = QImage(160, 112, QImage.Format.Format_RGB32)
    image.fill(QColor(200, 10, 90))

    tile.set_thumb(image)

    assert QColor(200, 10, 90).name() in colors_of(tile)
    assert tile.accessibleName() == "Photo, Drip tray, On this device"
    assert min(tile.width(), tile.height()) >= 44
    with qtbot.waitSignal(tile.clicked):
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)


def test_the_place_for_a_photo_is_a_button(qtbot: QtBot) -> None:
    tile = show(qtbot, AddPhotoTile())

    with qtbot.waitSignal(tile.clicked):
        tile.setFocus()
        qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert tile.accessibleName() == "Take photo"


def test_values_change_without_building_anew(qtbot: QtBot) -> None:
    grid = show(qtbot, KeyValueGrid(2))
    grid.set_pairs((("Due", "Today 09:30"), ("Way there", "18 min")))
    kept = grid.findChildren(QLabel)

    grid.set_pairs((("Due", "Today 10:00"), ("Way there", "18 min")))

    assert grid.findChildren(QLabel) == kept
    assert "Today 10:00" in words(grid)


def test_fewer_columns_where_there_is_little_room(qtbot: QtBot) -> None:
    grid = show(qtbot, KeyValueGrid(3))
    grid.set_pairs((("a", "1"), ("b", "2"), ("c", "3")))
    before = grid.sizeHint().height()

    grid.set_columns(1)

    assert grid.sizeHint().height() > 2 * before
    assert words(grid) == ["a", "1", "b", "2", "c", "3"]


def test_a_banner_acts_and_can_say_something_else(qtbot: QtBot) -> None:
    banner = show(qtbot, Banner("danger", "Disk is full", "Free 20 MB.", action="Free space"))
    with qtbot.waitSignal(banner.acted):
        qtbot.mouseClick(banner.action_button, Qt.MouseButton.LeftButton)

    banner.show_message("success", "Photo saved")

    assert words(banner) == ["Photo saved"]
    assert theme().color("success-soft").name() in colors_of(banner)
    assert not banner.action_button.isVisible()


def test_steps_say_where_one_is(qtbot: QtBot) -> None:
    steps = show(qtbot, StepDots(("Technician", "Customer", "Locked, PDF")))
    wide = steps.sizeHint().width()

    steps.set_current(1)
    steps.set_compact(True)

    assert steps.accessibleName() == "Step 2 of 3: Customer"
    assert steps.sizeHint().width() < wide


def test_for_who_reads_from_right_to_left_the_first_step_is_at_the_right(qtbot: QtBot) -> None:
    steps = show(qtbot, StepDots(("Technician", "Customer", "Locked, PDF")))
    steps.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    image = steps.grab().toImage()

    right = {QColor(image.pixel(x, image.height() // 2)).name() for x in range(image.width() - 30, image.width())}

    assert theme().color("accent").name() in right

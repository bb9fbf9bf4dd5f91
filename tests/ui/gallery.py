"""Draws every component in every theme, to put beside the pictures of the look: `python -m tests.ui.gallery FOLDER`."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from cmms_desktop.ui.models.rows_model import RowsModel
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import install, theme
from cmms_desktop.ui.widgets.answers import AnswerButtons
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.banner import Banner
from cmms_desktop.ui.widgets.buttons import ActionButton, IconButton
from cmms_desktop.ui.widgets.cards import Card, Divider, KeyValueGrid, SectionTitle
from cmms_desktop.ui.widgets.confirm import ConfirmInPlace
from cmms_desktop.ui.widgets.empty_state import EmptyState
from cmms_desktop.ui.widgets.fields import LabelledField, LabelledText, NumberField, SecretField
from cmms_desktop.ui.widgets.focus_ring import FocusRing
from cmms_desktop.ui.widgets.footer import FooterBar
from cmms_desktop.ui.widgets.gauge import Gauge
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.key_cap import KeyCap
from cmms_desktop.ui.widgets.order_card import OrderCardDelegate
from cmms_desktop.ui.widgets.page_header import PageHeader
from cmms_desktop.ui.widgets.photo_tile import AddPhotoTile, PhotoTile
from cmms_desktop.ui.widgets.progress import Lane, Progress
from cmms_desktop.ui.widgets.review_row import ReviewRowDelegate
from cmms_desktop.ui.widgets.scrolling import list_view
from cmms_desktop.ui.widgets.segmented import Chips, Segmented
from cmms_desktop.ui.widgets.signature_pad import SignaturePad
from cmms_desktop.ui.widgets.step_dots import StepDots, StepTrail
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.tabs import TabRow
from cmms_desktop.ui.widgets.text import Text
from cmms_desktop.ui.widgets.timeline import TimelineDelegate
from cmms_desktop.ui.widgets.toast import Toast
from tests.ui.widgets.faces import ORDERS, REVIEWS, TIMELINE, Faced, signature

BADGES = (
    "neutral priority-low Low|neutral priority-medium Medium|danger priority-high High|danger-fill siren Critical",
    "neutral state-assigned Assigned|accent state-in-progress In progress|warning state-on-hold On hold|"
    "info state-completed Completed|success state-closed Closed|neutral state-cancelled Cancelled",
    "state-pending waiting 3 waiting|state-syncing sending Sending|state-synced accepted Accepted|"
    "state-failed refused Refused|state-conflict conflict 1 conflict|state-offline offline Offline",
)


def main(folder: Path) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    folder.mkdir(parents=True, exist_ok=True)
    install(app)
    for name in ("light", "dark", "sunlight"):
        for setting in ("normal", "largest"):
            theme().use(name=name, font_setting=setting)
            for part, make in (("components", components), ("lists", lists)):
                _save(app, make(), folder / f"{part}-{name}{'' if setting == 'normal' else '-' + setting}.png")


def _save(app: QApplication, page: QWidget, path: Path) -> None:
    page.setFixedWidth(1280 if theme().font_setting == "normal" else 1800)
    page.show()
    app.processEvents()
    page.adjustSize()
    for button in page.findChildren(ActionButton, "under the mouse"):
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    for button in page.findChildren(ActionButton, "with a ring"):
        FocusRing(page).show_on(button)
    app.processEvents()
    page.grab().save(str(path))
    page.close()
    page.deleteLater()
    app.processEvents()


def components() -> QWidget:
    page = QFrame()
    set_style(page, kind="page")
    grid = QGridLayout(page)
    grid.setContentsMargins(24, 20, 24, 24)
    grid.setHorizontalSpacing(32)
    grid.setVerticalSpacing(24)
    pairs = (
        (_badges(), _buttons()),
        (_answers(), _readings()),
        (_checklist_rows(), _fields()),
        (_banners(), _confirm_toast_progress()),
    )
    for row, pair in enumerate(pairs):
        for column, section in enumerate(pair):
            grid.addWidget(section, row, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
    return page


def lists() -> QWidget:
    page = QFrame()
    set_style(page, kind="page")
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    header = PageHeader()
    header.show_title(
        "Pressure drops overnight", number="WO-24126", facts=("P-117 Booster pump", "Alder Works, Basement B1")
    )
    header.set_badges(_specs("danger priority-high High|accent state-in-progress In progress"))
    header.add_trailing(StepDots(("Technician", "Customer", "Locked, PDF"), 1))
    column.addWidget(header)
    column.addWidget(
        TabRow((("summary", "Summary", None), ("checklist", "Checklist", 20), ("parts", "Parts", 2)), current="parts")
    )
    panes = QHBoxLayout()
    panes.setContentsMargins(16, 0, 16, 0)
    panes.addWidget(_list(ORDERS, OrderCardDelegate(page)), 3)
    compact = OrderCardDelegate(page)
    compact.set_compact(True)
    panes.addWidget(_list(ORDERS, compact), 4)
    panes.addWidget(_list(REVIEWS, ReviewRowDelegate(page)), 3)
    panes.addWidget(_list(TIMELINE, TimelineDelegate(page)), 2)
    column.addLayout(panes)
    column.addWidget(_more())
    footer = FooterBar()
    footer.set_left(StepTrail(("Travel", "Arrive", "Start", "Finish"), 0))
    footer.set_secondary("Return", "return", shortcut_hint="R")
    footer.set_primary("Travel", "travel", shortcut_hint="A")
    column.addWidget(footer)
    return page


def _list(rows: tuple[Faced, ...], delegate: OrderCardDelegate | ReviewRowDelegate | TimelineDelegate) -> QWidget:
    view = list_view("Rows")
    model = RowsModel[Faced](describe=Faced.sentence, face=Faced.look, parent=view)
    model.set_rows(rows)
    view.setModel(model)
    view.setItemDelegate(delegate)
    view.setCurrentIndex(model.index(0))
    view.setFixedHeight(560)
    return view


def _more() -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(16, 0, 16, 0)
    card = Card()
    facts = KeyValueGrid(3)
    facts.set_pairs((("Due", "Today 09:30"), ("Planned time", "1 h 30 min"), ("Way there", "18 min, 11 km")))
    card.body.addWidget(facts)
    card.body.addWidget(Divider())
    lane = Lane("images", "Photos")
    lane.show_lane(0.25, "2 of 8 sent, 17.6 MB left", BadgeSpec("state-syncing", "sending", "Sending"))
    done = Lane("download", "From the office")
    done.show_lane(1.0, "42 updates up to 10:07", BadgeSpec("state-synced", "accepted", "Up to date"))
    card.body.addWidget(lane)
    card.body.addWidget(done)
    row.addWidget(card, 2)
    pad = SignaturePad()
    pad.set_strokes(signature())
    row.addWidget(pad, 1)
    return box


def _section(title: str, *parts: QWidget | QLayout) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(SectionTitle(title, tone="muted"))
    for part in parts:
        if isinstance(part, QLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    return box


def _row(*parts: QWidget, gap: int = 12, stretch: bool = True) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(gap)
    for part in parts:
        row.addWidget(part, 0, Qt.AlignmentFlag(0) if stretch else Qt.AlignmentFlag.AlignTop)
    if stretch:
        row.addStretch(1)
    return row


def _specs(text: str) -> tuple[BadgeSpec, ...]:
    return tuple(BadgeSpec(*spec.split(" ", 2)) for spec in text.split("|"))


def _badges() -> QWidget:
    return _section(
        "Badges: priority, order state, sync state (word, icon, colour)", *map(BadgeRow, map(_specs, BADGES))
    )


def _buttons() -> QWidget:
    five = [ActionButton("Finish", role="primary", small=True) for _ in range(5)]
    five[2].setDown(True)
    five[4].setEnabled(False)
    ring = ActionButton("Return")
    others = (
        ActionButton("Return", icon="return"),
        ring,
        ActionButton("Open", role="quiet"),
        ActionButton("Delete", icon="trash-2", role="danger"),
        ActionButton("Revoke TAB-19", role="danger-fill"),
    )
    five[1].setObjectName("under the mouse")
    five[3].setObjectName("with a ring")
    ring.setObjectName("with a ring")
    return _section("Buttons: rest, hover, pressed, focus, not possible", _row(*five), _row(*others))


def _answers() -> QWidget:
    made = []
    for answer in ("", "pass", "flag", "fail"):
        buttons = AnswerButtons()
        buttons.set_answer(answer)
        made.append(buttons)
    return _section("Pass, Flag, Fail: open and answered", _row(*made[:2]), _row(*made[2:]))


def _readings() -> QWidget:
    rows = []
    for now, error in (("5.6", False), ("6.8", True)):
        gauge = Gauge()
        gauge.show_reading("4.0", "6.0", "5.2", now)
        number = NumberField("bar", step=Decimal("0.1"), name="Discharge pressure")
        number.set_text(now)
        number.set_error(error)
        rows.append(_row(gauge, number))
    return _section("Reading: inside and outside its limits", *rows)


def _item(number: str, title: str, detail: str, *parts: QWidget) -> Card:
    card = Card()
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(Text(title, role="item"))
    if detail:
        words.addWidget(Text(detail, role="caption", tone="muted"))
    line = QHBoxLayout()
    line.setSpacing(12)
    line.addWidget(Text(number, role="item", tone="muted", weight="regular", tabular=True))
    line.addLayout(words, 1)
    for part in parts:
        line.addWidget(part)
    card.body.addLayout(line)
    return card


def _checklist_rows() -> QWidget:
    choice = _item("1.2", "Work area", "")
    chips = Chips((("dry", "Dry"), ("damp", "Damp"), ("flooded", "Flooded"), ("none", "Not reached")))
    chips.set_keys(("damp",))
    choice.body.addWidget(chips)
    serial = LabelledField("", icon_action=("scan", "Scan"), name="Serial on the motor plate")
    serial.set_text("MT-000452")
    photo = PhotoTile("Casing", state=("hard-drive", "On device"))
    image = QImage(160, 112, QImage.Format.Format_RGB32)
    image.fill(QColor("#5B6B74"))
    photo.set_thumb(image)
    return _section(
        "Checklist rows: choice, text, photo, conditional",
        choice,
        _item("4.4", "Serial on the motor plate", "", serial),
        _item("5.1", "Photo of the closed casing", "Mandatory", ActionButton("Take photo", icon="camera")),
        _item("2.4", "Shaft seal", "", photo, AddPhotoTile()),
    )


def _fields() -> QWidget:
    count, reason = LabelledField("Meter count"), LabelledField("Reason")
    count.set_text("18 240 h")
    reason.set_text("Gate closed")
    quantity = LabelledField("Quantity")
    quantity.set_text("−2")
    quantity.set_error("Enter 1 or more pieces.")
    template = LabelledField("Template", locked_by="Set by the office.")
    template.set_text("Booster pump v7")
    pin = SecretField("Your PIN")
    pin.line.setText("123456")
    note = LabelledText("Note", placeholder="What did you find?")
    segmented = Segmented(
        (("pending", "Pending 7"), ("returned", "Returned 2"), ("approved", "Approved 31")), has_check=False
    )
    day, week = QRadioButton("Day"), QRadioButton("Week")
    day.setChecked(True)
    chips = Chips((("a", "Chosen"), ("b", "Not chosen")))
    chips.set_keys(("a",))
    return _section(
        "Fields: rest, focus, error, not editable",
        _row(count, reason, stretch=False),
        _row(quantity, template, stretch=False),
        _row(pin, stretch=False),
        note,
        _row(segmented, day, week),
        _row(KeyCap("Ctrl K"), KeyCap("F2"), IconButton("search", "Search"), IconLabel("gauge"), chips),
    )


def _banners() -> QWidget:
    return _section(
        "Banners",
        Banner("warning", "Lock out the supply at LP-2", "Before opening the casing."),
        Banner("waiting", "3 changes wait for coverage", "Saved on this device. Nothing to do."),
        Banner(
            "conflict",
            "You and the office changed the priority",
            "Work goes on. The office value is shown.",
            action="Compare",
        ),
        Banner(
            "danger",
            "Disk is full, the photo was not saved",
            "Free 20 MB, then take it again.",
            action="Free space",
        ),
        Banner("info", "Returned by the supervisor", "“Show the pressure after the new setting.”"),
        Banner("success", "Ready for offline: 12/12 orders, 41 MB", "Prepared 06:58 for today and this week"),
    )


def _confirm_toast_progress() -> QWidget:
    confirm = ConfirmInPlace(ActionButton("Delete photo"), "Delete this photo?", "Keep it", "Delete photo")
    confirm.setCurrentIndex(1)
    place = QWidget()
    place.setFixedSize(QSize(600, 56))
    toast = Toast(place)
    toast.show_text("18 items set OK", undo=bool)
    toast.move(QPoint(0, 0))
    progress = Card()
    bar = Progress("Preparing for offline")
    bar.show_progress(0.58, "7 of 12 orders, 26 MB")
    progress.body.addWidget(bar)
    empty = Card()
    empty.body.addWidget(
        EmptyState(
            "accepted", "Nothing left to review", "As of 10:31. New work appears here by itself.", color="success"
        )
    )
    return _section("Confirm in place, toast, progress, empty", confirm, place, progress, empty)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

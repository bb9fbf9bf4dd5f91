"""Ink by mouse, finger and pen becomes strokes that the contract accepts."""

from __future__ import annotations

from math import sin

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.ink import UNITS_PER_PX, smooth_path
from cmms_desktop.ui.widgets.signature_pad import SignaturePad
from sync_server.contract.problems import Problem
from sync_server.contract.rules.ink import MOST_POINTS, ink_text
from tests.ui.widgets.showing import colors_of, show


class Clock:
    """Seconds that go on by 8 ms each time they are read."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        self.now_s += 0.008
        return self.now_s


WAVE = [QPoint(60 + 6 * step, 100 + round(40 * sin(step / 3))) for step in range(30)]


def pad(qtbot: QtBot) -> SignaturePad:
    return show(qtbot, SignaturePad(now_s=Clock()))


def draw(qtbot: QtBot, on: SignaturePad, points: list[QPoint]) -> None:
    qtbot.mousePress(on, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(on, point)
    qtbot.mouseRelease(on, Qt.MouseButton.LeftButton, pos=points[-1])


def pen(on: SignaturePad, kind: QEvent.Type, at: QPoint, pressure: float, *, eraser: bool = False) -> None:
    device = QPointingDevice.primaryPointingDevice()
    if eraser:
        device = ERASER
    place = QPointF(at)
    event = QTabletEvent(
        kind,
        device,
        place,
        QPointF(on.mapToGlobal(at)),
        pressure,
        0,
        0,
        0,
        0,
        0,
        Qt.KeyboardModifier.NoModifier,
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
    )
    QApplication.sendEvent(on, event)


ERASER = QPointingDevice(
    "eraser",
    77,
    QPointingDevice.DeviceType.Stylus,
    QPointingDevice.PointerType.Eraser,
    QPointingDevice.Capability.Position,
    1,
    3,
)


def test_a_mouse_stroke_is_kept_in_units_and_milliseconds(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    with qtbot.waitSignal(drawn.changed):
        draw(qtbot, drawn, WAVE)

    (stroke,) = drawn.strokes()
    assert stroke[0] == (WAVE[0].x() * UNITS_PER_PX, WAVE[0].y() * UNITS_PER_PX, 8)
    assert [ms for _, _, ms in stroke] == sorted(ms for _, _, ms in stroke)
    assert len(stroke) == len(WAVE)
    assert not drawn.is_empty


def test_the_contract_accepts_the_drawing(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    draw(qtbot, drawn, WAVE)
    draw(qtbot, drawn, [QPoint(300, 60), QPoint(330, 120)])

    assert not isinstance(ink_text(drawn.strokes()), Problem)


def test_a_tap_is_no_signature(qtbot: QtBot) -> None:
    drawn = pad(qtbot)

    qtbot.mouseClick(drawn, Qt.MouseButton.LeftButton, pos=QPoint(80, 80))

    assert drawn.is_empty


def test_a_finger_draws_and_a_second_finger_does_not(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    screen = QTest.createTouchDevice()

    QTest.touchEvent(drawn, screen).press(0, WAVE[0], drawn).commit()
    QTest.touchEvent(drawn, screen).move(0, WAVE[1], drawn).press(1, QPoint(200, 20), drawn).commit()
    QTest.touchEvent(drawn, screen).move(0, WAVE[2], drawn).move(1, QPoint(210, 30), drawn).commit()
    QTest.touchEvent(drawn, screen).release(0, WAVE[2], drawn).release(1, QPoint(210, 30), drawn).commit()

    (stroke,) = drawn.strokes()
    assert [(x, y) for x, y, _ in stroke] == [(p.x() * UNITS_PER_PX, p.y() * UNITS_PER_PX) for p in WAVE[:3]]


def test_a_pen_draws_and_its_eraser_takes_the_last_stroke(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    for _ in range(2):
        pen(drawn, QEvent.Type.TabletPress, WAVE[0], 0.3)
        for point in WAVE[1:]:
            pen(drawn, QEvent.Type.TabletMove, point, 0.7)
        pen(drawn, QEvent.Type.TabletRelease, WAVE[-1], 0.0)
    assert len(drawn.strokes()) == 2
    assert theme().color("ink").name() in colors_of(drawn)

    pen(drawn, QEvent.Type.TabletPress, WAVE[0], 0.3, eraser=True)

    assert len(drawn.strokes()) == 1


def test_undo_and_clear(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    draw(qtbot, drawn, WAVE)
    draw(qtbot, drawn, WAVE[:5])

    drawn.undo_stroke()
    assert len(drawn.strokes()) == 1
    drawn.clear()
    assert drawn.strokes() == ()
    assert drawn.is_empty
    drawn.undo_stroke()


def test_a_kept_drawing_goes_on_after_its_last_moment(qtbot: QtBot) -> None:
    first, again = pad(qtbot), pad(qtbot)
    draw(qtbot, first, WAVE)

    again.set_strokes(first.strokes())
    assert again.strokes() == first.strokes()
    draw(qtbot, again, WAVE[:4])

    assert again.strokes()[1][0][2] > first.strokes()[0][-1][2]


def test_ink_outside_the_frame_stays_within_the_bounds_of_the_contract(qtbot: QtBot) -> None:
    drawn = pad(qtbot)

    draw(qtbot, drawn, [QPoint(-50, -50), QPoint(200, 90), QPoint(5000, 4000)])

    assert not isinstance(ink_text(drawn.strokes()), Problem)


def test_an_endless_scribble_stops_at_what_can_be_stored(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    drawn.set_strokes([[(n % 400, n % 300, n) for n in range(MOST_POINTS - 3)]])

    draw(qtbot, drawn, WAVE)

    assert sum(len(stroke) for stroke in drawn.strokes()) == MOST_POINTS
    assert not isinstance(ink_text(drawn.strokes()), Problem)


@pytest.mark.parametrize("name", ["light", "dark", "sunlight"])
def test_paper_and_ink_are_paper_and_ink_in_every_theme(qtbot: QtBot, name: str) -> None:
    theme().use(name=name)
    drawn = pad(qtbot)
    draw(qtbot, drawn, WAVE)

    colors = colors_of(drawn)

    assert theme().color("paper").name() in colors
    assert theme().color("ink").name() in colors


def test_a_drawing_from_a_larger_pad_is_shown_whole(qtbot: QtBot) -> None:
    drawn = pad(qtbot)
    drawn.set_strokes([[(100, 100, 0), (6000, 2400, 900)]])
    image = drawn.grab().toImage()
    corner = image.copy(image.width() // 2, image.height() // 2, image.width() // 2 - 8, image.height() // 2 - 8)

    ink = QColor(theme().color("ink"))
    found = any(QColor(corner.pixel(x, y)) == ink for x in range(corner.width()) for y in range(corner.height()))
    assert found


def test_a_curve_goes_through_its_ends() -> None:
    places = [QPointF(0, 0), QPointF(10, 10), QPointF(20, 0)]

    path = smooth_path(places)

    assert path.pointAtPercent(0) == places[0]
    assert path.currentPosition() == places[-1]
    assert smooth_path([]).isEmpty()

"""The gauge: where values stand, and which labels there is room for."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.gauge import Gauge, axis_of
from tests.ui.widgets.showing import colors_of, show


def gauge(qtbot: QtBot, now: str | None = "5.6", last: str | None = "5.2", high: str | None = "6.0") -> Gauge:
    made = show(qtbot, Gauge())
    made.show_reading("4.0", high, last, now)
    return made


def test_the_zone_between_two_limits_is_the_middle_third() -> None:
    axis = axis_of(4.0, 6.0)

    assert axis.at(4.0) == pytest.approx(1 / 3)
    assert axis.at(6.0) == pytest.approx(2 / 3)
    assert (axis.at(-100), axis.at(100)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("low", "high"), [(None, 4.5), (4.5, None), (0.0, 0.0), (None, -3.0), (None, None), (-2.0, None), (None, 0.0)]
)
def test_every_kind_of_limits_gives_a_range(low: float | None, high: float | None) -> None:
    axis = axis_of(low, high, (1.0,))

    assert axis.start < axis.end
    assert 0.0 <= axis.at(1.0) <= 1.0


@pytest.mark.parametrize(("now", "color"), [("5.6", "accent"), ("6.8", "danger-fill"), ("3.9", "danger-fill")])
def test_a_value_outside_is_red(qtbot: QtBot, now: str, color: str) -> None:
    shown = gauge(qtbot, now)

    assert theme().color(color).name() in colors_of(shown)
    assert shown.is_outside == (color == "danger-fill")


def test_the_last_value_is_named_only_where_there_is_room(qtbot: QtBot) -> None:
    near, far = gauge(qtbot, "5.6"), gauge(qtbot, "6.8")

    assert not near.names_last
    assert far.names_last


def test_larger_text_needs_more_room(qtbot: QtBot) -> None:
    theme().use(font_setting="largest")
    shown = gauge(qtbot, "6.1")
    shown.setFixedWidth(300)

    assert not shown.names_last


def test_it_is_read_in_words(qtbot: QtBot) -> None:
    shown = gauge(qtbot, "6.8")

    assert shown.accessibleName() == "Gauge: lowest 4.0, highest 6.0, last 5.2, now 6.8 outside the limits"


@pytest.mark.parametrize("now", [None, "", "abc"])
def test_without_a_number_there_is_no_diamond(qtbot: QtBot, now: str | None) -> None:
    shown = gauge(qtbot, now)

    assert theme().color("accent").name() not in colors_of(shown)
    assert not shown.is_outside

"""The place of an order, and how a position would be judged there: the same verdict that recording it gives."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.application.positions import Position
from cmms_desktop.application.queries.arrival import ArrivalPlace, arrival_preview
from sync_server.contract.rules.geofence import Fence, judge

FENCE = Fence(latitude=45.0, longitude=9.0, radius_m=150.0)
PLACE = ArrivalPlace(
    order_id="o", number="WO-1", title="Pump", asset=None, site="North", address=None, fence=FENCE, offset_ms=None
)
HERE = Position(latitude=45.0, longitude=9.0, accuracy_m=4.0, age_s=2.0, source="nmea-file")


def east(metres: float) -> Position:
    return replace(HERE, longitude=9.0 + metres / 78_846)


def test_inside_has_a_distance_and_nothing_beyond_the_edge():
    preview = arrival_preview(PLACE, east(40))
    assert (preview.fence, preview.outside_m) == ("inside", None)
    assert preview.distance_m == pytest.approx(40, abs=1)


def test_outside_is_counted_from_the_edge_of_the_fence():
    preview = arrival_preview(PLACE, east(490))
    assert preview.fence == "outside"
    assert preview.outside_m == pytest.approx(340, abs=2)
    assert (preview.east_m, preview.north_m) == (pytest.approx(490, abs=2), pytest.approx(0, abs=1))


def test_an_old_position_is_not_certain_and_says_so():
    preview = arrival_preview(PLACE, replace(HERE, age_s=61.0))
    assert (preview.fence, preview.is_old) == ("unknown", True)


def test_without_a_fence_nothing_is_certain_and_nothing_is_far():
    preview = arrival_preview(replace(PLACE, fence=None), HERE)
    assert (preview.fence, preview.distance_m, preview.outside_m) == ("unknown", None, None)


def test_a_position_off_the_planet_is_not_certain_and_breaks_nothing():
    preview = arrival_preview(PLACE, replace(HERE, latitude=123.0))
    assert (preview.fence, preview.distance_m) == ("unknown", None)


def test_across_the_date_line_the_short_way_is_drawn():
    fence = Fence(latitude=0.0, longitude=179.999, radius_m=100.0)
    preview = arrival_preview(replace(PLACE, fence=fence), replace(HERE, latitude=0.0, longitude=-179.999))
    assert preview.east_m == pytest.approx(222, abs=2)


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(0, 500), st.floats(0, 120))
def test_the_preview_is_the_verdict_and_its_drawing_is_as_far(latitude, longitude, accuracy_m, age_s):
    position = replace(HERE, latitude=latitude, longitude=longitude, accuracy_m=accuracy_m, age_s=age_s)
    verdict = judge(FENCE, latitude=latitude, longitude=longitude, accuracy_m=accuracy_m, age_s=age_s)
    preview = arrival_preview(PLACE, position)
    assert (preview.fence, preview.distance_m) == (verdict.fence, verdict.distance_m)
    drawn = math.hypot(preview.east_m, preview.north_m)
    assert drawn == pytest.approx(verdict.distance_m, rel=1e-6, abs=1e-6) or verdict.distance_m > 1.9e7

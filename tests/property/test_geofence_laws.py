"""Laws of the sphere and of the fence that no example shows."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sync_server.contract.rules.geofence import EARTH_RADIUS_M, Fence, FenceWatch, haversine_m, judge

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
POSITIONS = st.tuples(LATITUDES, LONGITUDES)
METRES = st.floats(0, 1_000_000)
RADII = st.floats(1, 100_000)
SLACK_M = 0.5
"""Near the antipode the arcsine loses half of the digits: ~ R × sqrt(machine epsilon)."""


@given(POSITIONS, POSITIONS)
def test_distance_is_symmetric_and_at_most_half_the_circumference(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    there, back = haversine_m(*one, *other), haversine_m(*other, *one)
    assert there == back
    assert 0 <= there <= math.pi * EARTH_RADIUS_M + SLACK_M


@given(POSITIONS)
def test_a_position_is_at_no_distance_from_itself(one: tuple[float, float]) -> None:
    assert haversine_m(*one, *one) == 0


def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


@given(POSITIONS, POSITIONS)
def test_distance_is_the_angle_between_two_vectors(one: tuple[float, float], other: tuple[float, float]) -> None:
    u, v = unit_vector(*one), unit_vector(*other)
    cross = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    angle = math.atan2(math.hypot(*cross), sum(a * b for a, b in zip(u, v, strict=True)))
    assert math.isclose(haversine_m(*one, *other), angle * EARTH_RADIUS_M, rel_tol=1e-9, abs_tol=SLACK_M)


@given(POSITIONS, POSITIONS, POSITIONS)
def test_a_detour_is_never_shorter(
    one: tuple[float, float], via: tuple[float, float], other: tuple[float, float]
) -> None:
    assert haversine_m(*one, *other) <= haversine_m(*one, *via) + haversine_m(*via, *other) + SLACK_M


@given(LATITUDES, LATITUDES, LONGITUDES)
def test_along_a_meridian_distance_is_proportional_to_the_angle(south: float, north: float, longitude: float) -> None:
    expected_m = math.radians(abs(north - south)) * EARTH_RADIUS_M
    assert math.isclose(haversine_m(south, longitude, north, longitude), expected_m, rel_tol=1e-6, abs_tol=SLACK_M)


@given(POSITIONS, POSITIONS, RADII, METRES, METRES)
def test_a_larger_fence_never_loses_who_was_inside(
    centre: tuple[float, float], place: tuple[float, float], radius_m: float, more_m: float, accuracy_m: float
) -> None:
    small = Fence(latitude=centre[0], longitude=centre[1], radius_m=radius_m)
    large = Fence(latitude=centre[0], longitude=centre[1], radius_m=radius_m + more_m)
    order = ["outside", "unknown", "inside"]
    words = [
        judge(fence, latitude=place[0], longitude=place[1], accuracy_m=accuracy_m, age_s=0).fence
        for fence in (small, large)
    ]
    assert order.index(words[0]) <= order.index(words[1])


@given(st.floats(-0.01, 0.01), RADII, METRES, METRES)
def test_a_worse_accuracy_never_turns_into_knowledge(
    degrees: float, radius_m: float, accuracy_m: float, worse_by_m: float
) -> None:
    fence = Fence(latitude=50, longitude=8, radius_m=radius_m)
    good = judge(fence, latitude=50 + degrees, longitude=8, accuracy_m=accuracy_m, age_s=0)
    bad = judge(fence, latitude=50 + degrees, longitude=8, accuracy_m=accuracy_m + worse_by_m, age_s=0)
    assert bad.fence in (good.fence, "unknown")


STEPS = st.lists(
    st.tuples(st.floats(0.1, 90), st.floats(-200, 200), st.one_of(st.none(), st.floats(0, 60))), max_size=60
)


@given(STEPS)
def test_offers_alternate_and_keep_sixty_seconds_between_them(steps: list[tuple[float, float, float | None]]) -> None:
    watch, instant_s, made = FenceWatch(Fence(latitude=50, longitude=8, radius_m=50)), 0.0, []
    for pause_s, metres, accuracy_m in steps:
        instant_s += pause_s
        latitude = 50 + math.degrees(metres / EARTH_RADIUS_M)
        watch, offer = watch.feed(instant_s, latitude=latitude, longitude=8, accuracy_m=accuracy_m)
        if offer is not None:
            made.append((instant_s, offer))
    assert [offer for _, offer in made] == ["arrive", "leave"] * (len(made) // 2) + ["arrive"] * (len(made) % 2)
    instants = [0.0, *(at for at, _ in made)]
    assert all(later - earlier >= 60 for earlier, later in pairwise(instants))


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200), st.floats(0, 20))
def test_who_wanders_well_inside_is_never_offered_to_leave(metres: list[float], accuracy_m: float) -> None:
    watch = FenceWatch(Fence(latitude=50, longitude=8, radius_m=50))
    made = []
    for second, distance_m in enumerate(metres):
        latitude = 50 + math.degrees(distance_m / EARTH_RADIUS_M)
        watch, offer = watch.feed(float(second), latitude=latitude, longitude=8, accuracy_m=accuracy_m - 0.001)
        made += [offer] if offer else []
    assert made in ([], ["arrive"])

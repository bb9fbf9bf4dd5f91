import math

import pytest

from sync_server.contract.rules.geofence import EARTH_RADIUS_M, Fence, FenceWatch, Offer, haversine_m, judge

SITE = (52.372, 4.9096)
FENCE = Fence(latitude=SITE[0], longitude=SITE[1], radius_m=50.0)


def north_of_site(metres: float) -> float:
    return SITE[0] + math.degrees(metres / EARTH_RADIUS_M)


def verdict(metres: float, accuracy_m: float | None = 5.0, age_s: float | None = 0.0) -> str:
    at = north_of_site(metres)
    return judge(FENCE, latitude=at, longitude=SITE[1], accuracy_m=accuracy_m, age_s=age_s).fence


@pytest.mark.parametrize(
    ("ends", "metres"),
    [
        ((0.0, 0.0, 0.0, 0.0), 0.0),
        ((0.0, 0.0, 1.0, 0.0), 111_195.08),
        ((0.0, 0.0, 0.0, 1.0), 111_195.08),
        ((60.0, 10.0, 60.0, 11.0), 55_597.01),
        ((0.0, 0.0, 90.0, 0.0), 10_007_557.18),
        ((90.0, 0.0, -90.0, 0.0), 20_015_114.35),
        ((0.0, 179.9995, 0.0, -179.9995), 111.20),
    ],
)
def test_distances_agree_with_the_sphere(ends: tuple[float, float, float, float], metres: float) -> None:
    assert haversine_m(*ends) == pytest.approx(metres, rel=1e-6, abs=0.01)


def test_the_radius_is_the_mean_radius_of_the_ellipsoid() -> None:
    assert haversine_m(0, 0, 90, 0) == pytest.approx(math.pi / 2 * 6_371_008.8, abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 180.0001, 1e300])
def test_coordinates_that_are_not_on_the_planet_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="latitude"):
        haversine_m(bad, 0, 0, 0)
    with pytest.raises(ValueError, match="longitude"):
        haversine_m(0, 0, 0, bad)
    with pytest.raises(ValueError, match="latitude"):
        judge(FENCE, latitude=bad, longitude=0, accuracy_m=5, age_s=0)
    with pytest.raises(ValueError, match="longitude"):
        Fence(latitude=0, longitude=bad, radius_m=50)


def test_a_latitude_just_above_the_pole_is_refused() -> None:
    with pytest.raises(ValueError, match="latitude"):
        haversine_m(90.0000001, 0, 0, 0)


@pytest.mark.parametrize("radius_m", [0.0, -1.0, math.nan, math.inf])
def test_a_fence_needs_a_finite_radius(radius_m: float) -> None:
    with pytest.raises(ValueError, match="radius"):
        Fence(latitude=0, longitude=0, radius_m=radius_m)


def test_inside_and_outside_need_the_whole_circle_of_accuracy() -> None:
    words = {metres: verdict(metres) for metres in (0, 44.9, 45.1, 50, 54.9, 55.1, 5000)}
    assert words == {
        0: "inside",
        44.9: "inside",
        45.1: "unknown",
        50: "unknown",
        54.9: "unknown",
        55.1: "outside",
        5000: "outside",
    }


def test_at_the_border_with_a_perfect_fix_it_is_inside() -> None:
    distance_m = haversine_m(*SITE, north_of_site(50), SITE[1])
    fence = Fence(latitude=SITE[0], longitude=SITE[1], radius_m=distance_m)
    found = judge(fence, latitude=north_of_site(50), longitude=SITE[1], accuracy_m=0, age_s=0)
    assert (found.fence, found.distance_m) == ("inside", distance_m)


@pytest.mark.parametrize("accuracy_m", [None, math.nan, -1.0, math.inf, 51.0])
@pytest.mark.parametrize("metres", [0.0, 90.0])
def test_a_fix_without_a_useful_accuracy_is_unknown(accuracy_m: float | None, metres: float) -> None:
    assert verdict(metres, accuracy_m) == "unknown"


@pytest.mark.parametrize(
    ("age_s", "word"),
    [(60.0, "inside"), (60.01, "unknown"), (-60.01, "unknown"), (None, "unknown"), (math.nan, "unknown")],
)
def test_a_fix_more_than_sixty_seconds_away_is_unknown(age_s: float | None, word: str) -> None:
    assert verdict(0, age_s=age_s) == word


def test_an_unknown_verdict_still_says_the_distance() -> None:
    found = judge(FENCE, latitude=north_of_site(30), longitude=SITE[1], accuracy_m=None, age_s=None)
    assert found.fence == "unknown"
    assert found.distance_m == pytest.approx(30, abs=0.01)


def offers(track: list[tuple[float, float, float | None]], *, is_present: bool = False) -> list[tuple[float, Offer]]:
    """Feed (instant, metres north of the site, accuracy) and give what was offered when."""
    watch, made = FenceWatch(FENCE, is_present), []
    for instant_s, metres, accuracy_m in track:
        watch, offer = watch.feed(instant_s, latitude=north_of_site(metres), longitude=SITE[1], accuracy_m=accuracy_m)
        if offer is not None:
            made.append((instant_s, offer))
    return made


def every_second(
    start: int, end: int, metres: float, accuracy_m: float | None = 5
) -> list[tuple[float, float, float | None]]:
    return [(second, metres, accuracy_m) for second in range(start, end)]


def test_arriving_is_offered_once_after_sixty_seconds_inside() -> None:
    assert offers(every_second(0, 600, 10)) == [(60, "arrive")]


def test_leaving_is_offered_after_sixty_seconds_beyond_the_wider_circle() -> None:
    track = every_second(0, 100, 10) + every_second(100, 300, 66)
    assert offers(track) == [(60, "arrive"), (160, "leave")]


def test_between_the_two_circles_nothing_is_offered() -> None:
    assert offers(every_second(0, 100, 10) + every_second(100, 900, 58, 1)) == [(60, "arrive")]


def test_who_was_never_there_is_not_offered_to_leave() -> None:
    assert offers(every_second(0, 600, 500)) == []


def test_who_said_himself_that_he_arrived_is_offered_to_leave() -> None:
    assert offers(every_second(0, 600, 500), is_present=True) == [(60, "leave")]


def test_a_whole_visit_can_be_repeated() -> None:
    track = [*every_second(0, 61, 0), *every_second(61, 122, 500), *every_second(122, 183, 0)]
    assert offers(track) == [(60, "arrive"), (121, "leave"), (182, "arrive")]


@pytest.mark.parametrize("stray", [(59, 58.0, 5.0), (59, 10.0, None), (59, 10.0, 60.0)])
def test_one_fix_that_does_not_agree_starts_the_wait_again(stray: tuple[float, float, float | None]) -> None:
    track = [*every_second(0, 59, 10), stray, *every_second(60, 200, 10)]
    assert offers(track) == [(120, "arrive")]


def test_silence_of_more_than_sixty_seconds_is_not_presence() -> None:
    assert offers([(0, 10, 5), (61, 10, 5), (62, 10, 5)]) == []
    assert offers([(0, 10, 5), (60, 10, 5)]) == [(60, "arrive")]


def test_an_instant_that_runs_backwards_starts_the_wait_again() -> None:
    assert offers([*every_second(0, 59, 10), (10, 10, 5), *every_second(60, 75, 10)]) == [(70, "arrive")]


def test_passing_by_in_forty_seconds_offers_nothing() -> None:
    track = [(second, -600 + 30.0 * second, 5.0) for second in range(41)]
    assert offers(track) == []


def test_feeding_gives_a_new_watch_and_leaves_the_old_one_as_it_was() -> None:
    watch = FenceWatch(FENCE)
    watch.feed(0, latitude=SITE[0], longitude=SITE[1], accuracy_m=5)
    assert watch == FenceWatch(FENCE)


@pytest.mark.parametrize("instant_s", [math.nan, math.inf])
def test_an_instant_must_be_finite(instant_s: float) -> None:
    with pytest.raises(ValueError, match="instant"):
        FenceWatch(FENCE).feed(instant_s, latitude=0, longitude=0, accuracy_m=5)

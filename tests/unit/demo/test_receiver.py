"""The receiver of the demonstration: it stands where it was put, and what it says is read like any recording."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmms_desktop.application.preferences import Preferences
from cmms_desktop.application.session import NoPosition
from cmms_desktop.demo.choices import AT_SITE, NO_FIX, OUTSIDE
from cmms_desktop.demo.receiver import BEYOND_FENCE_M, NOWHERE, DemoReceiver, SitePoint
from sync_server.contract.rules.geofence import Fence, haversine_m, judge

NOW = datetime(2026, 3, 12, 7, 16, tzinfo=UTC)
SITES = [SitePoint(45.02, -30.0, 150.0), SitePoint(-33.9, 151.2, 80.0), SitePoint(69.6, 18.9, 300.0)]
Put = Callable[[SitePoint | None, str], DemoReceiver]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def make(site: SitePoint | None, standing: str) -> DemoReceiver:
        return DemoReceiver(
            Preferences,
            where=lambda: site,
            standing=lambda: standing,
            recording=tmp_path / "receiver.nmea",
            clock=lambda: NOW,
        )

    return make


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize(("standing", "fence"), [(AT_SITE, "inside"), (OUTSIDE, "outside")])
def test_it_stands_where_it_was_put(put: Put, site: SitePoint, standing: str, fence: str) -> None:
    found = put(site, standing).locate(within_s=5)
    verdict = judge(
        Fence(latitude=site.latitude, longitude=site.longitude, radius_m=site.radius_m),
        latitude=found.latitude,
        longitude=found.longitude,
        accuracy_m=found.accuracy_m,
        age_s=found.age_s,
    )
    assert verdict.fence == fence
    assert found.is_mock, "a demonstration never looks like a measurement"
    if standing == OUTSIDE:
        metres = haversine_m(site.latitude, site.longitude, found.latitude, found.longitude) - site.radius_m
        assert metres == pytest.approx(BEYOND_FENCE_M, abs=1)


def test_without_satellites_it_says_why(put: Put) -> None:
    with pytest.raises(NoPosition, match="no satellite fix"):
        put(SITES[0], NO_FIX).locate(within_s=5)


def test_without_an_order_it_is_nowhere(put: Put) -> None:
    with pytest.raises(NoPosition) as refusal:
        put(None, AT_SITE).locate(within_s=5)
    assert refusal.value.sentence == NOWHERE


def test_a_receiver_of_ones_own_comes_first(tmp_path: Path) -> None:
    own = Preferences(positioning="nmea_file", nmea_file=str(tmp_path / "missing.nmea"))
    receiver = DemoReceiver(
        lambda: own,
        where=lambda: SITES[0],
        standing=lambda: AT_SITE,
        recording=tmp_path / "receiver.nmea",
        clock=lambda: NOW,
    )
    with pytest.raises(NoPosition, match=r"missing\.nmea"):
        receiver.locate(within_s=5)
    receiver.close()

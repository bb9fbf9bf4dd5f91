"""A profile with dates at the ends of the calendar is refused in words, whatever the clock of the device says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmms_desktop.errors import Refused
from cmms_desktop.profile.places import Place
from cmms_desktop.profile.taking import Profiles
from tests.support.profiles import NOW, profile

LAST = {"signed_at": "9999-12-30T00:00:00.000000Z", "not_after": "9999-12-31T23:59:59.999999Z"}
FIRST = {"signed_at": "0001-01-01T00:00:00.000000Z", "not_after": "0001-01-02T00:00:00.000000Z"}
MIN, MAX = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("dates", "clock"),
    [(LAST, NOW), (LAST, MIN), (FIRST, NOW), (FIRST, MAX), ({}, MIN), ({}, MAX)],
    ids=["last now", "last first", "first now", "first last", "ordinary first", "ordinary last"],
)
def test_no_date_and_no_clock_stops_a_start(tmp_path: Path, dates: dict[str, str], clock: datetime) -> None:
    place = tmp_path / "p"
    place.write_bytes(profile(**dates))
    profiles = Profiles(tmp_path / "data", [Place(place)], clock=lambda: clock)
    start = profiles.start()
    assert (start.in_force, start.offered, len(start.notes)) == (None, None, 1)
    with pytest.raises(Refused) as caught:
        profiles.offer(profile(**dates))
    assert caught.value.code in {"profile_clock", "profile_expired"}

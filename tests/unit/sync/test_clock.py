"""The distance to the server's clock: by the middle of the round trip, and nothing from a time that cannot be read."""

from datetime import UTC, datetime, timedelta

import pytest

from cmms_desktop.sync.clock import offset_ms, on_the_new_clock

SENT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_round_trip_counts_half() -> None:
    received = SENT + timedelta(seconds=4)
    assert offset_ms("2026-03-02T09:00:02.000000Z", sent_at=SENT, received_at=received) == 0
    assert offset_ms("2026-03-02T09:00:07.250000Z", sent_at=SENT, received_at=received) == 5_250


def test_a_device_a_year_ahead_is_a_large_negative_offset() -> None:
    ahead = SENT + timedelta(days=365)
    assert offset_ms("2026-03-02T09:00:00.000000Z", sent_at=ahead, received_at=ahead) == -365 * 86_400_000


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00.000000Z", "2026-03-02"])
def test_a_time_that_cannot_be_read_measures_nothing(text: str) -> None:
    assert offset_ms(text, sent_at=SENT, received_at=SENT) is None


YEAR_MS = 365 * 86_400_000


@pytest.mark.parametrize(
    ("at", "before_ms", "now_ms", "moved"),
    [
        ("2026-03-02T09:00:00.000000Z", 0, -YEAR_MS, "2027-03-02T09:00:00.000000Z"),
        ("2027-03-02T09:00:00.000000Z", -YEAR_MS, 0, "2026-03-02T09:00:00.000000Z"),
        ("2026-03-02T09:00:00.000000Z", 0, 59_999, "2026-03-02T09:00:00.000000Z"),
        ("2026-03-02T09:00:00.000000Z", None, 0, "2026-03-02T09:00:00.000000Z"),
        ("2026-03-02T09:00:00.000000Z", 0, None, "2026-03-02T09:00:00.000000Z"),
        ("9999-12-31T09:00:00.000000Z", 0, -YEAR_MS, "9999-12-31T09:00:00.000000Z"),
        (None, 0, -YEAR_MS, None),
    ],
)
def test_what_was_told_by_a_clock_that_was_set_since_is_told_by_the_new_one(
    at: str | None, before_ms: int | None, now_ms: int | None, moved: str | None
) -> None:
    """So that "synced 06:58" and what counts as taken do not move by a year when somebody sets the clock."""
    assert on_the_new_clock(at, before_ms=before_ms, now_ms=now_ms) == moved

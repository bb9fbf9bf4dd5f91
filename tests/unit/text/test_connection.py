"""The status strip says how things stand as guide.md §6 writes it; a local save is never called sent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.text.connection import strip_words

NOW = datetime(2026, 3, 12, 9, 39, tzinfo=UTC)
SYNCED = SyncStatus(connection=Connection.ONLINE, last_sync_at="2026-03-12T06:58:00.000000Z")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (SYNCED, "Online, synced 06:58, 0 waiting"),
        (replace(SYNCED, photos=4), "Online, synced 06:58, text safe, 4 photos waiting"),
        (replace(SYNCED, photos=1, waiting=2), "Online, synced 06:58, 2 waiting, 1 photo waiting"),
        (
            replace(SYNCED, photos=4, are_photos_waiting_for_unmetered=True),
            "Online, synced 06:58, text safe, 4 photos waiting for an unmetered network",
        ),
        (
            replace(SYNCED, connection=Connection.OFFLINE, waiting=11),
            "Offline, last synced 06:58, 2 h 41 min ago, 11 waiting, saved on this device",
        ),
        (SyncStatus(waiting=1), "Offline, never synced, 1 waiting, saved on this device"),
        (
            SyncStatus(locks_in_days=1),
            "Offline, connect within 1 day, or this device locks, never synced, 0 waiting",
        ),
        (
            replace(SYNCED, connection=Connection.SIGN_IN, locks_in_days=3),
            "Sign in again, within 3 days, or this device locks, work goes on, 0 waiting",
        ),
        (
            replace(SYNCED, connection=Connection.SENDING, waiting=10, sending=14, photos=6),
            "Sending 14 changes…, 6 photos follow",
        ),
        (replace(SYNCED, connection=Connection.SENDING, photos=6), "Sending photos…, text safe, 6 photos left"),
        (
            replace(SYNCED, connection=Connection.SENDING, photos=6, attention=2),
            "Sending photos…, 2 to look at, 6 photos left",
        ),
        (replace(SYNCED, connection=Connection.SENDING), "Receiving…, synced 06:58"),
        (
            replace(SYNCED, connection=Connection.SENDING, waiting=38, sending_again=38),
            "The server was restored, sending 38 changes again",
        ),
        (
            replace(SYNCED, connection=Connection.SIGN_IN, waiting=14),
            "Sign in again, work goes on, 14 waiting, saved on this device",
        ),
        (
            replace(SYNCED, connection=Connection.STOPPED, problem="This program is too old."),
            "Sync stopped, This program is too old., 0 waiting",
        ),
    ],
)
def test_the_strip_says_how_things_stand(status: SyncStatus, sentence: str) -> None:
    assert strip_words(status, now=NOW, zone=UTC).sentence == sentence


def test_progress_counts_what_was_answered() -> None:
    sending = replace(SYNCED, connection=Connection.SENDING, sending=14)
    assert [strip_words(replace(sending, waiting=n), now=NOW).progress for n in (14, 7, 1)] == [0, 50, 92]


def test_waiting_never_looks_like_something_wrong() -> None:
    for connection in Connection:
        words = strip_words(replace(SYNCED, connection=connection, waiting=3), now=NOW)
        assert words.tone != "danger"
        assert "sent" not in words.sentence.lower().split()


def test_a_clock_that_was_set_back_shows_no_negative_age() -> None:
    early = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
    words = strip_words(replace(SYNCED, connection=Connection.OFFLINE), now=early, zone=UTC)
    assert words.sentence == "Offline, last synced 06:58, just now, 0 waiting"

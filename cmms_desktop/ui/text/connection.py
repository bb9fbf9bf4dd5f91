"""How the conversation stands, in words for the status strip (guide.md §6). A local save is never called sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.text.moments import Moments
from sync_server.contract.column_types import instant_of

WAITS = "work goes on"
RESTORED = "The server was restored"
OLD_AFTER = timedelta(hours=12)
"""A time of day alone would be taken for today's."""


@dataclass(frozen=True, slots=True)
class StripWords:
    """What the strip says: icon and word in a tone, then facts. `progress` in per cent; None: nothing is sent."""

    icon: str
    word: str
    facts: tuple[str, ...]
    tone: str
    is_offline: bool = False
    progress: int | None = None
    needs_sign_in: bool = False

    @property
    def sentence(self) -> str:
        """The whole strip as one sentence, for a screen reader."""
        return ", ".join((self.word, *self.facts))


def strip_words(status: SyncStatus, *, now: datetime, zone: tzinfo | None = None) -> StripWords:
    """Say how things stand at an instant. `zone` None: the zone of this device."""
    waiting = f"{status.waiting} waiting" if not status.waiting else f"{status.waiting} waiting, saved on this device"
    synced = _synced(status, now, zone)
    match status.connection:
        case Connection.ONLINE:
            return StripWords("online", "Online", (synced, *_left(status)), "success")
        case Connection.SENDING:
            return _sending(status, synced)
        case Connection.SIGN_IN:
            facts = (*_lease(status), WAITS, waiting)
            return StripWords("hazard", "Sign in again", facts, "warning", needs_sign_in=True)
        case Connection.STOPPED:
            facts = (status.problem or "the administrator has to help", waiting)
            return StripWords("hazard", "Sync stopped", facts, "warning")
        case _:
            known = f"last {synced}" if status.last_sync_at else synced
            facts = (*(f"connect {within}" for within in _lease(status)), known, waiting)
            return StripWords("offline", "Offline", facts, "offline", is_offline=True)


def _sending(status: SyncStatus, synced: str) -> StripWords:
    if status.sending_again:
        return StripWords("sending", RESTORED, (_again(status.sending_again),), "accent")
    are_kept_back = status.are_photos_paused or status.are_photos_waiting_for_unmetered
    if status.sending == 0 and (status.photos == 0 or are_kept_back):
        return StripWords("receiving", "Receiving…", (synced,), "accent")
    facts: tuple[str, ...]
    if status.sending == 0 or status.waiting == 0:
        text = f"{status.attention} to look at" if status.attention else "text safe"
        facts = (text, f"{_photos(status.photos)} left") if status.photos else (text,)
        return StripWords("sending", "Sending photos…" if status.photos else "Sending…", facts, "accent")
    word = f"Sending {status.sending} change{'' if status.sending == 1 else 's'}…"
    done = max(0, status.sending - status.waiting)
    facts = (f"{_photos(status.photos)} follow",) if status.photos else ()
    return StripWords("sending", word, facts, "accent", progress=100 * done // status.sending)


def _left(status: SyncStatus) -> tuple[str, ...]:
    """What has not left this device: text that has is called safe while photos still wait."""
    if not status.photos:
        return (f"{status.waiting} waiting",)
    text = f"{status.waiting} waiting" if status.waiting else "text safe"
    why = " for an unmetered network" if status.are_photos_waiting_for_unmetered else ""
    return text, f"{_photos(status.photos)} waiting{why}"


def _lease(status: SyncStatus) -> tuple[str, ...]:
    """What comes first when this device is about to lock."""
    days = status.locks_in_days
    return () if days is None else (f"within {days} day{'' if days == 1 else 's'}, or this device locks",)


def _again(count: int) -> str:
    return f"sending {count} change{'' if count == 1 else 's'} again"


def _photos(count: int) -> str:
    return f"{count} photo{'' if count == 1 else 's'}"


def _synced(status: SyncStatus, now: datetime, zone: tzinfo | None) -> str:
    if status.last_sync_at is None:
        return "never synced"
    moments = Moments(zone)
    said = f"synced {moments.time(status.last_sync_at)}"
    is_old = now - instant_of(status.last_sync_at) > OLD_AFTER
    if status.connection is Connection.OFFLINE or is_old:
        said += f", {moments.since(status.last_sync_at, now)}"
    return said

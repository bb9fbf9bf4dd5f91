"""How far everything has come, in words: four figures, three lanes, headline and footer.

Never says *sent* of what is only saved here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.sync_page import SyncPage
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.screens.sync.states import Figure, LaneState
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import refused_badge
from cmms_desktop.ui.text.moments import Moments, clock_offset
from cmms_desktop.ui.text.numbers import counted, size

SAFE: Final = "Everything is saved on this device. You can close the app or lose coverage."
SIGN_IN: Final = "Sign in again to send. Everything is saved on this device."
STOPPED: Final = "Sync stopped. The administrator has to help."
TEXT_SAFE: Final = BadgeSpec("state-synced", "accepted", "Text safe")
UP_TO_DATE: Final = BadgeSpec("state-synced", "accepted", "Up to date")
SENDING: Final = BadgeSpec("state-syncing", "sending", "Sending")
RECEIVING: Final = BadgeSpec("state-syncing", "receiving", "Receiving")
WAITING: Final = BadgeSpec("state-pending", "waiting", "Waiting")
PAUSED: Final = BadgeSpec("state-pending", "circle-pause", "Paused")
OFFLINE: Final = BadgeSpec("state-offline", "offline", "Offline")


@dataclass(frozen=True, slots=True)
class ProgressTeller:
    """Says one status and one page at an instant."""

    status: SyncStatus
    page: SyncPage
    moments: Moments
    now: datetime

    @property
    def _is_syncing(self) -> bool:
        return self.status.connection is Connection.SENDING

    def headline(self) -> str:
        """`Online since 10:06 · last complete sync 06:58`."""
        status = self.status
        since = self.moments.short(status.online_since, self.now)
        says = {
            Connection.ONLINE: f"Online since {since}" if since else "Online",
            Connection.SENDING: f"Online since {since}" if since else "Online",
            Connection.OFFLINE: "Offline",
            Connection.SIGN_IN: "Sign in again",
            Connection.STOPPED: "Sync stopped",
        }[status.connection]
        last = self._last_sync()
        return f"{says} · last complete sync {words.lower(self.moments.short(last, self.now))}" if last else says

    def figures(self) -> tuple[Figure, ...]:
        """On this device, sent, accepted, backed up."""
        lanes, photos = self.page.lanes, self.page.photos
        waiting = f"{counted(photos.waiting, 'photo')} waiting" if photos.waiting else "nothing waits"
        if lanes.on_device and not photos.waiting:
            waiting = "saved, not sent yet"
        if self.page.refused and not lanes.on_device and not photos.waiting:
            waiting = f"{self.page.refused_total} refused, see below"
        checking = "office is checking" if lanes.sent else "nothing to check"
        return (
            Figure("hard-drive", "state-pending", f"{lanes.on_device}", "On this device", waiting),
            Figure("send", "accent", f"{lanes.sent}", "Sent", checking),
            Figure("accepted", "success", f"{lanes.accepted}", "Accepted", "by the office"),
            Figure("backed-up", "success", f"{lanes.backed_up}", "Backed up", "in its backup"),
        )

    def changes(self) -> LaneState:
        """The lane of mutations."""
        waiting, sending = self.status.waiting, self.status.sending
        if self._is_syncing and sending:
            sent = max(0, sending - waiting)
            if self.page.refused and not waiting:
                return LaneState(None, f"{sent} of {sending} answered", refused_badge(self.page.refused_total))
            return LaneState(sent / sending, f"{sent} of {sending} sent", SENDING if waiting else TEXT_SAFE)
        if waiting:
            return LaneState(None, f"{counted(waiting, 'change')} {self._wait_for()}", WAITING)
        if self.page.refused:
            return LaneState(None, "Everything else sent", refused_badge(self.page.refused_total))
        return LaneState(1.0, "Everything sent", TEXT_SAFE)

    def photos(self) -> LaneState:
        """The lane of files."""
        queue, to_come = self.page.photos, self.status.photos_to_come
        if not queue.total:
            return LaneState(None, f"{counted(to_come, 'photo')} to come" if to_come else "No photos to send", None)
        if not queue.waiting:
            said = f"{queue.sent} of {queue.total} sent" + (f", {to_come} to come" if to_come else "")
            return LaneState(1.0, said, BadgeSpec("state-synced", "accepted", "Safe"))
        said = f"{queue.sent} of {queue.total} sent, {size(queue.waiting_bytes)} left"
        if self.status.are_photos_waiting_for_unmetered:
            return LaneState(queue.sent / queue.total, f"{said}, waiting for an unmetered network", WAITING)
        badge = PAUSED if self.status.are_photos_paused else SENDING if self._is_syncing else WAITING
        return LaneState(queue.sent / queue.total, said, badge)

    def office(self) -> LaneState:
        """The lane of what comes from the office."""
        last = self._last_sync()
        if last is None:
            return LaneState(None, "Nothing received yet", RECEIVING if self._is_syncing else WAITING)
        time = words.lower(self.moments.short(last, self.now))
        if self._is_syncing:
            return LaneState(None, f"Up to {time}, looking for more", RECEIVING)
        if self.status.connection is Connection.ONLINE:
            rows = self.status.received_rows
            return LaneState(1.0, f"{counted(rows, 'update') if rows else 'Nothing new'} up to {time}", UP_TO_DATE)
        return LaneState(None, f"As of {time}", OFFLINE)

    def device(self, people_device: str) -> tuple[tuple[str, str], ...]:
        """Facts about this device; only what is known."""
        page = self.page
        reachable = {
            Connection.ONLINE: "Reachable",
            Connection.SENDING: "Reachable",
            Connection.SIGN_IN: "Waits for a sign-in",
            Connection.STOPPED: "Stopped",
        }.get(self.status.connection, "Not reachable")
        return (
            ("Device", page.device or people_device),
            ("Server", reachable),
            ("Device clock", clock_offset(page.offset_ms)),
            ("Orders", f"{page.orders}"),
            ("Records", size(page.store_bytes)),
            ("Photos taken here", size(page.files_bytes)),
        )

    def footer(self) -> tuple[str, str, str]:
        """Icon, sentences and a short form of them: what is safe, and what stops the rest."""
        if self.status.connection is Connection.SIGN_IN:
            return "hazard", SIGN_IN, "Sign in again to send."
        if self.status.connection is Connection.STOPPED:
            return "hazard", self.status.problem or STOPPED, "Sync stopped. Your work is safe."
        return "hard-drive", SAFE, "All saved here."

    def _wait_for(self) -> str:
        verb = "waits" if self.status.waiting == 1 else "wait"
        what = {Connection.OFFLINE: "coverage", Connection.SIGN_IN: "a sign-in"}.get(self.status.connection)
        return f"{verb} for {what}" if what else verb

    def _last_sync(self) -> str | None:
        return self.status.last_sync_at or self.page.last_sync_at

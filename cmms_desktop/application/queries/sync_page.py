"""The sync page: how far everything that was entered here has come, and what a person has to look at. Frozen rows.

A mutation counts in one lane: on this device until the server answers, sent once it said yes, accepted once that came
back, backed up once the server's backup holds it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.changes import Change, changes, changes_named
from cmms_desktop.application.queries.half_entered import LeftText, left_texts, wordless_drafts
from cmms_desktop.application.queries.inbox import ConflictGroup, inbox
from cmms_desktop.application.queries.lookups import held_aggregates, state_of
from cmms_desktop.replica.backlog import backlog_of
from cmms_desktop.replica.blocking import blocked_groups
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.numbers import short_code

MOST_LINES: Final = 200
DETAILS: Final = frozenset({"personal_value", "work_log", "notification"})
"""Entities that are not listed as waiting: they go along with a signature or with an event of the visit, or say that
something was read."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Numbers of mutations, by how far they have come; `backed_up` are among `accepted`."""

    on_device: int
    sent: int
    accepted: int
    backed_up: int


@dataclass(frozen=True, slots=True)
class PhotoQueue:
    """Files that the server lacks, among all that were taken here."""

    waiting: int
    waiting_bytes: int
    total: int
    total_bytes: int

    @property
    def sent(self) -> int:
        """How many the server has."""
        return self.total - self.waiting


@dataclass(frozen=True, slots=True)
class Stopped:
    """A step that the server refused or keeps for a person: the change that was the cause, and those with it."""

    cause: Change
    others: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A change on its way. `waits_for`: what was refused or is held and has to be settled before."""

    change: Change
    waits_for: Change | None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """Something that happened to the conversation; `kind` and `count` as in replica/sync_state.py."""

    at: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPage:
    """Everything on the sync page. Instants in wire form; `offset_ms`: server clock minus device clock."""

    lanes: Lanes
    photos: PhotoQueue
    waiting: tuple[WaitingLine, ...]
    waiting_total: int
    refused: tuple[Stopped, ...]
    """At most so many as MOST_LINES changes make; so are `held`."""
    refused_total: int
    """Steps that the server refused, listed or not."""
    held: tuple[Stopped, ...]
    held_total: int
    conflicts: tuple[ConflictGroup, ...]
    left: tuple[LeftText, ...]
    """Texts about orders that left, which became no mutation."""
    wordless: tuple[str, ...]
    """Drafts about orders that left without a word in them: nobody can see them, so they are dropped."""
    last_sync_at: str | None
    offset_ms: int | None
    device: str
    """Short code of the installation, as in its offline numbers; empty before anybody signed in."""
    store_bytes: int
    files_bytes: int
    orders: int
    notices: tuple[NoticeLine, ...] = ()
    """What happened to the conversation and is told for long, newest first."""
    sites_left_out: int = 0
    """Sites of the person of which not everything fits on a device."""
    again: int = 0
    """Changes that still have to be sent again to a restored server."""

    @property
    def attention(self) -> int:
        """How much a person has to look at."""
        return self.refused_total + self.held_total + len(self.conflicts) + len(self.left)


def sync_page(reading: Reading, *, store_bytes: int = 0) -> SyncPage:
    """How everything stands. `store_bytes`: size of the store's file, which only its owner knows."""
    state = state_of(reading)
    counts = _counts(reading)
    lanes = _lanes(reading, counts, state.durable_seq)
    conflicts = inbox(reading)
    photos = _photos(reading)
    return SyncPage(
        lanes=lanes,
        photos=photos,
        waiting=_waiting(reading),
        waiting_total=lanes.on_device,
        refused=_stopped(changes(reading, ("parked",), limit=MOST_LINES)),
        refused_total=counts["parked"].steps,
        held=_stopped(changes(reading, ("held",), limit=MOST_LINES)),
        conflicts=conflicts.open,
        held_total=counts["held"].steps,
        left=left_texts(reading),
        wordless=wordless_drafts(reading),
        last_sync_at=state.last_sync_at,
        offset_ms=state.offset_ms,
        device=short_code(state.device_id) if state.device_id else "",
        store_bytes=store_bytes,
        files_bytes=photos.total_bytes,
        orders=held_aggregates(reading).get("work_order", 0),
        notices=tuple(NoticeLine(each.at, each.kind, each.count) for each in state.notices),
        sites_left_out=state.sites_left_out,
        again=backlog_of(reading.cursor).again,
    )


def _waiting(reading: Reading) -> tuple[WaitingLine, ...]:
    blocked = blocked_groups(reading.cursor)
    blockers = changes_named(reading, blocked.values()) if blocked else {}
    return tuple(
        WaitingLine(each, blockers.get(blocked.get(each.group_id, "")) if each.state == "pending" else None)
        for each in changes(reading, ("pending", "sealed"), limit=MOST_LINES)
        if each.entity not in DETAILS
    )


@dataclass(frozen=True, slots=True)
class _Count:
    """Of one state of the outbox; a step is a group of mutations."""

    mutations: int = 0
    steps: int = 0


def _counts(reading: Reading) -> Mapping[str, _Count]:
    found = reading.cursor.execute("SELECT state, count(*), count(DISTINCT group_id) FROM outbox GROUP BY state")
    return defaultdict(_Count, {state: _Count(mutations, steps) for state, mutations, steps in found.fetchall()})


def _lanes(reading: Reading, counts: Mapping[str, _Count], durable_seq: int) -> Lanes:
    accepted, backed_up = reading.cursor.execute(
        "SELECT count(*), coalesce(sum(commit_seq <= ?), 0) FROM outbox_done WHERE state = 'done'", (durable_seq,)
    ).fetchone()
    on_device = counts["pending"].mutations + counts["sealed"].mutations
    return Lanes(on_device, counts["acknowledged"].mutations, accepted, backed_up)


def _photos(reading: Reading) -> PhotoQueue:
    found = reading.cursor.execute(
        "SELECT coalesce(sum(state = 'to_send'), 0), coalesce(sum(CASE WHEN state = 'to_send' THEN size_bytes END), 0),"
        " count(*), coalesce(sum(size_bytes), 0) FROM blob WHERE state IN ('to_send', 'sent')"
    ).fetchone()
    return PhotoQueue(*found)


def _stopped(stopped: Sequence[Change]) -> tuple[Stopped, ...]:
    """Steps by their group; the cause is the member that was answered itself, not for the sake of another."""
    groups: dict[str, list[Change]] = {}
    for change in stopped:
        groups.setdefault(change.group_id, []).append(change)
    return tuple(_step(members) for members in groups.values())


def _step(members: Sequence[Change]) -> Stopped:
    cause = min(members, key=_is_answered_for_another)
    return Stopped(cause, tuple(each for each in members if each is not cause))


def _is_answered_for_another(change: Change) -> tuple[bool, bool]:
    return change.code == "group_refused", change.entity in DETAILS

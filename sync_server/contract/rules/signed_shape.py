"""Shape of a signed statement, `cmms.signed-statement/1` (trust.md §3).

Every name is required and no other is allowed, so that a body has one meaning. Times, decimals and positions are text;
whole numbers are the only numbers. A later version is a new module: records of this one are verified for ever.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

SCHEMA = "cmms.signed-statement/1"

Id = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Instant = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")]
DecimalText = Annotated[str, msgspec.Meta(pattern=r"\A-?[0-9]{1,10}(\.[0-9]{1,9})?\Z")]


class Commitment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stands for a personal value; see commitments.py."""

    c: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]


class SignedAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When, by the device's clock; offset = server clock minus device clock, None when never measured."""

    device: Instant
    offset_ms: int | None


class SignedOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and what it said."""

    id: Id
    number: str
    title: str
    type: str
    site_id: Id
    asset_id: Id | None
    asset_text: str | None
    completion_note: str | None
    version: int


class SignedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item with its answer. `is_asked` false: its condition left it out."""

    id: Id
    key: str
    section: str | None
    prompt: str
    kind: str
    unit: str | None
    minimum: DecimalText | None
    maximum: DecimalText | None
    is_mandatory: bool
    is_asked: bool
    result: str | None
    value: str | None
    note: str | None
    photo_sha256: Digest | None
    answered_at: Instant | None


class SignedChecklist(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One checklist, whole, in the order of its items."""

    id: Id
    template_id: Id | None
    template_version: int
    name: str
    items: list[SignedItem]


class SignedMovement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part used or given back: the posting of the ledger, quantity signed."""

    id: Id
    part_id: Id
    code: str | None
    name: str | None
    kind: str
    quantity: DecimalText
    unit: str | None
    moved_at: Instant


class SignedVisit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times of one visit."""

    id: Id
    person_id: Id
    travel_at: Instant | None
    arrived_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    travel_minutes: int | None
    work_minutes: int | None
    break_minutes: int | None


class SignedArrival(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The arrival as it was recorded. `position` commits to {latitude, longitude, accuracy_m, distance_m}, as text."""

    id: Id
    at: SignedAt
    source: str | None
    fix_age_s: DecimalText | None
    is_mock: bool
    fence: str | None
    reason: str | None
    position: Commitment | None


class SignedPhoto(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A photo of the order, by its digest."""

    id: Id
    sha256: Digest
    taken_at: Instant


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed."""

    schema: Literal["cmms.signed-statement/1"]
    organization: Id
    device: Id
    user: Id
    role: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    meaning: Literal["performed", "reviewed", "approved", "accepted", "refused"]
    order: SignedOrder
    checklists: list[SignedChecklist]
    parts: list[SignedMovement]
    photos: list[SignedPhoto]
    visits: list[SignedVisit]
    arrival: SignedArrival | None
    printed_name: Commitment
    contact: Commitment | None
    ink: Commitment | None
    at: SignedAt
    previous: Digest | None
    decision: Literal["returned"] | None
    """A review that sends the work back says so."""
    reason: str | None
    not_yet_included: list[str]

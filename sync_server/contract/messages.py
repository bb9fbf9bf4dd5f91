"""The messages of the wire, version 1. README.md tells the conversation; field names never change their meaning.

Unknown fields are ignored, so that either side may be newer.
"""

import msgspec

from sync_server.contract.fields import Scalar
from sync_server.contract.log_lines import LogLine, LogNews
from sync_server.contract.standing import DeviceCommand

MAX_PUSH_MUTATIONS = 500
MAX_PUSH_BYTES = 1 << 20
MAX_GROUP_MUTATIONS = 50
MAX_GROUP_BYTES = 256 << 10
UNIT_MUTATIONS = 500
"""Mutations that the server applies in one transaction at most; groups stay whole."""
MAX_SCOPES = 64
MAX_CHECKPOINTS = 64
MAX_BLOB_BYTES = 64 << 20
BLOB_CHUNK_BYTES = 1 << 20

VERDICTS = ("applied", "already_applied", "merged", "conflict", "rejected", "held", "retry")


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The state that a mutation was made on."""

    epoch: str
    version: int
    seq: int


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """When, by the device: its own clock, and how far the server's was ahead when last measured."""

    device: str
    offset_ms: int | None = None


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Another person enrolled on this installation who signed with his own device key."""

    user: str
    device: str


class Mutation(msgspec.Struct, frozen=True, kw_only=True):
    """One local change: changed fields with old and new value. Sealed bytes are stored and sent verbatim."""

    mutation_id: str
    device: str
    user: str
    signer: Signer | None = None
    device_seq: int = 0
    prev: str = ""
    group: str
    type: str
    v: int
    aggregate_id: str
    entity: str
    id: str
    base: Base
    set: dict[str, tuple[Scalar, Scalar]]
    depends: tuple[str, ...] = ()
    at: Clock
    blobs: tuple[str, ...] = ()


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 signature of the device over the head of its chain of mutations."""

    from_seq: int
    to_seq: int
    head: str
    sig: str


class PushRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Mutations in device order. Each is the exact sealed text.

    `withdrawn`: ids among them that their author has taken back. A restored server that misses one in the chain is
    given it again, to be refused.
    """

    seal: Seal
    mutations: list[msgspec.Raw]
    withdrawn: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer to one mutation. Stored as text, so that a repeated answer is the same bytes."""

    mutation_id: str
    status: str
    code: str | None = None
    reason: str | None = None
    commit_seq: int | None = None
    conflicts: tuple[str, ...] = ()


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict per mutation, in order; `resend_from` names the first missing device_seq when there was a gap."""

    verdicts: list[msgspec.Raw]
    chain_seq: int
    server_time: str
    resend_from: int | None = None


class OutboxState(msgspec.Struct, frozen=True, kw_only=True):
    """What a device still has to send."""

    count: int
    oldest: str | None = None


class HelloRequest(msgspec.Struct, frozen=True, kw_only=True):
    """First message of a conversation. `confirmed`: commands that the device has carried out."""

    protocol: int
    rows: int
    app_version: str
    epoch: str | None = None
    cursor: str | None = None
    checkpoints: tuple[tuple[int, int], ...] = ()
    outbox: OutboxState
    lease_nonce: str | None = None
    confirmed: tuple[str, ...] = ()
    device_time: str
    log: LogLine | None = None
    """Newest line of the activity log that the device keeps; None: none."""


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """The server was restored: everything after common_seq has to be sent again.

    `cursor`: to read on from there; None: everything is read afresh.
    """

    common_seq: int
    cursor: str | None = None


class HelloAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the device needs to know before it pushes and pulls. Its commands are bound to the nonce that it sent."""

    protocol: int
    rows: int
    minimum_protocol: int
    mutations: int = 1
    """Newest version of a mutation (`v`) that the server takes. Newer ones wait on the device until it is updated."""
    oldest_mutations: int = 1
    """Oldest version that it understands."""
    server_time: str
    epoch: str
    fork: Fork | None = None
    durable_seq: int = 0
    lease_nonce: str
    device_commands: tuple[DeviceCommand, ...] = ()
    scopes: tuple[str, ...]
    sites_left_out: int = 0
    """Sites that the person may enter and of which something is in no scope of these: a device holds at most 64."""
    lets_removals_pass: bool = False
    """An administrator has said that what devices keep from being removed at once was meant."""
    log: LogNews | None = None
    """What stands in the activity log where the device has asked; None: of a server that says nothing of it."""


class PullRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for everything after the cursor; None: nothing was ever pulled.

    `protocol`: that of the device. One that is too old for the server gets no rows, whatever it has asked before.
    """

    cursor: str | None = None
    protocol: int = 1


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Push, then pull, in one request. Anything that refuses one of the two refuses the request: ask one by one."""

    push: PushRequest | None = None
    pull: PullRequest = PullRequest()


class BootstrapRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for the next slice of a scope that the cursor does not hold yet. The last slice gives the next cursor."""

    scope: str
    token: str | None = None
    cursor: str | None = None


class FillRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for columns and entities that a device has learnt since it read a scope; rows that it holds stay.

    `rows`: the ROWS version of what it holds, `upto`: the one it wants. `after`: aggregate where the last answer ended.
    """

    scope: str
    cursor: str
    rows: int
    upto: int
    after: str | None = None


class VerifyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Compare a scope aggregate by aggregate; the answer is what a device has to replace.

    `aggregates`: what it holds of the scope, as codec.pack_digests writes it. `heals_today`: how often it has had to
    ask within a day, this time included.
    """

    scope: str
    aggregates: str
    heals_today: int = 0


class DeviceIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A replica of one person on one installation."""

    id: str
    public_key: str
    name: str
    app_version: str


class SignInRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Start a session; enrols the device when it is new.

    `enrolment_code`: what an administrator gave for a new device, as it was typed (`rules.enrolment`). None: none.
    `new_password`: where `password` is right, this counts in its place from now on and his other sessions end. None: it
    stays.
    """

    organization: str
    login: str
    password: str
    device: DeviceIdentity
    enrolment_code: str | None = None
    new_password: str | None = None


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed in, and the tokens. `server_public_key` (base64url Ed25519) signs commands and receipts.

    `password_set`: a password that came with this sign-in counts from now on; a server that knew none says nothing.
    """

    organization_id: str
    person_id: str
    role: str
    device_id: str
    access_token: str
    access_expires_at: str
    refresh_token: str
    server_time: str
    recovery_public_key: str | None = None
    server_public_key: str | None = None
    password_set: bool = False


class RefreshRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Change a refresh token for the next one."""

    refresh_token: str


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 with `code` from problems.CODES."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str | None = None
    retry_after_s: int | None = None

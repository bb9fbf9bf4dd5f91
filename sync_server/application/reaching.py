"""How a device lets itself be reached while it does not ask: an address of a push service, and keys for what is sent.

Takes nothing but public names by https: whoever sends to it later asks no machine of our own network (no SSRF).
"""

import base64
import binascii
import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.authz.claims import REVOKED
from sync_server.authz.visibility import Caller
from sync_server.errors import Refused
from sync_server.storage import push_subscriptions
from sync_server.storage.engine import Database

LONGEST_ENDPOINT: Final = 2048
P256DH_BYTES: Final = 65
"""An uncompressed point of P-256 (RFC 8291): 0x04, then both coordinates."""
AUTH_BYTES: Final = 16
_NAME: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_INTERNAL: Final = (".local", ".internal", ".localhost", ".lan", ".home", ".corp", ".intranet", ".private")


class Subscription(msgspec.Struct, frozen=True):
    """What a push service has given a device: address, public key and secret, the keys as base64url."""

    endpoint: str
    p256dh: str
    auth: str


def subscribe(database: Database, caller: Caller, wanted: Subscription) -> None:
    """Take it in place of what the device had.

    Raises:
        Refused: Nothing could be sent to it, or who asks does not work here any more.
    """
    if not is_endpoint(wanted.endpoint):
        raise Refused("invalid_value", "The address of a push service begins with https and names a public host.")
    if _size(wanted.p256dh) != P256DH_BYTES or _size(wanted.auth) != AUTH_BYTES:
        raise Refused("invalid_value", "The keys of a push service are base64url, of 65 and of 16 bytes.")
    with database.transaction("app_sync", caller.organization_id) as connection:
        _require_person(connection, caller)
        push_subscriptions.put(
            connection,
            caller.organization_id,
            caller.device_id,
            endpoint=wanted.endpoint,
            p256dh=wanted.p256dh,
            auth=wanted.auth,
        )


def _require_person(connection: Connection[TupleRow], caller: Caller) -> None:
    """Refuse who was dismissed; whoever does that meanwhile waits, and ends what is taken now."""
    found = connection.execute(
        "select is_active and deleted_at is null from person where organization_id = %s and id = %s for share",
        (caller.organization_id, caller.person_id),
    ).fetchone()
    if found is None or not found[0]:
        raise Refused("device_revoked", REVOKED)


def unsubscribe(database: Database, caller: Caller) -> None:
    """Let the device be reached no more; when it was not, nothing changes."""
    with database.transaction("app_sync", caller.organization_id) as connection:
        push_subscriptions.end(connection, caller.organization_id, caller.device_id)


def is_endpoint(text: str) -> bool:
    """Whether a text is an address by https at a public name: no numbers, no account, no part of a page."""
    if len(text) > LONGEST_ENDPOINT or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    is_plain = "@" not in parts.netloc and "#" not in text and port in {None, 443}
    return parts.scheme == "https" and text.startswith("https://") and is_plain and _is_public(host)


def _is_public(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _NAME.fullmatch(host) is not None and not host.endswith(_INTERNAL)
    return False


def _size(text: str) -> int:
    """Give how many bytes a base64url text has; -1 for what is none."""
    bare = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", bare):
        return -1
    try:
        return len(base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)))
    except binascii.Error:
        return -1

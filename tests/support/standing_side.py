"""A device without a session, as the server sees it: signs by hand what it says about itself, also wrongly."""

import base64
import hashlib
import json
import secrets
from typing import Any

import httpx
import msgspec

from sync_server.contract.rescue import BOX_BYTES, MAGIC
from sync_server.contract.standing import (
    DeviceCommand,
    SealedPart,
    WipeReport,
    command_input,
    sealed_input,
    standing_input,
    wipe_input,
)
from tests.support.device_side import Client, Device, Json


def standing_of(client: Client, organization_id: str, /, *, nonce: str = "n", **changed: Any) -> httpx.Response:
    """Ask how a device stands; `changed` replaces what is sent after it was signed."""
    return anonymous(
        client, "/v1/standing", {**signed_standing(client.device, organization_id, nonce=nonce), **changed}
    )


def signed_standing(device: Device, organization_id: str, *, nonce: str = "n") -> Json:
    """What a device says to ask how it stands."""
    sig = device.sign(standing_input(organization_id, device.id, nonce))
    return {"organization_id": organization_id, "device_id": device.id, "nonce": nonce, "sig": sig}


def sealed_bytes(size: int = 5_000) -> bytes:
    """Something that begins as a sealed outbox does; no server can tell the difference."""
    return MAGIC + secrets.token_bytes(BOX_BYTES + size)


def part_of(
    device: Device, organization_id: str, whole: bytes, /, *, at: int = 0, end: int | None = None, **changed: Any
) -> Json:
    """Sign a part; `changed` replaces what is sent after it was signed."""
    content = whole[at:end]
    part = SealedPart(
        organization_id=organization_id,
        device_id=device.id,
        sha256=hashlib.sha256(whole).hexdigest(),
        size_bytes=len(whole),
        changes=3,
        at=at,
        content=content,
        sig="",
    )
    part = msgspec.structs.replace(part, **{k: v for k, v in changed.items() if k != "sig"})
    sig = changed.get("sig", device.sign(sealed_input(part, hashlib.sha256(part.content).hexdigest())))
    body: Json = msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(part, sig=sig)))
    return body


def hand_in(client: Client, part: Json) -> httpx.Response:
    return anonymous(client, "/v1/sealed", part)


def report_wiped(
    client: Client, organization_id: str, command_id: str, *, lost: int = 0, device: Device | None = None
) -> httpx.Response:
    """Say that a device was wiped; `device` signs in its place."""
    body = signed_report(device or client.device, organization_id, command_id, device_id=client.device.id, lost=lost)
    return anonymous(client, "/v1/wiped", body)


def signed_report(
    device: Device, organization_id: str, command_id: str, *, device_id: str | None = None, lost: int = 0
) -> Json:
    """What a device says once it was wiped, or another one in its name (`device_id`)."""
    unsigned = WipeReport(
        organization_id=organization_id,
        device_id=device_id or device.id,
        command_id=command_id,
        lost=lost,
        handed_in=0,
        sig="",
    )
    signed = msgspec.structs.replace(unsigned, sig=device.sign(wipe_input(unsigned)))
    body: Json = msgspec.json.decode(msgspec.json.encode(signed))
    return body


def anonymous(client: Client, path: str, body: Json) -> httpx.Response:
    """Send without any token."""
    return client.http.post(client.url + path, content=json.dumps(body), headers={"Content-Type": "application/json"})


def is_genuine(command: Json, *, client: Client, nonce: str) -> bool:
    """Whether the server signed a command for this device and this number."""
    from sync_server.application.signatures import verify

    said = msgspec.convert(command, DeviceCommand)
    message = command_input(
        client.device.id, nonce=nonce, command_id=said.id, kind=said.kind, recovery=said.recovery_public_key
    )
    return verify(str(client.session["server_public_key"]), said.sig, message)


def some_recovery_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()

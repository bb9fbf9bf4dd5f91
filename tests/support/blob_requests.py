"""Photos on the wire, spoken by hand: sending their bytes in chunks, asking where an upload stands, reading them."""

import hashlib
import secrets
from typing import Any

import httpx

from sync_server.contract.messages import BLOB_CHUNK_BYTES
from sync_server.storage.blobs import Owned
from tests.support.device_side import Client
from tests.support.server_side import NOW


def content(size: int = 2_500_000) -> tuple[bytes, str]:
    data = secrets.token_bytes(size)
    return data, hashlib.sha256(data).hexdigest()


def patch(client: Client, sha256: str, chunk: bytes, *, at: object, size: object) -> httpx.Response:
    headers = {"Upload-Offset": str(at), "Upload-Length": str(size), "Content-Type": "application/offset+octet-stream"}
    return client.request("PATCH", f"/v1/blobs/{sha256}", content=chunk, headers=headers)


def stands(client: Client, sha256: str) -> int:
    response = client.request("HEAD", f"/v1/blobs/{sha256}")
    assert (response.status_code, response.content) == (200, b"")
    return int(response.headers["Upload-Offset"])


def upload(client: Client, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    for at in range(0, len(data), BLOB_CHUNK_BYTES):
        chunk = data[at : at + BLOB_CHUNK_BYTES]
        response = patch(client, sha256, chunk, at=at, size=len(data))
        assert (response.status_code, response.headers["Upload-Offset"]) == (204, str(at + len(chunk)))
    return sha256


def download(client: Client, sha256: str) -> tuple[int, bytes]:
    response = client.request("GET", f"/v1/blobs/{sha256}")
    return response.status_code, response.content


def attach(client: Client, order: dict[str, Any], sha256: str, **values: Any) -> str:
    said = {"work_order_id": order["id"], "author_id": client.person_id, "sha256": sha256, "media_type": "image/png"}
    said |= {"size_bytes": 1, "taken_at": NOW}
    mutation = client.create("attachment", aggregate_id=order["id"], **{**said, **values})
    return str(client.push_one(mutation)["status"])


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def owned(client: Client, sha256: str) -> Owned:
    return Owned(str(client.session["organization_id"]), client.person_id, sha256)

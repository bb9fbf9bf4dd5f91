"""Bytes of photos and documents, by digest: resumable upload in the manner of tus 1.0, and download."""

from litestar import Response, get, head, patch
from litestar.params import FromPath, RawBody
from litestar.response import Stream

from sync_server.application import attachments
from sync_server.http.services import CallerHere, HttpRequest, ServicesHere


@head("/v1/blobs/{sha256:str}")
async def offset(sha256: FromPath[str], caller: CallerHere, services: ServicesHere) -> Response[None]:
    """Tell how many bytes of the caller's own upload are here."""
    received = await services.side_lane.run(attachments.offset, services.database, caller, sha256, store=services.blobs)
    return Response(None, headers={"Upload-Offset": str(received)})


@patch("/v1/blobs/{sha256:str}", status_code=204)
async def append(
    sha256: FromPath[str], body: RawBody, request: HttpRequest, caller: CallerHere, services: ServicesHere
) -> Response[None]:
    """Add a chunk at `Upload-Offset` of `Upload-Length` bytes. The last chunk is checked against the digest."""
    at, size = (attachments.number(request.headers.get(name)) for name in ("upload-offset", "upload-length"))
    received = await services.side_lane.run(
        attachments.append,
        services.database,
        caller,
        sha256,
        store=services.blobs,
        at=at,
        size=size,
        chunk=body,
        checksum=request.headers.get("upload-checksum"),
    )
    return Response(None, status_code=204, headers={"Upload-Offset": str(received)})


@get("/v1/blobs/{sha256:str}")
async def read(sha256: FromPath[str], request: HttpRequest, caller: CallerHere, services: ServicesHere) -> Stream:
    """Give the bytes to whoever may see an attachment with that digest, from where `Range: bytes=n-` asks for them."""
    found = await services.side_lane.run(attachments.readable, services.database, caller, sha256, store=services.blobs)
    size = found.size_bytes
    at = attachments.first_byte(request.headers.get("range"), size=size)
    pieces = services.side_lane.stream(services.blobs.pieces(found.name, size=size, at=at or 0))
    if at is None:
        return Stream(pieces, media_type="application/octet-stream")
    headers = {"Content-Range": f"bytes {at}-{size - 1}/{size}"}
    return Stream(pieces, media_type="application/octet-stream", status_code=206, headers=headers)

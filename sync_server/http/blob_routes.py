"""Bytes of photos and documents, by digest: resumable upload in the manner of tus 1.0, and download."""

from typing import Annotated

from litestar import Response, get, head, patch
from litestar.datastructures import ResponseHeader
from litestar.params import FromPath, HeaderParameter, RawBody
from litestar.response import Stream

from sync_server.application import attachments
from sync_server.http.described import BYTES, PROVEN, ChunkBody, answered_with, refusals
from sync_server.http.services import CallerHere, ServicesHere

STANDS = ResponseHeader("Upload-Offset", description="Bytes that are here.", documentation_only=True)
WHOLE = answered_with(BYTES, "The whole file.")
REST = answered_with(BYTES, "The file from there on.", status=206)


@head("/v1/blobs/{sha256:str}", responses=refusals("not_found"), response_headers=[STANDS], security=PROVEN)
async def offset(sha256: FromPath[str], caller: CallerHere, services: ServicesHere) -> Response[None]:
    """Tell how many bytes of the caller's own upload are here."""
    received = await services.side_lane.run(attachments.offset, services.database, caller, sha256, store=services.blobs)
    return Response(None, headers={"Upload-Offset": str(received)})


@patch(
    "/v1/blobs/{sha256:str}",
    status_code=204,
    operation_class=ChunkBody,
    responses=refusals("not_found", "chunk_damaged", "invalid_value"),
    response_headers=[STANDS],
    security=PROVEN,
)
async def append(
    sha256: FromPath[str],
    body: RawBody,
    caller: CallerHere,
    services: ServicesHere,
    upload_offset: Annotated[str | None, HeaderParameter(name="Upload-Offset")] = None,
    upload_length: Annotated[str | None, HeaderParameter(name="Upload-Length")] = None,
    upload_checksum: Annotated[str | None, HeaderParameter(name="Upload-Checksum")] = None,
) -> Response[None]:
    """Add a chunk at `Upload-Offset` of `Upload-Length` bytes. The last chunk is checked against the digest."""
    at, size = (attachments.number(each) for each in (upload_offset, upload_length))
    received = await services.side_lane.run(
        attachments.append,
        services.database,
        caller,
        sha256,
        store=services.blobs,
        at=at,
        size=size,
        chunk=body,
        checksum=upload_checksum,
    )
    return Response(None, status_code=204, headers={"Upload-Offset": str(received)})


@get("/v1/blobs/{sha256:str}", responses={**refusals("not_found"), **WHOLE, **REST}, security=PROVEN)
async def read(
    sha256: FromPath[str],
    caller: CallerHere,
    services: ServicesHere,
    asked: Annotated[str | None, HeaderParameter(name="Range")] = None,
) -> Stream:
    """Give the bytes to whoever may see an attachment with that digest, from where `Range: bytes=n-` asks for them."""
    found = await services.side_lane.run(attachments.readable, services.database, caller, sha256, store=services.blobs)
    size = found.size_bytes
    at = attachments.first_byte(asked, size=size)
    pieces = services.side_lane.stream(services.blobs.pieces(found.name, size=size, at=at or 0))
    if at is None:
        return Stream(pieces, media_type=BYTES)
    headers = {"Content-Range": f"bytes {at}-{size - 1}/{size}"}
    return Stream(pieces, media_type=BYTES, status_code=206, headers=headers)

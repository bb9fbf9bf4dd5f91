"""Bytes of photos and documents, by digest: resumable upload in the manner of tus 1.0, and download."""

from litestar import Response, get, head, patch
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, RawBody
from litestar.response import Stream

from sync_server.application import attachments
from sync_server.http.services import CallerHere, HttpRequest, ServicesHere


@head("/v1/blobs/{sha256:str}")
async def offset(sha256: FromPath[str], caller: CallerHere, services: ServicesHere) -> Response[None]:
    """Tell how many bytes of the caller's own upload are here."""
    # Litestar 2.25 does not await synchronous HEAD and PATCH handlers: they go to a thread by themselves
    received = await sync_to_thread(attachments.offset, services.database, caller, sha256, folder=services.blob_folder)
    return Response(None, headers={"Upload-Offset": str(received)})


@patch("/v1/blobs/{sha256:str}", status_code=204)
async def append(
    sha256: FromPath[str], body: RawBody, request: HttpRequest, caller: CallerHere, services: ServicesHere
) -> Response[None]:
    """Add a chunk at `Upload-Offset` of `Upload-Length` bytes. The last chunk is checked against the digest."""
    received = await sync_to_thread(
        attachments.append,
        services.database,
        caller,
        sha256,
        folder=services.blob_folder,
        at=attachments.number(request.headers.get("upload-offset")),
        size=attachments.number(request.headers.get("upload-length")),
        chunk=body,
    )
    return Response(None, status_code=204, headers={"Upload-Offset": str(received)})


@get("/v1/blobs/{sha256:str}", sync_to_thread=True)
def read(sha256: FromPath[str], request: HttpRequest, caller: CallerHere, services: ServicesHere) -> Stream:
    """Give the bytes to whoever may see an attachment with that digest, from where `Range: bytes=n-` asks for them."""
    path = attachments.readable(services.database, caller, sha256, folder=services.blob_folder)
    size = path.stat().st_size
    at = attachments.first_byte(request.headers.get("range"), size=size)
    if at is None:
        return Stream(attachments.chunks(path), media_type="application/octet-stream")
    headers = {"Content-Range": f"bytes {at}-{size - 1}/{size}"}
    return Stream(attachments.chunks(path, at), media_type="application/octet-stream", status_code=206, headers=headers)

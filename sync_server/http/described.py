"""What the server's description (OpenAPI) says of a door besides its types: refusals, streams, who is asked for proof.

Read by whoever writes a client or attacks the server; nothing here decides what happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    RequestBody,
    Schema,
    SecurityRequirement,
    SecurityScheme,
)

from sync_server.contract.messages import ProblemDetails, PushRequest, SyncRequest
from sync_server.contract.problems import CODES
from sync_server.http.problem_response import PROBLEM_JSON

NDJSON: Final = "application/x-ndjson"
BYTES: Final = "application/octet-stream"
EVENTS: Final = "text/event-stream"
PROVEN: Final[Sequence[SecurityRequirement]] = [{"accessToken": [], "deviceProof": []}]
"""A door for signed-in devices alone: both are needed."""
SCHEMES: Final = Components(
    security_schemes={
        "accessToken": SecurityScheme(
            type="http", scheme="bearer", bearer_format="JWT", description="From a sign-in or a refresh."
        ),
        "deviceProof": SecurityScheme(
            type="apiKey",
            name="Device-Proof",
            security_scheme_in="header",
            description="Ed25519 signature by the device's key over `cmms/proof/v1`, a line feed and the token.",
        ),
    }
)
ANYBODY: Final = ("bad_request", "too_large", "busy")
DEVICE: Final = (*ANYBODY, "session_expired", "device_revoked")


def refusals(*codes: str, is_open: bool = False) -> dict[int, ResponseSpec]:
    """Say with which problems a door may refuse, besides those of every door; `is_open`: it asks for no session."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys((*(ANYBODY if is_open else DEVICE), *codes)):
        by_status.setdefault(CODES[code], []).append(code)
    return {
        status: ResponseSpec(
            ProblemDetails,
            generate_examples=False,
            description=f"{HTTPStatus(status).phrase}: {' or '.join(f'`{code}`' for code in those)}.",
            media_type=PROBLEM_JSON,
        )
        for status, those in by_status.items()
    }


def answered_with(media_type: str, description: str, *, status: int = 200) -> dict[int, ResponseSpec]:
    """Say that a door answers with bytes that are no JSON document."""
    return {status: ResponseSpec(bytes, generate_examples=False, description=description, media_type=media_type)}


LINES: Final = answered_with(NDJSON, "Lines as the contract has them, one JSON array each, compressed with zstd.")
"""The answer of a pull, or of a part of one."""


@dataclass
class Shaped(Operation):
    """A door whose shapes are described by msgspec, which takes them apart, and not by the framework.

    For bodies that are read as bytes, because the exact text of what is in them was sealed; and for values of rows, of
    which the framework says that they are exactly one of integer and number, and 1 is both.
    """

    takes: ClassVar[Any] = None
    gives: ClassVar[Any] = None

    def __post_init__(self) -> None:
        """Put the shapes in their places."""
        if self.takes is not None:
            self.request_body = RequestBody(content=_json(self.takes), required=True)
        if self.gives is not None and self.responses is not None:
            answer = self.responses["200"]
            self.responses["200"] = OpenAPIResponse(description=answer.description or "", content=_json(self.gives))


@dataclass
class PushBody(Shaped):
    """Takes a PushRequest."""

    takes = PushRequest


@dataclass
class SyncBody(Shaped):
    """Takes a SyncRequest."""

    takes = SyncRequest


@dataclass
class ChunkBody(Operation):
    """Takes bytes."""

    def __post_init__(self) -> None:
        shape = OpenAPIMediaType(schema=Schema(content_media_type=BYTES))
        self.request_body = RequestBody(content={BYTES: shape}, required=True)


def _json(type_: Any) -> dict[str, OpenAPIMediaType]:
    """Give the JSON schema of a type, with those of its parts in their places."""
    (shape,), parts = msgspec.json.schema_components([type_])
    return {"application/json": OpenAPIMediaType(schema=cast(Schema, _resolved(shape, parts)))}


def _resolved(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _resolved(each, parts) for name, each in schema.items() if name != "title"}

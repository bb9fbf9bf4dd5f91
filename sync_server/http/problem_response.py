"""Errors as RFC 9457 problem details. The one place where a code becomes an HTTP status."""

import logging
from http import HTTPStatus

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException

from sync_server.contract.messages import ProblemDetails
from sync_server.contract.problems import CODES
from sync_server.errors import ContractMismatch, EnvironmentFailure, Refused, RetryLater, SessionExpired

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
BY_STATUS = {400: "bad_request", 401: "session_expired", 403: "not_allowed", 404: "not_found", 413: "too_large"}

SENTENCES = {
    400: "The request does not fit what this address takes.",
    404: "There is nothing at this address.",
    405: "This address takes no requests of this kind.",
    413: "The request is too large.",
    415: "This address takes JSON.",
}
"""What the framework refuses by itself is told in our words: its own quote the inside."""
OTHERWISE = "The request was refused."
HUNG_UP = "client disconnected prematurely"
"""Litestar 2.25 calls it a failure of the server when a connection ends inside a body. It is a basement."""


def answer_error(request: Request[object, object, object], error: Exception) -> Response[bytes]:  # type: ignore[type-var]
    """Turn any error into a problem. What is not expected is logged whole and answered with nothing of it.

    A RecursionError is a body that is nested too deep for msgspec, a UnicodeDecodeError one whose texts are none.
    """
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        code = BY_STATUS.get(error.status_code, "bad_request")
        return problem(code, SENTENCES.get(error.status_code, OTHERWISE), status=error.status_code)
    if isinstance(error, InternalServerException) and error.detail == HUNG_UP:
        return problem("bad_request", SENTENCES[400])
    if isinstance(error, RecursionError | UnicodeDecodeError):
        return problem("bad_request", SENTENCES[400])
    if isinstance(error, Refused) and error.code in CODES:
        return problem(error.code, error.sentence)
    if isinstance(error, SessionExpired):
        return problem("session_expired", error.sentence)
    if isinstance(error, ContractMismatch):
        return problem("contract_mismatch", error.sentence)
    if isinstance(error, RetryLater):
        return problem("busy", error.sentence, retry_after_s=error.retry_after_s)
    if isinstance(error, EnvironmentFailure):
        log.error("the administrator is needed: %s", error.sentence)
        return problem("busy", "The server cannot work just now.", retry_after_s=30)
    log.error("a request failed: %s", request.url.path, exc_info=error)
    return problem("internal", "The server made a mistake; it was noted.")


def problem(
    code: str, sentence: str, *, status: int | None = None, retry_after_s: int | None = None
) -> Response[bytes]:
    """Build the answer."""
    status = status or CODES[code]
    details = ProblemDetails(
        title=HTTPStatus(status).phrase, status=status, code=code, detail=sentence, retry_after_s=retry_after_s
    )
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else {}
    return Response(msgspec.json.encode(details), status_code=status, media_type=PROBLEM_JSON, headers=headers)

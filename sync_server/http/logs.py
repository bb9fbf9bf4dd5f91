"""The server's log: one JSON object a line on standard error, with fields from an allow-list and nothing else.

Never bodies, tokens, SQL values, coordinates or ink (trust.md §4). Of a foreign library only the template of its
message is kept, because its values may be anybody's; of an exception its type and where it was raised, because its
text may quote a value.
"""

import logging
import sys
import time
import traceback
from typing import TextIO

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.types import EventDict, Processor

ALLOWED = frozenset(
    {"at", "level", "logger", "event", "method", "path", "status", "milliseconds", "sent_bytes", "error", "raised_at"}
)
OUR_LOGGERS = "sync_server"
DEEPEST_FRAMES = 12
"""Frames of a traceback that are kept, the innermost ones."""

_requests = logging.getLogger("sync_server.http.requests")


def configure_logs(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Let everything that this process logs come out as JSON, from a level on; None: standard error."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(sorted(ALLOWED))],
        processors=[_name_error, _without_values, _only_allowed, structlog.processors.JSONRenderer(sort_keys=True)],
        use_get_message=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.error").setLevel(max(level, logging.WARNING))


def _name_error(_: object, __: str, event: EventDict) -> EventDict:
    """Put type and place of an exception in place of its text and its frames' values."""
    error = (event.get("exc_info") or (None, None))[1]
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-DEEPEST_FRAMES:]
        event["error"] = type(error).__qualname__
        event["raised_at"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _without_values(_: object, __: str, event: EventDict) -> EventDict:
    """Keep only the template of what a foreign library said."""
    record: logging.LogRecord | None = event.get("_record")
    if record is not None and record.name.partition(".")[0] != OUR_LOGGERS:
        event["event"] = str(record.msg)
    return event


def _only_allowed(_: object, __: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if name in ALLOWED}


class RequestLog:
    """Notes every request with method, path without its query, status, time and size of the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and note it when its answer has gone out or failed."""
        if scope["type"] == ScopeType.WEBSOCKET or not _requests.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        status, sent_bytes, started = 0, 0, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            took = round((time.perf_counter() - started) * 1000, 1)
            fields = {"method": scope["method"], "path": scope["path"], "status": status}
            _requests.info("request", extra={**fields, "milliseconds": took, "sent_bytes": sent_bytes})

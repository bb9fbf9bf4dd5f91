"""What may stand in the server's log, and what never does."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from sync_server.http.logs import configure_logs
from tests.support.kept_logs import kept_logs

SECRET = "secret-value"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with kept_logs():
        configure_logs(level=logging.INFO, stream=stream)
        yield stream


def only_line(log: io.StringIO) -> dict[str, object]:
    (line,) = log.getvalue().splitlines()
    said: dict[str, object] = json.loads(line)
    return said


def test_a_line_is_one_object_with_the_allowed_fields(log: io.StringIO) -> None:
    fields = {"method": "POST", "path": "/v1/push", "status": 200, "milliseconds": 1.5, "sent_bytes": 7}
    hidden = {"authorization": SECRET, "latitude": 1.0, "body": SECRET}
    logging.getLogger("sync_server.http.requests").info("request", extra=fields | hidden)
    said = only_line(log)
    assert said.pop("at")
    assert said == {"event": "request", "level": "info", "logger": "sync_server.http.requests", **fields}


@pytest.mark.expects_warnings
def test_an_exception_is_named_and_placed_but_not_quoted(log: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("sync_server.http").exception("a request failed")
    said = only_line(log)
    assert said["error"] == "ValueError"
    assert str(said["raised_at"]).endswith("test_an_exception_is_named_and_placed_but_not_quoted']")
    assert SECRET not in log.getvalue()


@pytest.mark.parametrize("name", ["psycopg.pool", "uvicorn.error", "litestar"])
def test_of_a_foreign_library_only_the_template_is_kept(log: io.StringIO, name: str) -> None:
    logging.getLogger(name).warning("could not do %s", SECRET)
    assert only_line(log)["event"] == "could not do %s"


@pytest.mark.expects_warnings
def test_our_own_sentences_keep_their_values(log: io.StringIO) -> None:
    logging.getLogger("sync_server.storage").warning("PostgreSQL %s is old", "15.1")
    assert only_line(log)["event"] == "PostgreSQL 15.1 is old"

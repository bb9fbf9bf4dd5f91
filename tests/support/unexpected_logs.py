"""Fails a test during which our own code logged a warning that nobody expected.

A pytest plugin, loaded by `tests/conftest.py`. A test that provokes warnings says so with
`@pytest.mark.expects_warnings` and asserts on them through `caplog`.
"""

import logging
from collections.abc import Generator

import pytest

from sync_server.storage.start_check import OLD_POSTGRES

WATCHED_LOGGERS = ("cmms_desktop", "sync_server")
RECORDS = pytest.StashKey[list[logging.LogRecord]]()


class Collector(logging.Handler):
    """Keeps every record of level WARNING or above."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg != OLD_POSTGRES:  # says something about this machine, not about the test
            self.records.append(record)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "expects_warnings: our own code may log warnings during this test")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    collector = Collector()
    item.stash[RECORDS] = collector.records
    for name in WATCHED_LOGGERS:
        logging.getLogger(name).addHandler(collector)
    try:
        return (yield)
    finally:
        for name in WATCHED_LOGGERS:
            logging.getLogger(name).removeHandler(collector)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge setup and the test itself together; a failure of the test's own comes first."""
    outcome = yield
    _judge(item)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[RECORDS].clear()
    outcome = yield
    _judge(item)
    return outcome


def _judge(item: pytest.Item) -> None:
    if item.get_closest_marker("expects_warnings") is not None:
        return
    said = [f"{each.levelname} {each.name}: {each.getMessage()}" for each in item.stash[RECORDS]]
    if said:
        pytest.fail("unexpected log records:\n" + "\n".join(said), pytrace=False)

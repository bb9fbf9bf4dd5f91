"""A process of the suite that dies makes the run fail, also where no test of it was under way.

A pytest plugin, loaded by `tests/conftest.py`. pytest-xdist itself counts the test in which a process died as failed;
that one died before its first or after its last test is only told, and a run without any test passed.
"""

from typing import Any

import pytest


class DeadWorkers:
    """Which processes died; asked in the process that hands out the tests."""

    def __init__(self) -> None:
        self._died: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        """Note it. `error` is None where a process ended in good order."""
        if error is not None:
            self._died.append(node.gateway.id)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Refuse a run that passed without all of its processes."""
        if self._died and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them."""
        if self._died:
            terminalreporter.write_line(
                f"{', '.join(self._died)} died while the tests ran: no result of this run counts.", red=True
            )


def pytest_configure(config: pytest.Config) -> None:
    """Watch over the processes, except in one of them."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(DeadWorkers())

"""The server's commands as they are typed, run in this process beside a server of tests."""

import io
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest

from sync_server.cli import main
from tests.support.kept_logs import kept_logs
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import Server

Run = Callable[..., tuple[int, str, str]]
"""Runs a command by its words: exit code, output, complaint."""


def commands_of(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Let commands work on the database of a server, until the test is over."""
    monkeypatch.setenv("CMMS_DATABASE_URL", server.owner_url)
    monkeypatch.setenv("CMMS_SECRET_KEY", urlsafe_b64encode(TEST_SECRET).decode().rstrip("="))
    monkeypatch.setenv("CMMS_DATA", str(server.blob_folder.parent))
    monkeypatch.setenv("CMMS_ALLOW_OLD_POSTGRES", "1")
    return commands_here(monkeypatch, capsys)


def commands_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run commands in this process, with the environment as it is."""

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with kept_logs():
            code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run

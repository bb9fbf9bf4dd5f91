"""The plugin that turns a warning of ours into a failure, run on a small test file of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = """
import logging, pytest

log = logging.getLogger("sync_server.storage.engine")

@pytest.fixture
def early(): log.warning("while setting up")

@pytest.fixture
def late():
    yield
    log.warning("while tearing down")

def test_a_warning(): log.warning("unexpected")
def test_an_error(): log.error("unexpected")
def test_the_desktop(): logging.getLogger("cmms_desktop.sync").warning("unexpected")
def test_news(): log.info("fine")
def test_a_library(): logging.getLogger("psycopg.pool").warning("theirs")
@pytest.mark.expects_warnings
def test_expected(): log.warning("expected")
def test_in_setup(early): pass
def test_in_teardown(late): pass
def test_quiet_after_loud_ones(): pass
"""
VERDICTS = {
    "test_a_warning": "FAILED",
    "test_an_error": "FAILED",
    "test_the_desktop": "FAILED",
    "test_news": "PASSED",
    "test_a_library": "PASSED",
    "test_expected": "PASSED",
    "test_in_setup": "FAILED",
    "test_in_teardown": "ERROR",
    "test_quiet_after_loud_ones": "PASSED",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The last verdict that pytest gave on each test of SOURCE."""
    folder = tmp_path_factory.mktemp("logs")
    (folder / "test_it.py").write_text(SOURCE)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    environment.pop("PYTEST_ADDOPTS", None)
    options = ["-v", "-p", "tests.support.unexpected_logs", "-p", "no:cacheprovider", f"--rootdir={folder}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return dict(re.findall(r"^test_it\.py::(\w+) .*?(PASSED|FAILED|ERROR)", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("name", VERDICTS)
def test_only_a_warning_of_ours_that_nobody_expected_fails(verdicts: dict[str, str], name: str) -> None:
    assert verdicts[name] == VERDICTS[name]

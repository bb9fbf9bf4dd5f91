"""Seconds since a start: the same start in every process of this computer, and nothing to compare over two."""

import subprocess
import sys

import pytest

from cmms_desktop import uptime as module
from cmms_desktop.uptime import Uptime, system_uptime


def test_two_looks_are_of_the_same_start_and_go_forward() -> None:
    first, second = system_uptime(), system_uptime()
    passed = second.since(first.start, first.seconds)
    assert passed is not None
    assert passed >= 0


def test_seconds_of_another_start_say_nothing() -> None:
    assert Uptime("tuesday", 5.0).since("monday", 1.0) is None


def test_seconds_never_go_back() -> None:
    assert Uptime("monday", 5.0).since("monday", 9.0) == 0.0


@pytest.mark.skipif(not module.BOOT_ID.exists(), reason="this system does not name the start of the computer")
def test_another_program_on_this_computer_counts_from_the_same_start() -> None:
    asking = "from cmms_desktop.uptime import system_uptime; print(system_uptime().start)"
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == system_uptime().start

"""Starting the client where something is missing: one sentence, exit code 2, and no window library is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmms_desktop.app.client import NO_DISPLAY, run_client
from cmms_desktop.app.display import has_display
from cmms_desktop.demo.command import NO_DISPLAY as NO_DISPLAY_FOR_DEMO
from tests.architecture.source_tree import ROOT

COMPLETE = {"CMMS_SERVER_URL": "https://cmms.example", "CMMS_ORGANIZATION": "north-works"}


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_display_is_looked_for_where_there_may_be_none(
    environment: dict[str, str], platform: str, expected: bool
) -> None:
    assert has_display(environment, platform=platform) is expected


def test_missing_settings_are_named_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_client({"CMMS_SERVER_URL": "https://cmms.example"}, home=tmp_path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip().endswith("CMMS_ORGANIZATION must be set.")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_the_client_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_client(COMPLETE, home=tmp_path) == 2
    assert capsys.readouterr().err.strip() == NO_DISPLAY


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--fresh"]])
def test_without_a_display_the_demonstration_names_the_way_that_needs_none(
    arguments: list[str], tmp_path: Path
) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cmms_desktop", *arguments],
        env={**environment, "XDG_DATA_HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = [line for line in answer.stderr.splitlines() if not line.startswith("import time:")]
    assert answer.returncode == 2
    assert said == [NO_DISPLAY_FOR_DEMO]
    assert "--headless" in NO_DISPLAY_FOR_DEMO
    assert answer.stdout == ""
    assert "PySide6" not in answer.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is made where nothing can be shown"


def test_an_unknown_word_is_a_wrong_call() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "cmms_desktop", "dance"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stderr.startswith("usage:")

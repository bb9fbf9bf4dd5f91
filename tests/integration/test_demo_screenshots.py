"""The pictures of every screen come from a played day: all scenes come about, and every picture shows something."""

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.qt_here import why_qt_is_missing

if reason := why_qt_is_missing():
    pytest.skip(reason, allow_module_level=True)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from cmms_desktop.app.camera import Look
from cmms_desktop.demo.screenshots import take_screenshots

SMALL = Look("dark", 800, 480)
SCENES = {
    *("my-day", "search", "arrive-no-fix", "arrive-outside", "arrive-inside", "checklist-missing"),
    *("order-parts-add", "sign-technician", "sign-customer-refuses", "sign-locked", "order-with-conflict"),
    *("inbox-conflict", "sync-offline", "my-day-offline", "settings", "about", "review-queue", "review-approve"),
    *("review-return", "sign-in"),
}


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that the unprivileged user who runs PostgreSQL for root may pass through."""
    with tempfile.TemporaryDirectory(prefix="cmms-pictures-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.slow
def test_every_scene_comes_about_and_is_photographed(
    root: Path, tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    with caplog.at_level(logging.ERROR):
        taken = take_screenshots(root / "world", tmp_path, tell=told.append, looks=(SMALL,))
    names = [path.stem.removesuffix("-dark-800").partition("-")[2] for path in taken]
    assert set(names) >= SCENES
    assert len(told) == 10
    for path in taken:
        picture = QImage(str(path))
        assert (picture.width(), picture.height()) == (800, 480), path.name
        assert len({picture.pixel(x, y) for x in range(0, 800, 7) for y in range(0, 480, 5)}) > 8, path.name

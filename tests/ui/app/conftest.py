"""An installation with a window, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cmms_desktop.app.desk import Desk
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from tests.support.set_clock import SetClock

if TYPE_CHECKING:  # need Qt, which may be missing
    from pytestqt.qtbot import QtBot

    from cmms_desktop.app.window import OpenWindow
    from tests.ui.app.front_doors import Network


@pytest.fixture
def network() -> Network:
    from tests.ui.app.front_doors import Network

    return Network()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def desk(tmp_path: Path, network: Network, clock: SetClock) -> Desk:
    from tests.ui.app.front_doors import URL

    settings = ClientSettings(tmp_path, URL, "north-works")
    return Desk(settings, MemoryStore(), profile=keys.CHEAPEST, network=network, clock=clock, uptime=clock.uptime)


@pytest.fixture
def opened(desk: Desk, qtbot: QtBot) -> Iterator[OpenWindow]:
    from cmms_desktop.app.window import OpenWindow
    from tests.ui.app.front_doors import page_of

    made = OpenWindow(desk.settings.data_folder)
    made.furnish(desk).show_sign_in()
    made.window.show()
    qtbot.waitUntil(lambda: page_of(made) is not None)
    yield made
    made.close()
    made.window.deleteLater()

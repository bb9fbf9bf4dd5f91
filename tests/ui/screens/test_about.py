"""About: what is installed, for whom and on which device, and every licence text in place."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.installed import installed
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.about.presenter import ASK
from cmms_desktop.ui.screens.about.view import AboutPage, LicenceRow
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from tests.ui.screens.office_news import bring
from tests.ui.stage import DEVICES, a_stage


@pytest.mark.smoke
def test_it_tells_version_device_organization_and_protocol(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        page = AboutPage(stage.context, Place.of("about"))
        qtbot.addWidget(page)
        page.show()
        page.start()
        facts = {name: value.text() for name, value in page._values.items()}
    assert facts["Version"] == installed().version
    assert DEVICES["technician"] in facts["Device"]
    assert facts["Organization"] == "demo-utilities"
    assert facts["Protocol"].startswith("1")


def test_a_licence_opens_in_place_and_closes_again(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        page = AboutPage(stage.context, Place.of("about"))
        qtbot.addWidget(page)
        page.show()
        page.start()
        QApplication.processEvents()
        row = page.licences.widget("Lucide, the icons")
        assert isinstance(row, LicenceRow)
        qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
        assert "Permission to use, copy, modify" in row.text.text()
        qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
        assert not row.text.isVisible()


def test_every_licence_has_its_text_and_every_library_its_version() -> None:
    found = installed()
    assert all(each.text for each in found.licences), [each.name for each in found.licences if not each.text]
    names = [each.name.casefold() for each in found.libraries]
    assert "pyside6-essentials" in [name.replace("_", "-") for name in names]
    assert "litestar" not in names, "the server's libraries are not the desktop's"
    assert all(each.version for each in found.libraries)


BRANDING = "0190c1f0-0000-7000-8000-0000000000b1"
AT = "2026-03-12T06:00:00.000000Z"


def branding(**values: Scalar) -> tuple[str, Row]:
    stamps: Row = {"id": BRANDING, "aggregate_id": BRANDING, "created_at": AT, "updated_at": AT, "version": 1}
    return "branding", completed(REGISTRY["branding"], {**stamps, "name": "North Utilities", **values})


def test_it_shows_what_the_organization_says_of_itself_as_soon_as_it_is_here(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        page = AboutPage(stage.context, Place.of("about"))
        qtbot.addWidget(page)
        page.show()
        page.start()
        assert page._values["Help"].text() == ASK
        assert not page.band.isVisible()
        bring(stage, branding(colour="#0F6CBD", help_text="<b>Call 112</b>"))
        qtbot.waitUntil(
            lambda: page._values["Organization"].text() == "North Utilities (demo-utilities)", timeout=60_000
        )
        assert page._values["Help"].text() == "<b>Call 112</b>"
        assert page._values["Help"].textFormat() is Qt.TextFormat.PlainText
        qtbot.waitUntil(lambda: page.band.grab().toImage().pixelColor(1, 1).name() == "#0f6cbd", timeout=60_000)
        bring(stage, branding(colour="url(javascript)", version=2))
        qtbot.waitUntil(lambda: not page.band.isVisible(), timeout=60_000)
        assert page._values["Help"].text() == ASK
        bring(stage, branding(deleted_at=AT, version=3))
        qtbot.waitUntil(lambda: page._values["Organization"].text() == "demo-utilities", timeout=60_000)

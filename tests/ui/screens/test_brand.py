"""What a profile lets the sign-in page and About look like; without one they are as they always were."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.about.view import AboutPage
from cmms_desktop.ui.screens.sign_in.presenter import FIRST_TIME
from cmms_desktop.ui.screens.sign_in.view import BY_PROFILE, FIXED
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.brand import BrandHead
from sync_server.contract.rules.profile import PLAIN, Branding
from tests.support.profiles import b64, png
from tests.ui.screens.test_sign_in import NotedDesk, open_page
from tests.ui.stage import a_stage

LOOKS = Branding(name="Nordwerke Service", colour="#0a5e70", dark_colour="#56bbcd", logo=b64(png(64, 32)))


def colour_of(head: BrandHead) -> QColor:
    picture = head.band.grab().toImage()
    return picture.pixelColor(picture.width() // 2, picture.height() // 2)


@pytest.mark.parametrize(("name", "colour"), [("light", "#0a5e70"), ("dark", "#56bbcd"), ("sunlight", "#0a5e70")])
def test_name_logo_and_the_colour_of_the_theme_are_shown(qtbot: QtBot, name: str, colour: str) -> None:
    page = open_page(qtbot, NotedDesk(branding=LOOKS, has_profile=True))
    theme().use(name=name)
    QApplication.processEvents()
    assert page.brand.name.text() == "Nordwerke Service"
    assert page.brand.logo.isVisible()
    assert colour_of(page.brand).name() == colour
    theme().use(name="light")


def test_without_branding_nothing_is_added(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk(branding=PLAIN))
    assert not page.brand.isVisible()


def test_a_logo_that_is_no_picture_is_not_shown(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk(branding=replace_logo(b"rubbish")))
    assert not page.brand.logo.isVisible()
    assert page.brand.name.isVisible()


def replace_logo(content: bytes) -> Branding:
    return Branding(name=LOOKS.name, logo=b64(content))


@pytest.mark.parametrize(("has_profile", "words"), [(True, BY_PROFILE), (False, FIXED)])
def test_where_organization_and_server_come_from_is_told(qtbot: QtBot, has_profile: bool, words: str) -> None:
    page = open_page(qtbot, NotedDesk(has_profile=has_profile))
    assert words in [each.text() for each in page._facts.findChildren(type(page._title))]


def test_the_way_to_a_profile_is_there_where_one_is_taken(qtbot: QtBot) -> None:
    desk = NotedDesk(takes_profiles=True, is_slow=True)
    page = open_page(qtbot, desk)
    qtbot.mouseClick(page.profile, Qt.MouseButton.LeftButton)
    assert desk.asked_for_profile == 1
    page._presenter.submit("technician", "secret")
    qtbot.mouseClick(page.profile, Qt.MouseButton.LeftButton)
    assert desk.asked_for_profile == 1, "nobody is sent away while he is let in"
    assert not open_page(qtbot, NotedDesk()).profile.isVisible()


def test_what_there_is_to_tell_stands_before_the_usual_words(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk((), notes=("One.", "Two.")))
    assert (page._notice._title.text(), page._notice._text.text()) == ("One. Two.", FIRST_TIME)


def test_about_wears_it_too_and_names_the_channel(qtbot: QtBot, tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        session = stage.context.session
        session.signed_in = replace(session.signed_in, branding=LOOKS, channel="early")
        page = AboutPage(stage.context, Place.of("about"))
        qtbot.addWidget(page)
        page.show()
        page.start()
        QApplication.processEvents()
        facts = {name: value.text() for name, value in page._values.items()}
    assert page.brand.name.text() == "Nordwerke Service"
    assert page.brand.isVisible()
    assert not page.band.isVisible(), "one colour is enough"
    assert facts["Updates"] == "Channel early"

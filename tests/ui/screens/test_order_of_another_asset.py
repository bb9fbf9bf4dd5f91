"""An order that names an asset of a site that the person may not enter: the id stays, and words stand for the card."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.text.order_words import NO_CARD, NO_CARD_OF
from cmms_desktop.ui.widgets.text import ElidedText
from tests.ui.screens.day_pages import facts, open_order
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage

FOREIGN = "00000000-0000-7000-8000-00000000aaaa"


def test_an_asset_of_another_site_is_said_in_words(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    page = open_order(qtbot, stage, order_id)
    bring(stage, edited(stage, "work_order", order_id, asset_id=FOREIGN))
    qtbot.waitUntil(lambda: any(NO_CARD in line.text() for line in page.findChildren(ElidedText)))
    assert facts(stage, order_id).asset_id == FOREIGN
    told = f"{NO_CARD_OF}. The rest of the order is."  # no sync brings it, so none is asked for
    qtbot.waitUntil(lambda: any(line.text() == told for line in page.findChildren(QLabel)))
    page.stop()

"""How the signing page looks and is named at every step."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands import sign_off
from cmms_desktop.ui.theme import theme
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.screens.signing_page import SMALL, WIDE, click, open_page, steps
from tests.ui.screens.signing_work import do_work
from tests.ui.stage import Stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    """An order whose work is done and waits for its signature."""
    do_work(stage, stage.order_ids[0])
    return stage.order_ids[0]


@pytest.mark.parametrize(
    ("size", "font", "name"), [(WIDE, "normal", "light"), (SMALL, "normal", "dark"), (SMALL, "largest", "sunlight")]
)
def test_every_step_can_be_touched_and_has_names(
    qtbot: QtBot, stage: Stage, order_id: str, size: tuple[int, int], font: str, name: str
) -> None:
    theme().use(name=name, font_setting=font)
    page = open_page(qtbot, stage, order_id, size=size)
    for step in steps(page, stage):
        QApplication.processEvents()
        for found in (small_targets(page), nameless(page), out_of_window(page)):
            assert [str(each) for each in found] == [], step


@pytest.mark.parametrize(("name", "least"), [("light", 4.5), ("dark", 4.5), ("sunlight", 7.0)])
def test_words_stand_out(qtbot: QtBot, stage: Stage, order_id: str, name: str, least: float) -> None:
    theme().use(name=name)
    page = open_page(qtbot, stage, order_id, size=SMALL)
    for step in steps(page, stage):
        QApplication.processEvents()
        if step in {"read", "refuse"}:
            assert [str(each) for each in unreadable(page, least=least)] == [], step


def test_back_goes_from_the_pad_to_the_record_on_a_small_window(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id, size=SMALL)
    assert page.sides.record.isVisible()
    assert not page.sides.panel.isVisible()
    click(qtbot, page.footer.primary)
    assert page.sides.panel.isVisible()
    assert page.step_back()
    assert page.sides.record.isVisible()
    assert not page.step_back()


def test_nothing_claims_a_document_that_is_not_made(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    for _ in steps(page, stage):
        words = " ".join(label.text() for label in page.findChildren(QLabel))
        assert "PDF" not in words


def test_a_follow_up_is_named_where_it_is_missing(stage: Stage) -> None:
    order_id = stage.order_ids[1]
    do_work(stage, order_id, failing=True)
    with stage.session.writing() as write:
        prepared = sign_off.prepare_performed(write, order_id, strokes=None)
    assert prepared.signable is None
    assert len([line for line in prepared.body.not_yet_included if "has not reached the office" in line]) == 1


def test_the_pad_has_a_name_for_who_cannot_see_it(qtbot: QtBot, stage: Stage, order_id: str) -> None:
    page = open_page(qtbot, stage, order_id)
    assert page.sides.panel.ink.pad.accessibleName() == "Signature"
    assert page.sides.customer.ink.pad.accessibleName() == "Signature of the customer"
    page.stop()

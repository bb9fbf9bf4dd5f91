"""The customer after the technician: he accepts by name and ink, refuses with a reason, or is not here."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_photo
from cmms_desktop.demo.picture import png
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.sign.view import SignPage
from tests.ui.screens.signing_page import (
    click,
    draw,
    is_signed_by,
    open_page,
    said,
    sign,
    signatures,
)
from tests.ui.screens.signing_work import do_work, order_of
from tests.ui.stage import PASSWORD, Stage, a_stage


@pytest.fixture
def order_id(stage: Stage) -> str:
    """An order whose work is done and waits for its signature."""
    do_work(stage, stage.order_ids[0])
    return stage.order_ids[0]


@pytest.fixture
def signed(qtbot: QtBot, stage: Stage, order_id: str) -> SignPage:
    """The technician has signed; the customer's turn."""
    page = open_page(qtbot, stage, order_id)
    draw(page.sides.panel.ink.pad)
    sign(qtbot, page)
    return page


def choose(qtbot: QtBot, page: SignPage, choice: str) -> None:
    click(qtbot, page.sides.customer.choices.button(choice))


@pytest.mark.smoke
def test_the_customer_accepts_with_name_and_ink_and_the_order_is_completed(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage
) -> None:
    assert signed.primary() is None
    choose(qtbot, signed, "accept")
    click(qtbot, signed.footer.primary)
    assert signed.sides.customer.name.error == "Write the name of the person who accepts."
    qtbot.keyClicks(signed.sides.customer.name.line, "Customer on site")
    click(qtbot, signed.footer.primary)
    assert signed.sides.customer.ink._frame.error == "Nothing was drawn. Sign inside the frame."
    draw(signed.sides.customer.ink.pad)
    click(qtbot, signed.footer.primary)
    performed, accepted = signatures(stage, order_id)
    assert (accepted["meaning"], accepted["signer_role"], accepted["signer_id"]) == (
        "accepted",
        "customer",
        stage.person_id,
    )
    assert is_signed_by(stage, "technician", accepted)
    assert said(accepted).previous == performed["body_sha256"]
    assert order_of(stage, order_id)["status"] == "completed"
    assert signed._state.step == "locked"
    assert [face.title for face in signed._state.signatures] == ["Performed, technician", "Customer accepted"]
    assert stage.session.notes() == {}
    click(qtbot, signed.footer.primary)
    assert stage.navigator.places[-1] == Place.of("my_day")


@pytest.mark.parametrize("reason", ["", "   ", "..."])
def test_a_refusal_without_a_reason_is_impossible(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage, reason: str
) -> None:
    choose(qtbot, signed, "refuse")
    qtbot.keyClicks(signed.sides.customer.name.line, "Customer on site")
    qtbot.keyClicks(signed.sides.customer.reason.area, reason)
    click(qtbot, signed.footer.primary)
    assert signed.sides.customer.reason.error == "Write down why the customer refuses the work."
    assert signatures(stage, order_id, "refused") == []
    assert order_of(stage, order_id)["status"] == "in_progress"


def test_the_customer_refuses_with_his_reason_and_the_order_goes_to_the_supervisor(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage
) -> None:
    choose(qtbot, signed, "refuse")
    click(qtbot, signed.sides.customer.reasons.button("Fault is still there"))
    qtbot.keyClicks(signed.sides.customer.name.line, "Customer on site")
    click(qtbot, signed.footer.primary)
    (row,) = signatures(stage, order_id, "refused")
    assert said(row).reason == "Fault is still there."
    assert order_of(stage, order_id)["status"] == "completed"
    assert signed._state.outcome == "Signed and locked. The customer refused the work"


def test_the_order_is_completed_without_a_customer_who_is_not_here_and_he_can_sign_later(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage
) -> None:
    choose(qtbot, signed, "absent")
    click(qtbot, signed.footer.primary)
    assert order_of(stage, order_id)["status"] == "completed"
    assert [row["meaning"] for row in signatures(stage, order_id)] == ["performed"]
    assert signed._state.step == "locked"
    click(qtbot, signed.footer.secondary)
    assert signed._state.step == "customer"
    assert not signed.sides.customer.choices.button("absent").isVisible()
    choose(qtbot, signed, "accept")
    qtbot.keyClicks(signed.sides.customer.name.line, "Customer on site")
    draw(signed.sides.customer.ink.pad)
    click(qtbot, signed.footer.primary)
    assert [row["meaning"] for row in signatures(stage, order_id)] == ["performed", "accepted"]
    assert signed._state.step == "locked"


def test_what_the_customer_entered_is_there_again_after_the_program_died(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage, tmp_path: Path
) -> None:
    choose(qtbot, signed, "accept")
    qtbot.keyClicks(signed.sides.customer.name.line, "Customer on site")
    draw(signed.sides.customer.ink.pad)
    drawn = signed.sides.customer.ink.pad.strokes()
    stage.replica.close()
    with a_stage(tmp_path / "first", fresh=False) as again:
        again.clock.now = stage.clock.now
        page = open_page(qtbot, again, order_id)
        assert page._state.choice == "accept"
        assert page.sides.customer.name.text() == "Customer on site"
        assert page.sides.customer.ink.pad.strokes() == drawn
        click(qtbot, page.footer.primary)
        assert page.sides.customer.secret.error == "Enter your password: you witness what the customer says."
        qtbot.keyClicks(page.sides.customer.secret.line, PASSWORD)
        qtbot.keyClick(page.sides.customer.secret.line, Qt.Key.Key_Return)
        assert [row["meaning"] for row in signatures(again, order_id)] == ["performed", "accepted"]
        page.stop()


def test_the_technician_proves_himself_again_after_a_while(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage
) -> None:
    stage.clock.advance(minutes=11)
    choose(qtbot, signed, "accept")
    assert signed.sides.customer.secret.isVisible()


def test_nothing_is_called_received_while_photos_or_refused_changes_are_left(
    qtbot: QtBot, stage: Stage, order_id: str, signed: SignPage
) -> None:
    choose(qtbot, signed, "absent")
    click(qtbot, signed.footer.primary)
    left = stage.replica.database
    with stage.session.writing() as write:
        add_photo(write, stage.session.blobs, order_id, content=png(), media_type="image/png")
    with left.writer() as handle:  # as a sync notes it: the text has arrived, but for one change
        handle.cursor.execute("UPDATE outbox SET state = 'acknowledged' WHERE aggregate_id = ?", (order_id,))
        handle.cursor.execute(
            "UPDATE outbox SET state = 'parked' WHERE n = (SELECT max(n) FROM outbox WHERE aggregate_id = ?)",
            (order_id,),
        )
    signed.presenter.refresh()
    assert signed.locked._next.text().splitlines()[:2] == [
        "1 photo is sent after the text.",
        "1 change was not accepted yet. Sync shows what can be done.",
    ]
    with left.writer() as handle:
        handle.cursor.execute("UPDATE outbox SET state = 'acknowledged'")
        handle.cursor.execute("UPDATE blob SET state = 'sent'")
    signed.presenter.refresh()
    assert signed.locked._next.text().splitlines()[0] == "Everything about this order has reached the server."

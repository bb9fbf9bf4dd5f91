"""The sync page says where everything is. What was refused: test_sync_refused.py."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.remarks import add_comment
from cmms_desktop.application.queries.sync_page import NoticeLine, sync_page
from cmms_desktop.replica.sync_state import Notice
from cmms_desktop.sync.status import Connection, SyncStatus, Trouble
from cmms_desktop.ui.screens.sync.list_words import trouble_lines
from cmms_desktop.ui.text.moments import Moments
from tests.ui.screens.office_news import bring, edited
from tests.ui.screens.sync_page import AT, a_cycle_ends, figures, open_page, press, refuse_an_answer
from tests.ui.stage import Stage

# ---- how far everything has come


def test_every_change_counts_in_the_lane_it_has_reached(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "First")
    page = open_page(qtbot, stage)
    assert figures(page) == ["1", "0", "0", "0"]
    a_cycle_ends(stage)
    assert figures(page) == ["0", "1", "0", "0"]
    bring(stage, edited(stage, "work_order", stage.order_ids[1], title="Anything"))
    assert figures(page) == ["0", "0", "1", "0"]
    stage.replica.remember(durable_seq=stage.session.state().pulled_seq)
    page._presenter.refresh()
    assert figures(page) == ["0", "0", "1", "1"]


@pytest.mark.parametrize(
    ("status", "words", "badge"),
    [
        (SyncStatus(connection=Connection.SENDING, sending=14, waiting=4), "10 of 14 sent", "Sending"),
        (SyncStatus(connection=Connection.SENDING, sending=14, waiting=0), "14 of 14 sent", "Text safe"),
        (SyncStatus(connection=Connection.OFFLINE, waiting=3), "3 changes wait for coverage", "Waiting"),
        (SyncStatus(connection=Connection.SIGN_IN, waiting=1), "1 change waits for a sign-in", "Waiting"),
        (SyncStatus(connection=Connection.ONLINE, waiting=0), "Everything sent", "Text safe"),
    ],
)
def test_the_lane_of_changes_says_how_things_stand(
    qtbot: QtBot, stage: Stage, status: SyncStatus, words: str, badge: str
) -> None:
    page = open_page(qtbot, stage)
    stage.conversation.say(status)
    assert page.changes._words.text() == words
    assert page.changes._badge is not None
    assert page.changes._badge is not None
    assert page.changes._badge.spec.text == badge


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (SyncStatus(connection=Connection.ONLINE, waiting=0, attention=1), "Everything else sent"),
        (SyncStatus(connection=Connection.SENDING, sending=14, waiting=0, attention=1), "14 of 14 answered"),
    ],
)
def test_nothing_is_called_safe_or_all_sent_while_a_change_is_refused(
    qtbot: QtBot, stage: Stage, status: SyncStatus, words: str
) -> None:
    refuse_an_answer(stage)
    page = open_page(qtbot, stage)
    stage.conversation.say(status)
    assert page.changes._words.text() == words
    assert page.changes._badge is not None
    assert page.changes._badge is not None
    assert page.changes._badge.spec.text == "Refused"
    assert page.figures._cells[0]._detail.text() == "1 refused, see below"


def test_a_local_save_is_never_called_sent(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "First")
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(connection=Connection.OFFLINE, waiting=1, last_sync_at=AT))
    assert page.figures._cells[0]._detail.text() == "saved, not sent yet"
    assert "sent" not in page.changes._words.text().casefold()


def test_waiting_changes_are_listed_in_words(qtbot: QtBot, stage: Stage) -> None:
    with stage.session.writing() as write:
        add_comment(write, stage.order_ids[0], "First")
    page = open_page(qtbot, stage)
    assert [row._text.text() for row in page.waiting.widgets()] == ["Comment on WO-0035"]
    a_cycle_ends(stage)
    assert not page._waiting.isVisible()


def test_the_last_troubles_are_told_in_words_with_their_times(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(troubles=(Trouble(AT, "The server is busy."),)))
    (row,) = page.troubles.widgets()
    assert (row._text.text(), row._time.text()) == ("The server is busy.", "06:58")


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (38, "The server was restored. 38 changes were sent again."),
        (1, "The server was restored. 1 change was sent again."),
        (0, "The server was restored. It had everything from this device."),
    ],
)
def test_a_restored_server_is_told_for_long(qtbot: QtBot, stage: Stage, count: int, sentence: str) -> None:
    stage.replica.remember(notices=(Notice(AT, "restored", count),))
    page = open_page(qtbot, stage)
    (row,) = page.troubles.widgets()
    assert (row._text.text(), row._time.text()) == (sentence, "06:58")
    stage.conversation.say(SyncStatus(troubles=(Trouble("2026-03-02T05:00:00.000000Z", "The server is busy."),)))
    assert len(page.troubles.widgets()) == 2


def told(stage: Stage, *notices: Notice, again: int = 0) -> list[str]:
    """Sentences of the notices, as the page lists them."""
    with stage.session.reading() as reading:
        page = replace(
            sync_page(reading), notices=tuple(NoticeLine(n.at, n.kind, n.count) for n in notices), again=again
        )
    return [line.text for line in trouble_lines(SyncStatus(), page, Moments(), stage.context.clock())]


def test_changes_of_a_restore_are_not_called_sent_while_something_newer_is_told(stage: Stage) -> None:
    older, restored, newer = (f"2026-03-0{day}T08:00:00.000000Z" for day in (3, 4, 5))
    notices = (Notice(newer, "healing", 3), Notice(restored, "restored", 38), Notice(older, "restored", 2))
    assert told(stage, *notices, again=38)[1:] == [
        "The server was restored. Sending 38 changes again.",
        "The server was restored. 2 changes were sent again.",
    ]
    assert told(stage, *notices)[1] == "The server was restored. 38 changes were sent again."
    again_restored = Notice(newer, "restored", 0)  # it lacks still what the one before had lost
    assert told(stage, again_restored, again=38) == ["The server was restored. Sending 38 changes again."]


@pytest.mark.parametrize(
    ("kind", "count", "sentence"),
    [
        (
            "healing",
            3,
            "This device had to fetch records again for the 3rd time within a day. Tell your administrator.",
        ),
        (
            "healing",
            12,
            "This device had to fetch records again for the 12th time within a day. Tell your administrator.",
        ),
        (
            "log_differs",
            812,
            "The server's record of what was done is not the one this device knows. Tell your administrator.",
        ),
        (
            "guarded",
            1,
            "The server would have removed 1 record at once. It is kept here; tell your administrator.",
        ),
        (
            "guarded",
            900,
            "The server would have removed 900 records at once. They are kept here; tell your administrator.",
        ),
    ],
)
def test_a_notice_says_how_often_and_how_many(stage: Stage, kind: str, count: int, sentence: str) -> None:
    assert told(stage, Notice(AT, kind, count)) == [sentence]


def test_a_notice_of_another_version_takes_no_line(qtbot: QtBot, stage: Stage) -> None:
    stage.replica.remember(notices=(Notice(AT, "of_a_newer_version", 7),))
    page = open_page(qtbot, stage)
    assert not page.troubles.widgets()
    assert not page._troubles.isVisible()


def test_what_is_not_there_is_not_shown(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    assert not page._attention_title.isVisible()
    assert not page._troubles.isVisible()
    assert not page.footer.secondary.isVisible(), "no photos, nothing to pause"


def test_the_buttons_reach_the_conversation(qtbot: QtBot, stage: Stage) -> None:
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, photos=2))
    press(qtbot, page.footer.secondary)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, photos=2, are_photos_paused=True))
    assert page.footer.secondary.text() == "Send photos"
    press(qtbot, page.footer.secondary)
    primary = page.primary()
    assert primary is not None
    press(qtbot, primary)
    assert stage.conversation.asked == ["pause True", "pause False", "sync"]


def test_photos_that_wait_for_an_unmetered_network_say_so_and_are_sent_by_one_press(qtbot: QtBot, stage: Stage) -> None:
    with stage.replica.write() as write:
        write.add_blob("ab" * 32, media_type="image/png", size_bytes=2_000_000)
    page = open_page(qtbot, stage)
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE, photos=1, are_photos_waiting_for_unmetered=True))
    assert "waiting for an unmetered network" in page.photos.bar.accessibleDescription()
    assert page.footer.secondary.text() == "Send now"
    press(qtbot, page.footer.secondary)
    assert stage.conversation.asked == ["photos now"]

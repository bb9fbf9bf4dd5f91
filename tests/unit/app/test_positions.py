"""Positions by the preferred receiver: a fix, or a sentence that says why there is none."""

import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmms_desktop.app.positions import ENDED, NO_RECEIVER, PreferredPositions
from cmms_desktop.application.preferences import Preferences
from cmms_desktop.application.session import NoPosition
from cmms_desktop.devices.positioning.nmea_source import NmeaSource
from cmms_desktop.devices.positioning.recording import nmea_sentences

NOW = datetime(2026, 3, 12, 7, 16, tzinfo=UTC)
GUARD_S = 60.0
SEARCH_S = 10 * GUARD_S
"""That a search may take: what ends before was ended by somebody."""


def positions(**values: object) -> PreferredPositions:
    preferences = Preferences(**values)  # type: ignore[arg-type] # a test names what it means
    return PreferredPositions(lambda: preferences, clock=lambda: NOW)


def test_a_recording_gives_a_position_that_is_marked_as_one(tmp_path: Path) -> None:
    path = tmp_path / "walk.nmea"
    path.write_bytes(b"".join(nmea_sentences(45.0, 7.0, started_at=NOW, seconds=5)))
    found = positions(positioning="nmea_file", nmea_file=str(path)).locate(within_s=5)
    assert (found.latitude, found.longitude, found.source) == (pytest.approx(45), pytest.approx(7), "nmea-file")
    assert found.is_mock
    assert found.accuracy_m is not None
    assert found.age_s >= 0


@pytest.mark.parametrize("values", [{}, {"positioning": "nmea_file"}, {"positioning": "network"}])
def test_without_a_receiver_the_sentence_names_the_settings(values: dict[str, object]) -> None:
    with pytest.raises(NoPosition) as refusal:
        positions(**values).locate(within_s=5)
    assert refusal.value.sentence == NO_RECEIVER


def test_a_receiver_that_cannot_be_reached_is_no_position(tmp_path: Path) -> None:
    with pytest.raises(NoPosition, match=r"gone\.nmea"):
        positions(positioning="nmea_file", nmea_file=str(tmp_path / "gone.nmea")).locate(within_s=5)


def test_a_recording_without_a_fix_says_why(tmp_path: Path) -> None:
    (tmp_path / "noise.nmea").write_bytes(b"no sentence at all\r\n" * 5)
    with pytest.raises(NoPosition, match="cannot be read"):
        positions(positioning="nmea_file", nmea_file=str(tmp_path / "noise.nmea")).locate(within_s=5)


def test_a_newer_question_ends_the_older_one() -> None:
    """Somebody closes the sheet and opens it again: the receiver is free for him."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        searched = positions(positioning="network", receiver_host="127.0.0.1", receiver_port=silent.getsockname()[1])
        said: list[str] = []

        def search() -> None:
            try:
                searched.locate(within_s=SEARCH_S)
            except NoPosition as refusal:
                said.append(refusal.sentence)

        first, second = (threading.Thread(target=search, daemon=True) for _ in range(2))
        first.start()
        with silent.accept()[0]:
            while not any(source._door.connections for source in tuple(searched._waiting)):  # type: ignore[attr-defined]
                first.join(0.01)
            second.start()
            first.join(GUARD_S)
            assert not first.is_alive()
            with silent.accept()[0]:
                assert second.is_alive()
                searched.close()
                second.join(GUARD_S)
    assert len(said) == 2


def test_a_search_that_was_ended_before_its_receiver_was_open_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newer question came while the older one was on its way to the receiver."""
    opened = NmeaSource.open
    with socket.create_server(("127.0.0.1", 0)) as silent:
        searched = positions(positioning="network", receiver_host="127.0.0.1", receiver_port=silent.getsockname()[1])

        def open_late(source: NmeaSource) -> None:
            searched.close()
            opened(source)

        monkeypatch.setattr(NmeaSource, "open", open_late)
        with pytest.raises(NoPosition) as refusal:
            searched.locate(within_s=GUARD_S)
    assert refusal.value.sentence == ENDED


def test_closing_ends_who_waits_and_whoever_comes_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        searched = positions(positioning="network", receiver_host="127.0.0.1", receiver_port=silent.getsockname()[1])
        said: list[str] = []

        def search() -> None:
            try:
                searched.locate(within_s=SEARCH_S)
            except NoPosition as refusal:
                said.append(refusal.sentence)

        thread = threading.Thread(target=search, daemon=True)
        thread.start()
        peer, _ = silent.accept()
        with peer:
            peer.sendall(b"$GP")
            while not any(source._door.connections for source in tuple(searched._waiting)):  # type: ignore[attr-defined]
                thread.join(0.01)
            searched.close()
            thread.join(GUARD_S)
    assert not thread.is_alive()
    assert len(said) == 1
    with pytest.raises(NoPosition) as refusal:
        searched.locate(within_s=GUARD_S)
    assert refusal.value.sentence == ENDED

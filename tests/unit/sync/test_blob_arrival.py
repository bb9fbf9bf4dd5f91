"""Photos of others: fetched after the text, byte for byte, bounded, and never in the way when they do not come."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.errors import ServerBusy, ServerUnreachable
from cmms_desktop.replica import arriving_blobs, blobs
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.sync import blob_transfer
from cmms_desktop.sync.blob_transfer import MOST_FILES, WRONG
from cmms_desktop.sync.engine import Report
from cmms_desktop.sync.pauses import FIRST_S, LONGEST_S
from sync_server.contract.messages import BLOB_CHUNK_BYTES
from sync_server.contract.rules.draft import Key
from tests.support.replicas import KEY, SCOPE, uid
from tests.unit.sync.wire import Wire, problem

PHOTO = b"\x89PNG\r\n\x1a\n" + b"pump" * 100
LARGE = bytes(range(256)) * (BLOB_CHUNK_BYTES // 128 + 1)
"""A little more than two chunks."""
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    made = Wire(tmp_path)
    made.field.add_order(1)
    yield made
    made.close()


def name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def others(wire: Wire, content: bytes, number: int = 2, *, order: int = 1, is_there: bool = True, **values: int) -> str:
    """Somebody else attaches a photo to an order; the device pulls the row."""
    sha256 = name_of(content)
    said = {"sha256": sha256, "media_type": "image/png", "size_bytes": len(content), **values}
    order_id = uid(order)
    wire.field.add("attachment", number, order_id, work_order_id=order_id, **said)
    if is_there:
        wire.files[sha256] = content
    wire.engine._pull(Report())
    wire.engine._fetch_scopes(Report())
    wire.new_asked()
    return sha256


def cut_after(
    content: bytes, *, is_silent: bool = False, status: int = 200
) -> Callable[[httpx.Request], httpx.Response]:
    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield content
            if not is_silent:
                raise httpx.ReadError("the connection broke off")

    return lambda request: httpx.Response(status, headers=BYTES, stream=Cut())


def state_of(wire: Wire, sha256: str) -> str | None:
    with wire.field.replica.read() as reading:
        found = reading.cursor.execute("SELECT state FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
    return found[0] if found else None


def test_a_photo_of_another_arrives_byte_for_byte_and_its_attachment_is_told(wire: Wire) -> None:
    sha256 = others(wire, PHOTO)
    told: list[frozenset[Key]] = []
    wire.field.replica.subscribe(told.append)
    report = wire.engine.sync()
    assert (report.blobs_received, wire.transfer.to_come, wire.new_asked()[-1]) == (1, 0, "blobs")
    assert wire.blobs.read(sha256) == PHOTO
    assert state_of(wire, sha256) == "received"
    assert [entity for keys in told for entity, _ in keys] == ["attachment"]
    assert wire.engine.sync().blobs_received == 0
    assert wire.new_asked() == ["pull"]


def test_what_is_not_at_the_server_yet_is_no_problem_and_asked_for_after_growing_pauses(wire: Wire) -> None:
    sha256 = others(wire, PHOTO, is_there=False)
    lengths = []
    for _ in range(8):
        assert wire.transfer.fetch_missing() == 0
        assert (wire.transfer.to_come, wire.transfer.problems, state_of(wire, sha256)) == (1, {}, None)
        began = wire.seconds
        while not (asked := wire.new_asked()) or wire.seconds == began:
            wire.seconds += 10
            wire.transfer.fetch_missing()
        assert asked == ["blobs"]
        lengths.append(wire.seconds - began)
    assert lengths[0] == FIRST_S
    assert lengths == sorted(lengths)
    assert lengths[-1] == LONGEST_S
    wire.files[sha256] = PHOTO
    wire.transfer.ask_again()
    assert wire.transfer.fetch_missing() == 1


def test_a_download_that_is_cut_goes_on_where_it_ended_and_asks_for_nothing_meanwhile(wire: Wire) -> None:
    sha256 = others(wire, LARGE)
    wire.once("blobs", cut_after(LARGE[:300_000]))
    with pytest.raises(ServerUnreachable):
        wire.transfer.fetch_missing()
    assert not wire.blobs.has(sha256)
    wire.new_asked()
    assert wire.transfer.fetch_missing() == 0
    assert (wire.new_asked(), wire.transfer.to_come, wire.transfer.has_more) == ([], 1, False)
    wire.seconds += FIRST_S
    wire.once("blobs", rest := Recorded(wire))
    assert wire.transfer.fetch_missing() == 1
    assert rest.asked == ["bytes=300000-"]
    assert wire.blobs.read(sha256) == LARGE


class Recorded:
    """The server's own answer, and the range that was asked for."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers.get("range", ""))
        return self._wire._blobs(request)


def test_an_answer_that_ends_well_too_early_is_a_cut(wire: Wire) -> None:
    sha256 = others(wire, PHOTO)
    wire.once("blobs", cut_after(PHOTO[:100], is_silent=True))
    with pytest.raises(ServerUnreachable):
        wire.transfer.fetch_missing()
    assert state_of(wire, sha256) is None
    wire.transfer.ask_again()
    assert wire.transfer.fetch_missing() == 1
    assert wire.blobs.read(sha256) == PHOTO


def test_a_server_that_gives_no_parts_begins_again(wire: Wire) -> None:
    sha256 = others(wire, LARGE)
    wire.gives_parts = False
    wire.once("blobs", cut_after(LARGE[:300_000]))
    with pytest.raises(ServerUnreachable):
        wire.transfer.fetch_missing()
    wire.transfer.ask_again()
    assert wire.transfer.fetch_missing() == 1
    assert wire.blobs.read(sha256) == LARGE


def test_a_part_of_another_place_is_not_taken(wire: Wire) -> None:
    others(wire, LARGE)
    wire.once("blobs", cut_after(LARGE[:300_000]), cut_after(LARGE[:10], is_silent=True, status=206))
    for _ in range(2):
        with pytest.raises(ServerUnreachable):
            wire.transfer.fetch_missing()
        wire.transfer.ask_again()
    assert wire.transfer.fetch_missing() == 1


@pytest.mark.parametrize("wrong", [PHOTO[:-1] + b"?", PHOTO + b"?", LARGE])
def test_wrong_or_too_many_bytes_are_dropped_and_said_and_keep_no_other_back(wire: Wire, wrong: bytes) -> None:
    sha256, sound = others(wire, PHOTO), others(wire, b"sound", 3)
    wire.files[sha256] = wrong
    assert wire.transfer.fetch_missing() == 1
    assert wire.transfer.problems == {sha256: WRONG}
    assert (wire.blobs.has(sha256), state_of(wire, sha256), state_of(wire, sound)) == (False, "missing", "received")
    assert wire.transfer.send_all() + wire.transfer.fetch_missing() == 0
    assert wire.transfer.problems == {sha256: WRONG}, "it is said as long as it is so"
    wire.files[sha256] = PHOTO
    wire.seconds += FIRST_S
    assert wire.transfer.fetch_missing() == 1
    assert (wire.transfer.problems, state_of(wire, sha256)) == ({}, "received")


def test_a_refused_photo_is_said_and_keeps_no_other_back(wire: Wire) -> None:
    others(wire, PHOTO)
    others(wire, b"sound", 3)
    wire.once("blobs", lambda request: problem("not_allowed", 403, detail="You may not see it."))
    assert wire.transfer.fetch_missing() == 1
    assert list(wire.transfer.problems.values()) == ["You may not see it."]


@pytest.mark.parametrize("kind", ["portal", "busy"])
def test_a_portal_or_a_busy_server_ends_the_round(wire: Wire, kind: str) -> None:
    others(wire, PHOTO)
    others(wire, b"other", 3)
    page = lambda request: httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"Sign in")  # noqa: E731
    busy = lambda request: problem("busy", 503, retry_after_s=9)  # noqa: E731
    wire.once("blobs", page if kind == "portal" else busy)
    with pytest.raises(ServerUnreachable if kind == "portal" else ServerBusy):
        wire.transfer.fetch_missing()
    assert wire.new_asked() == ["blobs"]


def test_a_session_that_is_over_is_renewed(wire: Wire) -> None:
    others(wire, PHOTO)
    wire.valid.clear()
    assert wire.transfer.fetch_missing() == 1
    assert wire.new_asked() == ["blobs", "refresh", "blobs"]


def test_paused_photos_are_counted_and_not_fetched(wire: Wire) -> None:
    others(wire, PHOTO)
    wire.transfer.may_go_on = lambda: False
    assert wire.transfer.fetch_missing() == 0
    assert (wire.transfer.to_come, wire.transfer.has_more, wire.new_asked()) == (1, False, [])


def test_a_large_file_makes_way_between_two_chunks_and_goes_on(wire: Wire) -> None:
    sha256 = others(wire, LARGE)
    answers = iter([True, False, False])
    wire.transfer.may_go_on = lambda: next(answers)
    assert wire.transfer.fetch_missing() == 0
    assert not wire.blobs.has(sha256)
    wire.transfer.may_go_on = lambda: True
    wire.once("blobs", rest := Recorded(wire))
    assert wire.transfer.fetch_missing() == 1
    assert int(rest.asked[0].removeprefix("bytes=").removesuffix("-")) >= BLOB_CHUNK_BYTES
    assert wire.blobs.read(sha256) == LARGE


def test_a_cycle_fetches_a_bounded_number_and_the_next_one_the_rest(wire: Wire) -> None:
    for number in range(MOST_FILES + 3):
        others(wire, b"photo %d" % number, 100 + number)
    assert wire.engine.sync().blobs_received == MOST_FILES
    assert (wire.transfer.to_come, wire.transfer.has_more) == (3, True)
    assert wire.engine.sync().blobs_received == 3
    assert (wire.transfer.to_come, wire.transfer.has_more) == (0, False)


def test_a_cycle_fetches_a_bounded_number_of_bytes(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_transfer, "MOST_BYTES", 12)
    for number in range(3):
        others(wire, b"photo %d" % number, 100 + number)
    assert wire.transfer.fetch_missing() == 2
    assert wire.transfer.has_more


def test_photos_that_do_not_come_keep_no_later_one_back(wire: Wire) -> None:
    for number in range(MOST_FILES):
        others(wire, b"absent %d" % number, 100 + number, is_there=False)
    late = others(wire, PHOTO, 200)
    found = sum(wire.transfer.fetch_missing() for _ in range(2))
    assert (found, wire.blobs.has(late), wire.transfer.to_come) == (1, True, MOST_FILES)


def test_open_orders_come_before_closed_ones_and_own_ones_before_others(wire: Wire) -> None:
    shared = "review:site"
    wire.server.allowed.append(shared)
    wire.field.add_order(2, status="closed")
    wire.field.add_order(3, scope=shared, status="completed")
    for number, order in enumerate((2, 3, 1)):
        others(wire, b"photo of %d" % order, 100 + number, order=order)
    found = arriving_blobs.wanted(wire.field.replica.database, person_id=SCOPE.removeprefix("user:"))
    assert [each.sha256 for each in found] == [name_of(b"photo of %d" % order) for order in (1, 3, 2)]


def test_a_full_disk_stops_the_round_with_a_sentence_and_not_the_cycle(
    wire: Wire,
) -> None:
    others(wire, PHOTO)
    others(wire, b"other", 3)
    (wire.folder / "blobs").write_bytes(b"no folder")
    assert wire.engine.sync().blobs_received == 0
    assert len(set(wire.transfer.problems.values())) == 1
    assert wire.new_asked().count("blobs") == 1


def test_a_name_that_is_no_digest_is_never_asked_for(wire: Wire) -> None:
    order_id = uid(1)
    said = {"sha256": "../" * 20 + "etc/", "media_type": "image/png", "size_bytes": 9}
    wire.field.add("attachment", 2, order_id, work_order_id=order_id, **said)
    assert wire.engine.sync().blobs_received == 0
    assert "blobs" not in wire.new_asked()


# ---- what nobody names any more


def test_photos_of_an_asset_come_with_those_of_open_orders(wire: Wire) -> None:
    asset_id, asset_photo = uid(600), name_of(b"photo of an asset")
    wire.server.join(SCOPE, asset_id, "asset")
    wire.field.add("asset", 600, asset_id, site_id=uid(700), code="P-1", name="Pump")
    said = {"asset_id": asset_id, "sha256": asset_photo, "media_type": "image/png", "size_bytes": 9}
    wire.field.add("attachment", 101, asset_id, **said)
    wire.field.add_order(2, status="closed")
    others(wire, b"photo of a closed order", 102, order=2)
    found = arriving_blobs.wanted(wire.field.replica.database, person_id=SCOPE.removeprefix("user:"))
    assert [each.sha256 for each in found] == [asset_photo, name_of(b"photo of a closed order")]


def test_files_of_an_order_that_left_are_gone_after_the_cycle_and_asked_for_when_it_comes_back(wire: Wire) -> None:
    sha256 = others(wire, PHOTO)
    wire.engine.sync()
    order_id = uid(1)
    wire.server.leave(SCOPE, order_id)
    wire.engine.sync()
    assert (wire.blobs.has(sha256), state_of(wire, sha256)) == (False, None)
    wire.server.join(SCOPE, order_id, "work_order")
    assert wire.engine.sync().blobs_received == 1


def test_own_files_of_an_order_that_left_stay_while_the_outbox_keeps_their_mutation(wire: Wire) -> None:
    wire.engine.sync()
    order_id = uid(1)
    with wire.field.replica.write() as write:
        sha256 = remarks.add_photo(write, wire.blobs, order_id, content=PHOTO, media_type="image/png")
    assert wire.engine.sync().blobs_sent == 1
    wire.server.leave(SCOPE, order_id)
    wire.engine.sync()
    fresh = BlobFolder(wire.folder / "blobs", KEY)
    wire.transfer._folder = fresh  # as after a restart
    wire.transfer.clear()
    assert fresh.read(sha256) == PHOTO
    with wire.field.replica.database.writer() as handle:
        handle.cursor.execute("DELETE FROM outbox_done")
    wire.transfer.clear()
    assert (fresh.has(sha256), state_of(wire, sha256)) == (False, None)


def test_a_file_that_is_to_be_named_or_sent_is_never_deleted(wire: Wire) -> None:
    wire.engine.sync()
    promised = wire.blobs.keep(b"kept, not named yet")
    waiting = wire.blobs.keep(b"waits")
    with wire.field.replica.write() as write:
        write.add_blob(waiting, media_type="image/png", size_bytes=5)
    wire.transfer.clear()
    assert wire.blobs.has(promised)
    assert wire.blobs.has(waiting)
    assert [sha256 for sha256, _ in blobs.to_send(wire.field.replica.database)] == [waiting]


def test_what_a_crash_left_in_the_folder_is_gone_after_the_next_cycle(wire: Wire) -> None:
    folder = wire.folder / "blobs"
    folder.mkdir()
    (folder / ("a" * 64)).write_bytes(b"never named")
    (folder / f"{'b' * 64}.1234.partial").write_bytes(b"half")
    wire.engine.sync()
    assert list(folder.iterdir()) == []


def test_a_file_that_was_lost_from_the_disk_is_fetched_again_and_told(wire: Wire) -> None:
    sha256 = others(wire, PHOTO)
    wire.engine.sync()
    (wire.folder / "blobs" / sha256).unlink()
    told: list[frozenset[Key]] = []
    wire.field.replica.subscribe(told.append)
    assert wire.engine.sync().blobs_received == 1
    assert wire.blobs.read(sha256) == PHOTO
    assert len(told) == 2, "that it is gone, and that it is here"


def test_adding_a_photo_that_came_from_the_server_sends_it_all_the_same(wire: Wire) -> None:
    sha256 = others(wire, PHOTO)
    wire.engine.sync()
    with wire.field.replica.write() as write:
        write.add_blob(wire.blobs.keep(PHOTO), media_type="image/png", size_bytes=len(PHOTO))
    assert state_of(wire, sha256) == "to_send"


def test_a_folder_that_cannot_be_read_deletes_nothing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = others(wire, PHOTO)
    wire.engine.sync()

    def refuse() -> frozenset[str]:
        raise PermissionError

    monkeypatch.setattr(wire.blobs, "names", refuse)
    wire.transfer.clear()
    assert state_of(wire, sha256) == "received"

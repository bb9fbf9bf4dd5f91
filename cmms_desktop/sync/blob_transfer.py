"""Bytes of photos, after the text: resumable by offset, one chunk at a time, never in the way of rows.

What this device made goes first; then what others made comes, a part of it in each cycle.
"""

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Final, Protocol, TypeVar

from cmms_desktop.errors import Refused, ReplicaUnavailable, ServerBusy, ServerUnreachable
from cmms_desktop.replica import arriving_blobs, blobs
from cmms_desktop.replica.arriving_blobs import WantedBlob
from cmms_desktop.replica.blobs import BlobFolder, BlobMissing
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.pauses import Pauses
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import BLOB_CHUNK_BYTES

Answer = TypeVar("Answer")

MOST_FILES: Final = 20
"""Files that are asked for in one cycle; more of them begin the next one."""
MOST_BYTES: Final = 32 << 20
"""Bytes that arrive in one cycle, not counting the end of the file that reaches it."""
SMALL_CHUNK_BYTES: Final = 1 << 16
"""Of a chunk on a line that did not carry a whole one in the time that a request may take."""
WRONG: Final = "A photo did not arrive as it was sent. It is asked for again."
THE_LINE: Final = ""
"""Under this name the pauses keep a line that breaks off while files arrive, whichever file it is."""


class _BrokenOff(Exception):  # noqa: N818 - no failure: text is due
    """Ends an arrival between two pieces; what is here goes on in the next round."""


class _Wrong(Exception):  # noqa: N818 - said as a sentence, not raised further
    """What arrives is not the file that was asked for."""


class Session(Protocol):
    """Makes requests in somebody's name."""

    def run(self, request: Callable[[], Answer]) -> Answer:
        """Make a request. Raises SessionExpired."""
        ...


def always() -> bool:
    """Never in the way."""
    return True


def nothing() -> None:
    """Nobody listens."""


class BlobTransfer:
    """Sends what the replica's list of blobs names, and fetches what its attachments name."""

    def __init__(
        self,
        replica: Replica,
        folder: BlobFolder,
        transport: Transport,
        session: Session,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put the parts together. `seconds`: a clock that is never set back."""
        self._replica = replica
        self._folder = folder
        self._transport = transport
        self._session = session
        self.problems: dict[str, str] = {}
        """Digest → sentence of the files that could not be sent or cannot be fetched; they stay in the list.

        One that is refused, or whose file is gone, never keeps the others back.
        """
        self.may_go_on: Callable[[], bool] = always
        """Asked before every file and between chunks; False ends the round, which the next one takes up again."""
        self.is_under_way = False
        """Whether a file is travelling now."""
        self.arrived_bytes = 0
        """What the server has of it while it is sent; 0 otherwise."""
        self.to_come = 0
        """Files of others that had not arrived after the last round."""
        self.has_more = False
        """Whether the last round ended at its bounds: the next one fetches more at once."""
        self._sends_little = False
        """A chunk did not get through: they are small until somebody asks, or the network is another one."""
        self._pauses = Pauses(seconds)
        self._begun: tuple[str, bytearray] | None = None
        """The file whose arrival was broken off, and what is here of it."""

    def clear(self) -> None:
        """Delete the files of aggregates that left, and notice files that were lost."""
        for sha256 in arriving_blobs.clear(self._replica.database, self._folder):
            self._replica.tell_of_blob(sha256)

    def ask_again(self) -> None:
        """Ask in the next round for what did not come, too, and send as on a good line; any thread may call this."""
        self._sends_little = False
        self._pauses.end()

    def send_all(self, told: Callable[[], None] = nothing) -> int:
        """Send every waiting blob, telling when one begins and after each chunk; give how many are complete now."""
        self.problems = {}
        complete = 0
        for sha256, size_bytes in blobs.to_send(self._replica.database):
            if not self.may_go_on():
                break
            try:
                is_complete = self._send(sha256, size_bytes, told)
            except (Refused, BlobMissing) as problem:
                self.problems[sha256] = problem.sentence
                continue
            finally:
                self.is_under_way, self.arrived_bytes = False, 0
            if is_complete:
                blobs.note_sent(self._replica.database, sha256)
                self._replica.tell_of_blob(sha256)
                complete += 1
                told()
        return complete

    def _send(self, sha256: str, size_bytes: int, told: Callable[[], None]) -> bool:
        """Send one file; False: it was broken off between two chunks."""
        content = self._folder.read(sha256)
        at = self._session.run(lambda: self._transport.blob_offset(sha256))
        self.is_under_way, self.arrived_bytes = True, at
        told()
        while at < size_bytes:
            before, at = at, self._session.run(partial(self._send_chunk, sha256, content, at))
            if at <= before:
                raise Refused("invalid_value", "The server does not take this file. It is tried again later.")
            self.arrived_bytes = at
            if at < size_bytes:
                told()
                if not self.may_go_on():
                    return False
        return True

    def _send_chunk(self, sha256: str, content: bytes, at: int) -> int:
        chunk = content[at : at + (SMALL_CHUNK_BYTES if self._sends_little else BLOB_CHUNK_BYTES)]
        try:
            return self._transport.send_chunk(sha256, at=at, size=len(content), chunk=chunk)
        except ServerUnreachable:
            self._sends_little = True
            raise

    # ---- what others made

    def fetch_missing(self, told: Callable[[], None] = nothing) -> int:
        """Fetch files that this device lacks, as many as one cycle may; give how many are here now.

        A file that is not at the server yet, or comes wrong, is asked for again after a pause that grows.

        Raises:
            ServerUnreachable, ServerBusy: the line broke off. Cycles that follow soon ask for no file.
        """
        wanted = arriving_blobs.wanted(self._replica.database, person_id=self._replica.state().person_id)
        self.to_come = sum(not blob.is_missing for blob in wanted)
        self._keep_sentences(wanted)
        due = [blob for blob in wanted if not self._pauses.holds(blob.sha256)]
        complete, arrived_bytes = 0, 0
        for blob in due[:MOST_FILES]:
            if arrived_bytes >= MOST_BYTES or self._pauses.holds(THE_LINE) or not self.may_go_on():
                break
            if self._try(blob, told):
                complete, arrived_bytes = complete + 1, arrived_bytes + blob.size_bytes
                self.to_come -= not blob.is_missing
                told()
        is_bounded = len(due) > MOST_FILES or arrived_bytes >= MOST_BYTES
        self.has_more = is_bounded and not self._pauses.holds(THE_LINE) and self.may_go_on()
        return complete

    def _keep_sentences(self, wanted: list[WantedBlob]) -> None:
        """Go on saying what is wrong with files that are not asked for now; forget files that nobody wants any more."""
        names = {blob.sha256 for blob in wanted}
        self._pauses.keep_only({*names, THE_LINE})
        self.problems |= self._pauses.sentences
        if self._begun is not None and self._begun[0] not in names:
            self._begun = None

    def _try(self, blob: WantedBlob, told: Callable[[], None]) -> bool:
        """Fetch one file; what is wrong with it alone begins a pause of its own."""
        try:
            self._fetch(blob, told)
        except _BrokenOff:
            return False
        except _Wrong:
            self._put_off(blob, WRONG)
            return False
        except Refused as refusal:
            self._put_off(blob, None if refusal.code == "not_found" else refusal.sentence)
            return False
        except ReplicaUnavailable as no_room:
            self._pauses.begin(THE_LINE, no_room.sentence)
            self.problems[blob.sha256] = no_room.sentence
            return False
        except (ServerUnreachable, ServerBusy):
            self._pauses.begin(THE_LINE)
            raise
        finally:
            self.is_under_way = False
        self._pauses.forget(THE_LINE, blob.sha256)
        self.problems.pop(blob.sha256, None)
        self._replica.note_arrival(blob, is_usable=True)
        return True

    def _put_off(self, blob: WantedBlob, sentence: str | None) -> None:
        """Ask for a file later. Without a sentence it is only not at the server yet."""
        self._begun = None
        self._pauses.begin(blob.sha256, sentence)
        if sentence is not None:
            self.problems[blob.sha256] = sentence
            self._replica.note_arrival(blob, is_usable=False)

    def _fetch(self, blob: WantedBlob, told: Callable[[], None]) -> None:
        """Fetch the rest of one file, look whether it is the right one, and keep it."""
        if self._begun is None or self._begun[0] != blob.sha256:
            self._begun = blob.sha256, bytearray()
        content = self._begun[1]
        self.is_under_way = True
        told()
        self._session.run(partial(self._read, blob, content, told))
        if self._folder.receive(blob.sha256, content):
            self._begun = None
        elif len(content) < blob.size_bytes:
            raise ServerUnreachable  # somebody on the way ended the answer well; the rest is asked for next time
        else:
            raise _Wrong

    def _read(self, blob: WantedBlob, content: bytearray, told: Callable[[], None]) -> None:
        with closing(self._transport.fetch_blob(blob.sha256, at=len(content))) as pieces:
            for place, piece in pieces:
                before = len(content) // BLOB_CHUNK_BYTES
                del content[place:]
                content += piece
                if len(content) > blob.size_bytes:
                    raise _Wrong
                if before != len(content) // BLOB_CHUNK_BYTES and len(content) < blob.size_bytes:
                    told()
                    if not self.may_go_on():
                        raise _BrokenOff

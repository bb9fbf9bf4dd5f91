"""Bytes of photos, after the text: resumable by offset, one chunk at a time, never in the way of rows."""

from collections.abc import Callable
from functools import partial

from cmms_desktop.errors import Refused
from cmms_desktop.replica import blobs
from cmms_desktop.replica.blobs import BlobFolder, BlobMissing
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import BLOB_CHUNK_BYTES


def always() -> bool:
    """Never in the way."""
    return True


def nothing() -> None:
    """Nobody listens."""


class BlobTransfer:
    """Sends what the replica's list of blobs names."""

    def __init__(self, replica: Replica, folder: BlobFolder, transport: Transport, session: SessionKeeper) -> None:
        """Put the parts together."""
        self._replica = replica
        self._folder = folder
        self._transport = transport
        self._session = session
        self.problems: dict[str, str] = {}
        """Digest → sentence of the uploads that could not be sent in the last round; they stay in the list.

        One that is refused, or whose file is gone, never keeps the others back.
        """
        self.may_go_on: Callable[[], bool] = always
        """Asked before every file and between chunks; False ends the round, which the next one takes up again."""
        self.is_under_way = False
        """Whether a file is travelling now."""
        self.arrived_bytes = 0
        """What the server has of it; 0 between files."""

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
        chunk = content[at : at + BLOB_CHUNK_BYTES]
        return self._transport.send_chunk(sha256, at=at, size=len(content), chunk=chunk)

"""Bytes of photos, after the text: resumable by offset, one chunk at a time, never in the way of rows."""

from cmms_desktop.errors import Refused
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import BLOB_CHUNK_BYTES


class BlobTransfer:
    """Sends what the replica's list of blobs names."""

    def __init__(self, replica: Replica, blobs: BlobFolder, transport: Transport, session: SessionKeeper) -> None:
        """Put the parts together."""
        self._replica = replica
        self._blobs = blobs
        self._transport = transport
        self._session = session

    def send_all(self) -> int:
        """Send every waiting blob; give how many are complete now. A refused one stays in the list, with its reason."""
        complete = 0
        for sha256, size_bytes in self._replica.blobs_to_send():
            try:
                self._send(sha256, size_bytes)
            except Refused as refusal:
                self._replica.note_blob(sha256, state="to_send", problem=refusal.sentence)
                continue
            self._replica.note_blob(sha256, state="sent", problem=None)
            complete += 1
        return complete

    def _send(self, sha256: str, size_bytes: int) -> None:
        at = self._session.run(lambda: self._transport.blob_offset(sha256))
        while at < size_bytes:
            chunk = self._blobs.read(sha256, at=at, size_bytes=BLOB_CHUNK_BYTES)
            at = self._session.run(
                lambda at=at, chunk=chunk: self._transport.send_chunk(sha256, at=at, size=size_bytes, chunk=chunk)
            )

"""A workplace: one signed-in person with his replica and his conversation with the server."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from cmms_desktop.application.commands.sign_off import Hand
from cmms_desktop.application.rescue import Work
from cmms_desktop.credentials.identity import UnlockedIdentity
from cmms_desktop.replica.blobs import BlobFolder
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.blob_transfer import BlobTransfer
from cmms_desktop.sync.engine import Engine
from cmms_desktop.sync.lease_keeper import LeaseKeeper
from cmms_desktop.sync.session_keeper import SessionKeeper
from cmms_desktop.sync.transport import Transport


@dataclass(slots=True)
class Workplace:
    """A signed-in person with everything that his day needs. Close it to close the store."""

    identity: UnlockedIdentity
    replica: Replica
    engine: Engine
    blobs: BlobFolder
    transport: Transport
    transfer: BlobTransfer
    session: SessionKeeper
    lease: LeaseKeeper
    work: Work

    @property
    def hand(self) -> Hand:
        """His signing hand: usable on this workplace and on another person's on the same installation."""
        signer = self.identity.device_signer
        return Hand(
            organization_id=self.replica.state().organization_id,
            person_id=self.identity.person.person_id,
            device_id=signer.device_id,
            sign=signer.sign_text,
        )

    def close(self) -> None:
        """Close the connection and the store."""
        self.transport.close()
        self.replica.close()

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close at the end."""
        self.close()

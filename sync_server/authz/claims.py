"""Who a request says it speaks for, until the transaction that does its work has looked at the device.

So no transaction is needed only to know who calls. A claim never lets anybody through: `proven` does, and whoever reads
or writes for a claim asks it first.
"""

from dataclasses import dataclass

from sync_server.authz.tokens import Access, check_proof
from sync_server.authz.visibility import Caller
from sync_server.errors import Refused, SessionExpired
from sync_server.storage.devices import NOT_ENROLLED, Device

REVOKED = "This device was revoked. It hands its work in by itself."
"""What a device hears that counts no more, also when its person was dismissed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A valid token of ours with what came beside it; the proof is not looked at, and the device may be revoked."""

    organization_id: str
    person_id: str
    device_id: str
    token: str
    proof: str

    @classmethod
    def of(cls, access: Access, *, token: str, proof: str) -> "Claim":
        """Put together what a request brought."""
        return cls(access.organization_id, access.person_id, access.device_id, token, proof)


Asker = Claim | Caller
"""Whoever asks; a Caller was proven before."""


def proven(asker: Asker, device: Device | None) -> Caller:
    """Give the caller whom a claim speaks for, once his device was read.

    Raises:
        SessionExpired: There is no such device (None).
        Refused: It is revoked, another person's, or did not prove itself.
    """
    if isinstance(asker, Caller):
        return asker
    if device is None:
        raise SessionExpired(NOT_ENROLLED)
    if device.is_revoked or device.person_id != asker.person_id:
        raise Refused("device_revoked", REVOKED)
    check_proof(asker.token, asker.proof, device.public_key)
    return Caller(asker.organization_id, asker.person_id, asker.device_id, is_awaited=device.is_awaited)

"""What the organization tells this device to do: whether it is genuine, carrying it out, and saying that it was done.

A command counts when the server's key signed it for this device and for the number that this device has just sent: an
old answer, one to another device, or one that anybody else made does nothing. What is destroyed, `Leaving` destroys.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import msgspec

from cmms_desktop.credentials.device_key import DeviceSigner, proves
from cmms_desktop.errors import EnvironmentFailure, Recalled, Refused
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.handing_in import hand_in
from cmms_desktop.sync.transport import Transport
from sync_server.contract.standing import (
    LOCK,
    VERIFY,
    WIPE,
    WIPE_NOW,
    DeviceCommand,
    Receipt,
    StandingRequest,
    WipeReport,
    command_input,
    standing_input,
    wipe_input,
)

LOCKED: Final = "Your organization has locked this device. Unlock it with your password; your work is kept."
WIPED: Final = "Your organization has taken this device back, and everything on it was removed."
NO_KEY: Final = (
    "Your organization takes this device back, but has no recovery key yet, so {} cannot be handed in. "
    "Tell your administrator; until there is one nothing is removed, unless the device is reported stolen."
)


class Leaving(Protocol):
    """What a device does when it is taken back, put together by the composition root."""

    def sealed_file(self, recovery_key: str) -> tuple[Path, int]:
        """Give everything that is not sent as one sealed file, and how many changes are in it; again the same."""
        ...

    def keep_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt where no wipe reaches it."""
        ...

    def destroy(self, report: WipeReport, sentence: str) -> None:
        """Destroy the keys, durably, and remember what is left to be done."""
        ...


class Obedience:
    """The commands of one device. Used by the sync thread alone."""

    def __init__(self, replica: Replica, transport: Transport, signer: DeviceSigner, leaving: Leaving | None) -> None:
        """`leaving` None: whoever runs this cannot be wiped, as in a benchmark."""
        self._replica, self._transport, self._signer, self._leaving = replica, transport, signer, leaving
        self._due: dict[str, DeviceCommand] = {}

    def hear(self, commands: Iterable[DeviceCommand], *, nonce: str | None) -> None:
        """Take commands that count."""
        key = self._replica.state().server_key
        for each in commands if nonce and key else ():
            with suppress(ValueError):
                message = command_input(
                    self._signer.device_id,
                    nonce=nonce or "",
                    command_id=each.id,
                    kind=each.kind,
                    recovery=each.recovery_public_key,
                )
                if proves(key or "", each.sig, message):
                    self._due[each.id] = each

    def welcomed(self, commands: Collection[DeviceCommand], *, nonce: str | None) -> None:
        """The server serves this device, and has said with that what it wants of it.

        When it does not take it back any more, such as one that was restored to a time before it did, work goes on.
        """
        self.hear(commands, nonce=nonce)
        is_taken_back = any(each.kind in {WIPE, WIPE_NOW} for each in commands)
        if nonce and not is_taken_back and self._replica.state().retired_at is not None:
            self._replica.remember(retired_at=None, handing_in=None)

    def ask_standing(self) -> bool:
        """Ask how this device stands when it was refused; tell whether the organization wants anything of it.

        Nothing but a genuine command counts as an answer: a stranger who refuses everything closes no device.
        """
        state, nonce = self._replica.state(), secrets.token_urlsafe(16)
        if not state.organization_id or state.server_key is None:
            return False
        sig = self._signer.sign_text(standing_input(state.organization_id, self._signer.device_id, nonce))
        request = StandingRequest(
            organization_id=state.organization_id, device_id=self._signer.device_id, nonce=nonce, sig=sig
        )
        try:
            answer = self._transport.standing(request)
        except (EnvironmentFailure, Refused):  # such as a server from before there was such a question
            return False
        self.hear(answer.commands, nonce=nonce)
        return bool(self._due)

    def confirmed(self, command_ids: Iterable[str]) -> None:
        """The server has heard that these were carried out."""
        left = tuple(each for each in self._replica.state().confirmations if each not in set(command_ids))
        self._replica.remember(confirmations=left)

    def obey(self, *, verify: Callable[[], None], send_all: Callable[[], None], told: Callable[[], None]) -> None:
        """Carry out what is due. Raises Recalled when this device is closed by it.

        Args:
            verify: Lets everything be compared.
            send_all: Sends what can still be sent in the ordinary way.
            told: Called between two steps of something that takes long.

        Raises:
            Recalled: locked, or wiped.
            ServerUnreachable: nothing could be handed in; this goes on later.
            Refused: so, because there is no key to seal to, or the server does not take it.
        """
        due, self._due = self._due, {}
        kinds = {each.kind: each for each in due.values()}
        if VERIFY in kinds:
            verify()
            self._confirm(kinds[VERIFY])
        if WIPE_NOW in kinds:
            self._wipe(kinds[WIPE_NOW], handed_in=0)
        if WIPE in kinds:
            self._replica.remember(retired_at=self._replica.now())
            send_all()
            self._wipe(kinds[WIPE], handed_in=self._handed_in(kinds[WIPE], told))
        if LOCK in kinds:
            self._confirm(kinds[LOCK])
            raise Recalled(LOCK, LOCKED)

    def _confirm(self, command: DeviceCommand) -> None:
        self._replica.remember(confirmations=(*self._replica.state().confirmations, command.id))

    def _handed_in(self, command: DeviceCommand, told: Callable[[], None]) -> int:
        """Hand in what is nowhere but here; give how many changes that were.

        Some of a file that was made in an earlier cycle may have gone in the ordinary way since: they count as sent.
        """
        unsent = self._replica.outbox.unsent()
        if self._leaving is None or (not unsent and not self._replica.backlog().photos):
            return 0
        if command.recovery_public_key is None:
            raise Refused("recovery_key_missing", NO_KEY.format(_changes(unsent)))
        path, changes = self._leaving.sealed_file(command.recovery_public_key)
        state = self._replica.state()
        receipt = hand_in(self._transport, self._signer, state, path=path, changes=changes, told=told)
        self._leaving.keep_receipt(receipt)
        return min(receipt.changes, unsent)

    def _wipe(self, command: DeviceCommand, *, handed_in: int) -> None:
        if self._leaving is None:
            return
        self._replica.remember(retired_at=self._replica.now())
        report = WipeReport(
            organization_id=self._replica.state().organization_id,
            device_id=self._signer.device_id,
            command_id=command.id,
            lost=self._replica.outbox.unsent() - handed_in,
            handed_in=handed_in,
            sig="",
        )
        report = msgspec.structs.replace(report, sig=self._signer.sign_text(wipe_input(report)))
        sentence = f"{WIPED}{_what_became(report)}"
        self._leaving.destroy(report, sentence)
        raise Recalled("wipe", sentence)


def _what_became(report: WipeReport) -> str:
    parts = []
    if report.handed_in:
        parts.append(f" {_changes(report.handed_in)} handed in; a supervisor decides.")
    if report.lost:
        parts.append(f" {_changes(report.lost)} could not be handed in.")
    return "".join(parts) or " Everything you made had been sent."


def _changes(number: int) -> str:
    return "1 change" if number == 1 else f"{number} changes"

"""Keeping a session alive: an access token in memory, a refresh token in the keyring, both bound to the device's key.

Losing a session never touches the outbox.
"""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.tokens import RefreshTokens
from cmms_desktop.errors import SessionExpired
from cmms_desktop.sync.transport import Proof, Transport
from sync_server.contract.messages import SessionAnswer
from sync_server.contract.rules.chain import proof_input

Answer = TypeVar("Answer")


def unheard(_answer: SessionAnswer) -> None:
    """Nobody else wants to know."""


def prover(signer: DeviceSigner) -> Proof:
    """Give what signs tokens with a device's key. The last proof is kept: a token lives for many requests."""
    last: dict[str, str] = {}

    def prove(token: str) -> str:
        proof = last.get(token)
        if proof is None:
            proof = signer.sign_text(proof_input(token))
            last.clear()
            last[token] = proof
        return proof

    return prove


class SessionKeeper:
    """Runs requests and renews the session when the server says that it is over."""

    def __init__(
        self, transport: Transport, tokens: RefreshTokens, *, heard: Callable[[SessionAnswer], None] = unheard
    ) -> None:
        """Take the door to the server and the place of the refresh token; `heard` is told every answer."""
        self._transport = transport
        self._tokens = tokens
        self._heard = heard
        self._renewing = Lock()

    def take(self, answer: SessionAnswer) -> None:
        """Use the tokens of a sign-in or refresh; the refresh token is safe before the old one is forgotten."""
        self._tokens.keep(answer.refresh_token)
        self._transport.access_token = answer.access_token
        self._heard(answer)

    def run(self, request: Callable[[], Answer]) -> Answer:
        """Make a request; once, when the session turns out to be over, renew it and make it again.

        Several threads may: of two that find it over, one renews it. A refresh token that is used twice ends a session.

        Raises:
            SessionExpired: the refresh token does not count either; the person has to sign in.
        """
        used = self._transport.access_token
        if used is None:
            used = self._renew_after(None)
        try:
            return request()
        except SessionExpired:
            self._renew_after(used)
            return request()

    def renew(self) -> None:
        """Change the refresh token for the next. Raises SessionExpired when there is none that counts."""
        with self._renewing:
            self._renew()

    def _renew_after(self, used: str | None) -> str | None:
        """Renew the session unless somebody has done so since an access token was used; give the one that counts."""
        with self._renewing:
            if self._transport.access_token in (None, used):
                self._renew()
            return self._transport.access_token

    def _renew(self) -> None:
        token = self._tokens.current()
        if token is None:
            raise SessionExpired
        self._transport.access_token = None
        self.take(self._transport.refresh(token))

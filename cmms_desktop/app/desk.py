"""Puts a workplace together: one person, his replica, his conversation with the server."""

import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self
from uuid import uuid4

from cmms_desktop.app.leaving import WorkplaceLeaving
from cmms_desktop.application.commands.sign_off import Hand
from cmms_desktop.application.rescue import Work
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import Enrolment, Installation, UnlockedIdentity
from cmms_desktop.credentials.secret_store import SecretStore, service_name
from cmms_desktop.credentials.wiping import Wiping
from cmms_desktop.errors import CmmsError, EnvironmentFailure, Refused, ServerUnreachable
from cmms_desktop.replica.blobs import BlobFolder, to_send
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.blob_transfer import BlobTransfer
from cmms_desktop.sync.engine import Engine
from cmms_desktop.sync.photo_lane import BorrowedSession, PhotoLane
from cmms_desktop.sync.session_keeper import SessionKeeper, prover
from cmms_desktop.sync.transport import Network, Transport
from sync_server.contract.messages import DeviceIdentity, SessionAnswer, SignInRequest

log = logging.getLogger(__name__)

APP_VERSION = "0.1.0"
UNFINISHED = "Setting up this device was interrupted. Sign in once with network; after that it works without."
ANYTHING = "check"
"""Name of a secret that nobody keeps, to ask whether the keyring answers."""
Clock = Callable[[], datetime]


def now_utc() -> datetime:
    """This device's clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Workplace:
    """A signed-in person with everything that his day needs. Close it to close the store."""

    identity: UnlockedIdentity
    replica: Replica
    engine: Engine
    blobs: BlobFolder
    transport: Transport
    transfer: BlobTransfer

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


@dataclass(frozen=True, slots=True)
class Desk:
    """An installation: where its people sign in. `network` replaces the real one in tests."""

    settings: ClientSettings
    store: SecretStore
    clock: Clock = now_utc
    profile: keys.Argon2Profile = keys.STANDARD
    network: Network | None = None
    device_name: str = "This computer"

    @property
    def installation(self) -> Installation:
        """Who is enrolled here."""
        return Installation(self.settings, self.store, clock=self.clock, profile=self.profile)

    @property
    def wiping(self) -> Wiping:
        """What of this installation was wiped and is not yet gone or reported."""
        return Wiping(self.settings, self.store)

    def finish_wipes(self) -> tuple[str, ...]:
        """Remove what wiped enrolments have left, and report them; give a sentence about each.

        Call it before anybody opens a store, and after one was closed. Without a network the report goes the next time.
        """
        sentences = tuple(note.sentence for note in self.wiping.begun())
        for note in self.wiping.finish():
            transport = self._anonymous()
            try:
                transport.wiped(note.report)
            except EnvironmentFailure:
                continue
            except CmmsError:  # such as a server that was restored and asks for nothing any more
                log.warning("the server does not take the report of a wipe", exc_info=True)
            finally:
                transport.close()
            self.wiping.end(note)
        return sentences

    def _anonymous(self) -> Transport:
        """A connection for what is signed already."""
        client = self.network() if self.network else None
        return Transport(self.settings.server_url, prove=lambda _: "", client=client)

    def open(self, login: str, password: str) -> Workplace:
        """Sign somebody in: unlock his store when he is enrolled here (works offline), otherwise enrol him.

        Raises:
            Refused: the password is wrong, here or at the server; or enrolling was interrupted and needs the server.
            ServerUnreachable: he is not enrolled yet and the server does not answer.
            KeyringUnavailable: the keyring is missing or locked.
            ReplicaUnavailable: what is left of an enrolment that was wiped cannot be removed.
        """
        enrolled = next((person for person in self.installation.people() if person.login == login), None)
        with ExitStack() as opened:
            if enrolled is not None:
                identity = self.installation.unlock(enrolled.person_id, password)
                transport = opened.enter_context(closing(self._transport(identity.device_signer)))
                answer = None
            else:
                # first: a server would enrol a device that no keyring can keep
                self.store.get(service_name(self.settings.organization_slug), ANYTHING)
                signer = DeviceSigner.generate(str(uuid4()))
                transport = opened.enter_context(closing(self._transport(signer)))
                answer = transport.sign_in(self._request(signer, login, password))
                self.wiping.make_room(answer.person_id)
                enrolment = Enrolment(answer.person_id, login, answer.role, answer.recovery_public_key)
                identity = self.installation.enrol(enrolment, password, signer=signer)
            workplace = opened.enter_context(self._workplace(identity, transport))
            if answer is not None:
                _take(workplace, answer)
            elif not workplace.replica.state().person_id:  # enrolling was interrupted before the store knew its person
                self._finish_enrolling(workplace, password)
            opened.pop_all()
            return workplace

    def sign_in_again(self, workplace: Workplace, password: str) -> None:
        """Start a new session for an opened workplace whose old one is over."""
        person = workplace.identity.person
        answer = workplace.transport.sign_in(self._request(workplace.identity.device_signer, person.login, password))
        self._hear(workplace.identity, workplace.replica, answer)
        _take(workplace, answer)

    def _hear(self, identity: UnlockedIdentity, replica: Replica, answer: SessionAnswer) -> None:
        """Seal an enrolment to a recovery key that the organization made since. Failing at that stops no session.

        The server's own key is taken from a refresh only where none was known: a new one comes with a password.
        """
        if answer.server_public_key is not None and replica.state().server_key is None:
            replica.remember(server_key=answer.server_public_key)
        if answer.recovery_public_key is not None:
            try:
                self.installation.seal_again(identity, recovery_public_key=answer.recovery_public_key)
            except CmmsError:
                log.warning("the enrolment was not sealed to the organization's recovery key", exc_info=True)

    def ear(self, workplace: Workplace) -> Transport:
        """Give a second connection for an opened workplace, to listen on while the other one talks."""
        return self._transport(workplace.identity.device_signer)

    def photo_lane(self, workplace: Workplace) -> PhotoLane:
        """Give an opened workplace a thread for photos, with a connection of its own, which ends with it."""
        transport = self._transport(workplace.identity.device_signer)
        session = BorrowedSession(transport, lambda: workplace.transport.access_token)
        transfer = BlobTransfer(workplace.replica, workplace.blobs, transport, session)
        return PhotoLane(transfer, transport=transport)

    def _finish_enrolling(self, workplace: Workplace, password: str) -> None:
        """Learn from the server whose store this is."""
        try:
            self.sign_in_again(workplace, password)
        except ServerUnreachable as error:
            raise Refused("server_sign_in_required", UNFINISHED) from error

    def _request(self, signer: DeviceSigner, login: str, password: str) -> SignInRequest:
        device = DeviceIdentity(
            id=signer.device_id, public_key=signer.public_key, name=self.device_name, app_version=APP_VERSION
        )
        organization = self.settings.organization_slug
        return SignInRequest(organization=organization, login=login, password=password, device=device)

    def _transport(self, signer: DeviceSigner) -> Transport:
        client = self.network() if self.network else None
        return Transport(self.settings.server_url, prove=prover(signer), client=client)

    def _workplace(self, identity: UnlockedIdentity, transport: Transport) -> Workplace:
        """Open the store and put everything together; whatever fails leaves no store open."""
        person_id, signer = identity.person.person_id, identity.device_signer
        with ExitStack() as opened:
            path = self.settings.replica_path(person_id)
            replica = opened.enter_context(Replica.open(path, identity.replica_key, clock=self.clock))
            session = SessionKeeper(transport, identity.refresh_tokens, heard=partial(self._hear, identity, replica))
            folder = BlobFolder(self.settings.blobs_folder(person_id), identity.replica_key)
            transfer = BlobTransfer(replica, folder, transport, session)
            engine = Engine(
                replica,
                transport,
                session,
                signer=signer,
                clock=self.clock,
                app_version=APP_VERSION,
                blobs=transfer,
                leaving=self._leaving(identity, replica, folder),
            )
            opened.pop_all()
        return Workplace(
            identity=identity, replica=replica, engine=engine, blobs=folder, transport=transport, transfer=transfer
        )

    def _leaving(self, identity: UnlockedIdentity, replica: Replica, blobs: BlobFolder) -> WorkplaceLeaving:
        person_id, signer = identity.person.person_id, identity.device_signer
        work = Work(
            outbox=replica.outbox,
            blobs=blobs,
            unsent_files=lambda: tuple(sha256 for sha256, _ in to_send(replica.database)),
            sign=signer.sign_statement,
            organization_id=lambda: replica.state().organization_id,
            person_id=person_id,
            device_id=signer.device_id,
            app_version=APP_VERSION,
        )
        return WorkplaceLeaving(work, replica, self.wiping, self.settings.person_folder(person_id))


def _take(workplace: Workplace, answer: SessionAnswer) -> None:
    """Use a sign-in's session, and let the store know whose it is."""
    identity = workplace.identity
    SessionKeeper(workplace.transport, identity.refresh_tokens).take(answer)
    workplace.replica.identify(
        organization_id=answer.organization_id,
        person_id=identity.person.person_id,
        device_id=identity.device_signer.device_id,
        role=answer.role,
    )
    if answer.server_public_key is not None:
        workplace.replica.remember(server_key=answer.server_public_key)

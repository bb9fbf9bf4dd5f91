"""An installation, and who works at it: opens the workplace of one person, whatever stands in his way."""

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import msgspec

from cmms_desktop.app.leaving import WorkplaceLeaving
from cmms_desktop.app.signing_in import identity_of, require_password, take
from cmms_desktop.app.workplace import Workplace
from cmms_desktop.application.new_file import target_of
from cmms_desktop.application.rescue import NO_KEY, Rescued, Work, write_sealed
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import EnrolledPerson, Enrolment, Installation, UnlockedIdentity
from cmms_desktop.credentials.secret_store import SecretStore, service_name
from cmms_desktop.credentials.unlock_rules import require_no_pin
from cmms_desktop.credentials.wiping import WipeNote, Wiping
from cmms_desktop.errors import (
    CmmsError,
    ContractMismatch,
    EnvironmentFailure,
    LeaseOver,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SessionExpired,
)
from cmms_desktop.replica.blobs import BlobFolder, to_send
from cmms_desktop.replica.transaction import Replica
from cmms_desktop.sync.blob_transfer import BlobTransfer
from cmms_desktop.sync.engine import Engine
from cmms_desktop.sync.lease_keeper import LeaseKeeper
from cmms_desktop.sync.photo_lane import BorrowedSession, PhotoLane
from cmms_desktop.sync.session_keeper import SessionKeeper, prover
from cmms_desktop.sync.transport import Network, Transport
from cmms_desktop.uptime import UptimeClock, system_uptime
from cmms_desktop.version import app_version
from sync_server.contract.messages import DeviceIdentity, SessionAnswer, SignInRequest

__all__ = ["Desk", "Workplace", "now_utc"]

log = logging.getLogger(__name__)

UNFINISHED = "Setting up this device was interrupted. Sign in once with network; after that it works without."
NOT_HERE = "You are not set up on this device. Sign in with the network."
ANYTHING = "check"
"""Name of a secret that nobody keeps, to ask whether the keyring answers."""
Clock = Callable[[], datetime]


def now_utc() -> datetime:
    """This device's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """An installation: where its people sign in. `network` replaces the real one in tests."""

    settings: ClientSettings
    store: SecretStore
    clock: Clock = now_utc
    profile: keys.Argon2Profile = keys.STANDARD
    network: Network | None = None
    device_name: str = "This computer"
    uptime: UptimeClock = system_uptime
    coming: dict[str, DeviceSigner] = field(default_factory=dict, repr=False)
    """Login → the device that is being enrolled for him: the answer may be lost, and a code counts for one device."""

    @property
    def installation(self) -> Installation:
        """Who is enrolled here."""
        return Installation(self.settings, self.store, clock=self.clock, profile=self.profile, uptime=self.uptime)

    @property
    def wiping(self) -> Wiping:
        """What of this installation was wiped and is not yet gone or reported."""
        return Wiping(self.settings, self.store)

    def go_on_with_wipes(self) -> tuple[tuple[str, ...], tuple[WipeNote, ...]]:
        """Remove what wiped enrolments have left here; give a sentence about each, and those that can be reported.

        Call it before anybody opens a store, and after one was closed. It asks no server.
        """
        sentences = tuple(note.sentence for note in self.wiping.begun())
        return sentences, self.wiping.finish()

    def report_wipes(self, notes: Iterable[WipeNote], *, over: Transport) -> None:
        """Tell the server what was wiped. Without a network the report goes the next time."""
        for note in notes:
            try:
                over.wiped(note.report)
            except EnvironmentFailure:
                continue
            except CmmsError:  # such as a server that was restored and asks for nothing any more
                log.warning("the server does not take the report of a wipe", exc_info=True)
            self.wiping.end(note)

    def anonymous(self) -> Transport:
        """A connection for what is signed already."""
        client = self.network() if self.network else None
        return Transport(self.settings.server_url, prove=lambda _: "", client=client, profile=self.settings.profile)

    def open(self, login: str, password: str, *, code: str | None = None) -> Workplace:
        """Sign somebody in: unlock his store when he is enrolled here (works offline), otherwise enrol him.

        A device whose lease is over opens when the server answers it, which is asked here and now.

        Args:
            login: Who.
            password: What unlocks his store here, and is his password at the server when he is enrolled.
            code: Enrolment code that came with it; only who is not enrolled here needs one. None: none.

        Raises:
            Refused: the password is wrong, here or at the server; or enrolling was interrupted and needs the server;
                or the server wants an enrolment code (`code_needed`).
            LeaseOver: the lease is over, and the server does not answer or wants another password.
            Recalled: the lease is over, and the server says that the organization takes this device back.
            ServerUnreachable: he is not enrolled yet and the server does not answer.
            KeyringUnavailable: the keyring is missing or locked.
            ReplicaUnavailable: what is left of an enrolment that was wiped cannot be removed.
        """
        with ExitStack() as opened:
            enrolled = self._enrolled(login)
            if enrolled is None:
                workplace = opened.enter_context(self._enrol(login, password, code))
            else:
                workplace = opened.enter_context(self._unlocked(enrolled, password))
                if (
                    not workplace.replica.state().person_id
                ):  # enrolling was interrupted before the store knew whose it is
                    self._finish_enrolling(workplace, password)
                if not workplace.lease.left():
                    self._reach_server(workplace, password)
            opened.pop_all()
            return workplace

    def unlocked(self, login: str, password: str) -> Workplace:
        """Open an enrolled person's workplace whatever became of his lease: for what a locked device may still do.

        The server is asked only after ten wrong secrets, for more tries. Raises as `open` does then and before, and
        Refused: nobody of that login is enrolled here.
        """
        enrolled = self._enrolled(login)
        if enrolled is None:
            raise Refused("not_enrolled", NOT_HERE)
        return self._unlocked(enrolled, password)

    def sign_in_at_server(self, login: str, password: str, *, at_server: str, code: str | None = None) -> None:
        """End the lock of a lease with the password that counts at the server, when another one unlocks this device.

        `code` as in `sign_in_again`. Raises as `open` does.
        """
        with self.unlocked(login, password) as workplace:
            self._sign_in_or_obey(workplace, at_server, code=code)

    def rescue(self, login: str, password: str, path: str) -> Rescued:
        """Write what an enrolled person has not sent into a rescue file, whether his lease is over or not.

        Raises as `unlocked` and as `write_rescue`.
        """
        with self.unlocked(login, password) as workplace:
            recovery_key = self.installation.recovery_public_key(workplace.identity.person.person_id)
            if recovery_key is None:
                raise Refused("recovery_key_missing", NO_KEY)
            made_at = workplace.replica.now()
            return write_sealed(workplace.work, target_of(path), recovery_key=recovery_key, made_at=made_at)

    def _enrolled(self, login: str) -> EnrolledPerson | None:
        return next((person for person in self.installation.people() if person.login == login), None)

    def _enrol(self, login: str, password: str, code: str | None) -> Workplace:
        if self.settings.policies.unlock == "password":
            require_no_pin(password)
        with ExitStack() as opened:
            # first: a server would enrol a device that no keyring can keep
            self.store.get(service_name(self.settings.organization_slug), ANYTHING)
            signer = self.coming.setdefault(login, DeviceSigner.generate(str(uuid4())))
            transport = opened.enter_context(closing(self._transport(signer)))
            request = self._request(identity_of(signer, self.device_name), login, password, code=code)
            try:
                answer = transport.sign_in(request)
            except Refused:
                del self.coming[login]  # it is not enrolled, or is somebody else's
                raise
            self.wiping.make_room(answer.person_id)
            enrolment = Enrolment(answer.person_id, login, answer.role, answer.recovery_public_key)
            identity = self.installation.enrol(enrolment, password, signer=signer)
            del self.coming[login]
            workplace = opened.enter_context(self._workplace(identity, transport))
            take(workplace, answer)
            opened.pop_all()
            return workplace

    def _unlocked(self, enrolled: EnrolledPerson, password: str) -> Workplace:
        answer: SessionAnswer | None = None
        try:
            identity = self.installation.unlock(enrolled.person_id, password)
        except Refused as refusal:
            if refusal.code != "server_sign_in_required":
                raise
            answer = self._earn_tries(enrolled, password, refusal)
            identity = self.installation.unlock(enrolled.person_id, password)
        with ExitStack() as opened:
            transport = opened.enter_context(closing(self._transport(identity.device_signer)))
            workplace = opened.enter_context(self._workplace(identity, transport))
            if answer is not None:
                take(workplace, answer)
            opened.pop_all()
            return workplace

    def _earn_tries(self, enrolled: EnrolledPerson, password: str, refusal: Refused) -> SessionAnswer:
        """Let somebody try again whose password the server takes, and nobody else's; give the session that it began.

        Raises `refusal` offline, and when the server does not take it: what to do is the same.
        """
        device = DeviceIdentity(
            id=enrolled.device_id, public_key=enrolled.public_key, name=self.device_name, app_version=app_version()
        )
        with closing(self.anonymous()) as transport:
            try:
                require_password(password)
                answer = transport.sign_in(self._request(device, enrolled.login, password))
            except EnvironmentFailure as error:
                raise refusal from error
            except Refused as refused:
                if refused.code != "sign_in_failed":
                    raise
                raise refusal from refused
        if answer.person_id != enrolled.person_id:  # the login is another person's by now
            raise refusal
        self.installation.permit_tries_again(enrolled.person_id)
        return answer

    def _reach_server(self, workplace: Workplace, password: str) -> None:
        """Let the server answer this device: with the session that it has, otherwise by signing in.

        Whatever is raised says that the device is locked.
        """
        try:
            self._renew_or_sign_in(workplace, password)
        except CmmsError as problem:
            problem.is_locked = True
            raise

    def _renew_or_sign_in(self, workplace: Workplace, password: str) -> None:
        try:
            workplace.session.renew()
        except (ServerUnreachable, ServerBusy) as error:
            raise LeaseOver(days=self.settings.lease_days) from error
        except (SessionExpired, Refused):
            self._sign_in_or_obey(workplace, password)

    def _sign_in_or_obey(self, workplace: Workplace, password: str, *, code: str | None = None) -> None:
        """Sign in; when that is refused, find out whether it is because the organization takes this device back."""
        try:
            require_password(password)
            self.sign_in_again(workplace, password, code=code)
        except (ServerUnreachable, ServerBusy) as error:
            raise LeaseOver(days=self.settings.lease_days) from error
        except Refused as refusal:
            with suppress(SessionExpired, Refused, EnvironmentFailure, ContractMismatch):
                workplace.engine.sync(with_photos=False)
            if refusal.code != "sign_in_failed":
                raise
            raise LeaseOver(asks_for_password=True, days=self.settings.lease_days) from refusal

    def sign_in_again(self, workplace: Workplace, password: str, *, code: str | None = None) -> None:
        """Start a new session for an opened workplace whose old one is over.

        Args:
            workplace: Whose.
            password: What counts at the server, or shall with a code that lets him choose it.
            code: Enrolment code that he was given for that. What unlocks this device stays the same.
        """
        if code is not None and self.settings.policies.unlock == "password":
            require_no_pin(password)
        take(workplace, self.ask_for_session(workplace, password, code=code))

    def ask_for_session(
        self, workplace: Workplace, password: str, *, code: str | None = None, new_password: str | None = None
    ) -> SessionAnswer:
        """Sign in at the server as the person of an opened workplace; give the answer, which nobody has used yet."""
        person = workplace.identity.person
        device = identity_of(workplace.identity.device_signer, self.device_name)
        request = self._request(device, person.login, password, code=code)
        return workplace.transport.sign_in(msgspec.structs.replace(request, new_password=new_password))

    def _hear(self, identity: UnlockedIdentity, replica: Replica, lease: LeaseKeeper, answer: SessionAnswer) -> None:
        """Begin the lease anew, keep the role, and seal an enrolment to a recovery key that is newer.

        Failing at these stops no session.

        The server's own key is taken from a refresh only where none was known: a new one comes with a password.
        """
        lease.answered()
        with suppress(CmmsError):  # asks for a password the next time
            self.installation.record_role(identity.person.person_id, answer.role)
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

    def _request(self, device: DeviceIdentity, login: str, password: str, *, code: str | None = None) -> SignInRequest:
        organization = self.settings.organization_slug
        return SignInRequest(
            organization=organization, login=login, password=password, device=device, enrolment_code=code
        )

    def _transport(self, signer: DeviceSigner) -> Transport:
        client = self.network() if self.network else None
        url, profile = self.settings.server_url, self.settings.profile
        return Transport(url, prove=prover(signer), client=client, profile=profile)

    def _workplace(self, identity: UnlockedIdentity, transport: Transport) -> Workplace:
        """Open the store and put everything together; whatever fails leaves no store open."""
        person_id, signer = identity.person.person_id, identity.device_signer
        with ExitStack() as opened:
            path = self.settings.replica_path(person_id)
            replica = opened.enter_context(Replica.open(path, identity.replica_key, clock=self.clock))
            days = timedelta(days=self.settings.lease_days)
            lease = LeaseKeeper(replica, clock=self.clock, uptime=self.uptime, lease=days)
            heard = partial(self._hear, identity, replica, lease)
            session = SessionKeeper(transport, identity.refresh_tokens, heard=heard)
            folder = BlobFolder(self.settings.blobs_folder(person_id), identity.replica_key)
            transfer = BlobTransfer(replica, folder, transport, session)
            work = self._work(identity, replica, folder)
            engine = Engine(
                replica,
                transport,
                session,
                signer=signer,
                clock=self.clock,
                app_version=app_version(),
                blobs=transfer,
                leaving=WorkplaceLeaving(work, replica, self.wiping, self.settings.person_folder(person_id)),
            )
            opened.pop_all()
        return Workplace(
            identity=identity,
            replica=replica,
            engine=engine,
            blobs=folder,
            transport=transport,
            transfer=transfer,
            session=session,
            lease=lease,
            work=work,
        )

    def _work(self, identity: UnlockedIdentity, replica: Replica, blobs: BlobFolder) -> Work:
        """What he keeps for the server, for whoever seals it."""
        signer = identity.device_signer
        return Work(
            outbox=replica.outbox,
            blobs=blobs,
            unsent_files=lambda: tuple(sha256 for sha256, _ in to_send(replica.database)),
            sign=signer.sign_statement,
            organization_id=lambda: replica.state().organization_id,
            person_id=identity.person.person_id,
            device_id=signer.device_id,
            app_version=app_version(),
            is_training=self.settings.is_training,
        )

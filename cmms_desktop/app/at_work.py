"""A signed-in person at work: his workplace, what his screens get of it, and the conversation that runs by itself.

Opening and closing are slow (Argon2, the store, the last request) and belong into a thread of the background.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.app.new_password import choose_password
from cmms_desktop.app.people import PeopleHere
from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.application.positions import Position
from cmms_desktop.application.session import HandOver, Session, SignedIn
from cmms_desktop.errors import Refused
from cmms_desktop.sync.poke_listener import PokeListener
from cmms_desktop.sync.scheduler import Scheduler
from cmms_desktop.sync.transport import Transport
from cmms_desktop.version import app_version


class Receiver(Protocol):
    """`Positions` that can be told to end a search."""

    def locate(self, *, within_s: float) -> Position:
        """Wait for a trustworthy position."""
        ...

    def close(self) -> None:
        """End every search."""
        ...


def make_session(workplace: Workplace, desk: Desk, *, positions: Receiver) -> Session:
    """Put together what the screens of a workplace get."""
    state = workplace.replica.state()
    person = workplace.identity.person
    signed_in = SignedIn(
        person_id=person.person_id,
        login=person.login,
        role=workplace.replica.actor().role or state.role or person.role,
        device_id=workplace.identity.device_signer.device_id,
        organization=desk.settings.organization_slug,
        branding=desk.settings.branding,
        channel="" if desk.settings.profile is None else desk.settings.profile.update_channel,
        is_training=desk.settings.is_training,
        must_choose_password=workplace.identity.must_choose_password,
    )
    return Session(
        workplace.replica,
        workplace.blobs,
        signed_in=signed_in,
        people=PeopleHere(desk.installation, organization_id=state.organization_id),
        positions=positions,
        hand_over=HandOver(
            sign=workplace.identity.device_signer.sign_statement,
            recovery_key=partial(desk.installation.recovery_public_key, person.person_id),
            app_version=app_version(),
        ),
    )


@dataclass(slots=True)
class AtWork:
    """One person at work. `let_go` ends what takes long, `close` everything; the window has let go before."""

    desk: Desk
    workplace: Workplace
    session: Session
    scheduler: Scheduler
    listener: PokeListener
    ear: Transport
    positions: Receiver
    is_closed: bool = False

    @classmethod
    def begin(cls, desk: Desk, login: str, password: str, *, positions: Receiver, code: str | None = None) -> "AtWork":
        """Sign somebody in and start his conversation. Takes and raises what `Desk.open` does."""
        workplace = desk.open(login, password, code=code)
        with ExitStack() as undo:
            undo.callback(workplace.close)
            ear = desk.ear(workplace)
            undo.callback(ear.close)
            photos = desk.photo_lane(workplace)
            undo.callback(photos.stop)
            session = make_session(workplace, desk, positions=positions)
            scheduler = Scheduler(
                workplace.engine,
                workplace.replica,
                photos=photos,
                transport=workplace.transport,
                clock=desk.clock,
                lease_left=workplace.lease.left,
                lease_days=desk.settings.lease_days,
            )
            listener = PokeListener(
                scheduler,
                ear,
                token=lambda: workplace.transport.access_token,
                pulled_seq=lambda: workplace.replica.state().pulled_seq,
            )
            undo.pop_all()
        scheduler.start()
        listener.start()
        return cls(desk, workplace, session, scheduler, listener, ear, positions)

    @property
    def login(self) -> str:
        """Whose work it is."""
        return self.session.signed_in.login

    def sign_in_again(self, password: str, code: str | None = None) -> None:
        """Start a new session at the server. Takes and raises what `Desk.sign_in_again` does."""
        with self._finding_out():
            self.desk.sign_in_again(self.workplace, password, code=code)

    def choose_password(self, wanted: NewPassword) -> None:
        """Let another password count, here and at the server. Raises as `new_password.choose_password` does."""
        with self._finding_out():
            choose_password(self.desk, self.workplace, wanted)
        self.session.signed_in = replace(self.session.signed_in, must_choose_password=False)

    @contextmanager
    def _finding_out(self) -> Iterator[None]:
        """Who is refused may have been revoked: a cycle finds out how this device stands."""
        try:
            yield
        except Refused:
            self.scheduler.sync_now()
            raise

    def let_go(self) -> None:
        """End searches for a position, so that nobody waits for one."""
        self.positions.close()

    def close(self) -> None:
        """End the conversation, in the middle of a request if need be, and close the store. Twice is fine."""
        self.is_closed = True
        self.let_go()
        self.listener.end()
        self.scheduler.stop()
        self.listener.stop()
        self.ear.close()
        self.workplace.close()

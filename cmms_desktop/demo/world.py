"""Everything behind the demonstration's window: server, network, installation, people, office and receiver.

No window and no Qt: the window, the tests and the pictures use the same world. Starting, opening and closing are slow.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Final

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.desk import Desk, now_utc
from cmms_desktop.application.preferences import Preferences
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.demo.choices import AT_SITE, COLLEAGUE, PLANNER
from cmms_desktop.demo.folder import DemoFolder
from cmms_desktop.demo.office import Office
from cmms_desktop.demo.office_turn import OfficeTurn
from cmms_desktop.demo.receiver import DemoReceiver, SitePoint
from cmms_desktop.demo.relay import Relay
from cmms_desktop.demo.secrets_file import SecretsFile
from cmms_desktop.demo.server import Account, DemoServer
from cmms_desktop.errors import Bug

ORGANIZATION: Final = "demo-utilities"
"""Short name of the first seeded organization."""
FENCE_UNKNOWN_M: Final = 150.0

_AT_WORK_ON: Final = """
SELECT s.latitude, s.longitude, s.fence_radius_m FROM work_order w JOIN site s ON s.id = w.site_id
LEFT JOIN work_log l ON l.work_order_id = w.id AND l.person_id = ? AND l.ended_at IS NULL AND l.deleted_at IS NULL
WHERE w.deleted_at IS NULL AND s.latitude IS NOT NULL AND w.status IN ('new', 'assigned', 'in_progress', 'on_hold')
ORDER BY l.travel_at IS NULL, l.travel_at DESC, w.route_position IS NULL, w.route_position LIMIT 1"""


class DemoWorld:
    """One demonstration in a held folder. `standing` says where the receiver stands."""

    def __init__(
        self,
        folder: DemoFolder,
        *,
        clock: Callable[[], datetime] = now_utc,
        profile: keys.Argon2Profile = keys.STANDARD,
        preferences: Callable[[], Preferences] = Preferences,
    ) -> None:
        """Lay out the world; nothing runs yet."""
        self._folder = folder
        self.server = DemoServer(folder.server, organizations=folder.organizations(), held=[folder.server_lock])
        self.relay = Relay(self.server.port)
        settings = ClientSettings(folder.client, self.relay.url, ORGANIZATION)
        secrets = SecretsFile(folder.secrets)
        self.desk = Desk(settings, secrets, clock=clock, profile=profile, device_name="Demonstration")
        self.preferences = preferences
        self.standing = AT_SITE
        self._people: dict[str, AtWork] = {}
        self._office: Office | None = None
        self._one_at_a_time = threading.RLock()
        self._open = ExitStack()

    def start(self) -> None:
        """Start the server, which makes and seeds its database the first time, and mend the network.

        Raises:
            ServerUnreachable: the server did not come up; its own words are on standard error.
        """
        self._open.callback(self.server.stop)
        self.server.start()
        if self.server.organization["slug"] != ORGANIZATION:
            raise Bug("The demonstration's organization has another name than this program expects.")
        self._folder.keep_organizations(self.server.ready["organizations"])
        self._open.callback(self.relay.close)
        self.relay.mend()

    def close(self) -> None:
        """End whoever is at work, then the office, the network and the server."""
        with self._one_at_a_time:
            while self._people:
                self._people.popitem()[1].close()
            if self._office is not None:
                self._office.__exit__(None, None, None)
                self._office = None
        self._open.close()

    # ---- people

    def account(self, login: str) -> Account:
        """Give a seeded person."""
        return self.server.account(login)

    def at_work(self, login: str) -> AtWork:
        """Give a seeded person at work: whoever is there already, or newly signed in."""
        with self._one_at_a_time:
            known = self._people.get(login)
            if known is None or known.is_closed:
                known = self._people[login] = self._begin(login, self.account(login).password)
            return known

    def sign_in(self, login: str, password: str, *, code: str | None) -> AtWork:
        """Sign somebody in as the sign-in page asks. Takes and raises what `Desk.open` does."""
        with self._one_at_a_time:
            known = self._people.get(login)
            if known is not None and not known.is_closed:
                known.session.prove(password)
                return known
            self._people[login] = self._begin(login, password, code)
            return self._people[login]

    def _begin(self, login: str, password: str, code: str | None = None) -> AtWork:
        receiver = DemoReceiver(
            self.preferences,
            where=partial(self._site_of, login),
            standing=lambda: self.standing,
            recording=self._folder.receiver,
            clock=self.desk.clock,
        )
        return AtWork.begin(self.desk, login, password, positions=receiver, code=code)

    def _site_of(self, login: str) -> SitePoint | None:
        """The site of somebody's open visit, else of his next order."""
        person = self._people.get(login)
        if person is None or person.is_closed:
            return None
        with person.session.reading() as reading:
            line = reading.cursor.execute(_AT_WORK_ON, (person.session.signed_in.person_id,)).fetchone()
        return None if line is None else SitePoint(line[0], line[1], line[2] or FENCE_UNKNOWN_M)

    # ---- network and office

    @property
    def is_online(self) -> bool:
        """Whether clients reach the server."""
        return self.relay.is_mended

    def go_offline(self) -> None:
        """Cut the network of every client, and let them notice it now; the server and the office go on."""
        self.relay.cut()
        self.poke()

    def go_online(self) -> None:
        """Mend it, and tell the clients as an operating system tells that there is a network again."""
        self.relay.mend()
        self.poke()

    def poke(self) -> None:
        """Let everybody at work sync now."""
        for person in tuple(self._people.values()):
            if not person.is_closed:
                person.scheduler.sync_now()

    def office_turn(self) -> OfficeTurn:
        """Give the office's turn."""
        return OfficeTurn(self.office, other_person_id=self.account(COLLEAGUE).person_id)

    def office(self) -> Office:
        """Give the planner at the server itself, whose network is never cut; he signs in when first asked for."""
        with self._one_at_a_time:
            if self._office is None:
                self._office = Office(self.server.url, ORGANIZATION, self.account(PLANNER))
            return self._office

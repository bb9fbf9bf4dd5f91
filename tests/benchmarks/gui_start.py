"""Measures the start of a day: `gui_start SERVER_URL FOLDER`.

The application is there with its sign-in page; a technician whose store holds his orders signs in. From the moment in
which his key is unlocked, before his store is opened, to the first painted row of My day; and the memory then. With
`--prepare` the device signs in for the first time and fetches everything instead: nothing is measured.
"""

import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QListView

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.demo.secrets_file import SecretsFile
from cmms_desktop.replica.transaction import Replica
from tests.benchmarks.accounts import LOGIN, PASSWORD, SLUG
from tests.benchmarks.gui_app import Client
from tests.benchmarks.gui_window import FirstRow, answer, resident_mb, wait_for

LIST = "Orders of the day"


class Watched:
    """Notes when the store was about to be opened, and when the first row of My day was painted."""

    def __init__(self, client: Client) -> None:
        self.opened_s = 0.0
        self.first_row: FirstRow | None = None
        self._window, door = client.opened.window, client.opened.door
        self._later = QTimer(singleShot=True, interval=0)
        self._later.timeout.connect(self._look)
        self._show, self._open = door.show, Replica.open
        door.show = self._show_and_look  # type: ignore[method-assign]
        Replica.open = self._note_and_open  # type: ignore[method-assign]

    @property
    def took_ms(self) -> float:
        """From the one to the other; 0 as long as there is no row."""
        painted_s = self.first_row.at_s if self.first_row is not None else 0.0
        return max(0.0, (painted_s - self.opened_s) * 1e3)

    def _note_and_open(self, *arguments: Any, **named: Any) -> Replica:
        self.opened_s = time.perf_counter()
        return self._open(*arguments, **named)

    def _show_and_look(self, person: AtWork) -> None:
        """Show somebody; his page is made in the next turn, and its rows are painted later still."""
        self._show(person)
        self._later.start()

    def _look(self) -> None:
        self.first_row = FirstRow(next(each for each in self._window.findChildren(QListView) if _is_my_day(each)))


def main() -> None:
    """Prepare or measure once."""
    server_url, folder = sys.argv[1], Path(sys.argv[2])
    client = Client(folder, server_url, organization=SLUG, store=SecretsFile(folder / "secrets.json"))
    watched = Watched(client)
    client.enter(LOGIN, PASSWORD)
    if "--prepare" in sys.argv:
        wait_for("everything is here", lambda: client.person.scheduler.status.last_sync_at is not None)
    wait_for("the first painted row", lambda: watched.took_ms > 0)
    answer({"first_row_ms": watched.took_ms, "memory_mb": resident_mb()})
    client.close()


def _is_my_day(view: QListView) -> bool:
    return view.accessibleName() == LIST


if __name__ == "__main__":
    main()

"""Reports what was wiped in a thread of its own, so that nobody waits for a server to be asked who works here.

It removes nothing: a wipe is over before it is reported.
"""

import logging
import threading
from collections.abc import Sequence
from functools import partial
from typing import Final

from cmms_desktop.app.desk import Desk
from cmms_desktop.credentials.wiping import WipeNote
from cmms_desktop.sync.transport import Transport

log = logging.getLogger(__name__)

STOP_S: Final = 2.0
"""How long `stop` waits; a thread that is still connecting ends by itself and touches nothing."""


class WipeReports:
    """The reports of one installation, at most one round of them at a time. Used by one thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._thread: threading.Thread | None = None
        self._transport: Transport | None = None

    def send(self, notes: Sequence[WipeNote]) -> None:
        """Begin to report. What is not taken, or comes while a round goes on, is reported the next time."""
        if not notes or (self._thread is not None and self._thread.is_alive()):
            return
        transport = self._transport = self._desk.anonymous()
        self._thread = threading.Thread(
            target=partial(self._report, tuple(notes), transport), name="wipe-reports", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End, in the middle of a request if need be."""
        if self._transport is not None:
            self._transport.hang_up()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def _report(self, notes: Sequence[WipeNote], transport: Transport) -> None:
        try:
            self._desk.report_wipes(notes, over=transport)
        except Exception:  # nobody is there to be told; the notes are kept
            log.exception("wipes could not be reported")
        finally:
            transport.close()

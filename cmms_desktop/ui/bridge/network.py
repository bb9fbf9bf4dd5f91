"""What this computer knows of its network: whether each byte costs something, and that it is another one now.

The only door to Qt's network information. Asks nothing of any server; where the system tells nothing, a network costs
nothing and never changes.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from PySide6.QtNetwork import QNetworkInformation


def load_library() -> None:
    """Load Qt's part for networks, which takes long; outside the GUI thread, before `NetworkWatch` is made."""
    import PySide6.QtNetwork  # noqa: F401


def information_here() -> "QNetworkInformation | None":
    """Give what the system tells; None: nothing. GUI thread."""
    from PySide6.QtNetwork import QNetworkInformation

    return QNetworkInformation.instance() if QNetworkInformation.loadDefaultBackend() else None


class NetworkWatch(QObject):
    """Tells `changed` when the network is another one, or costs something else."""

    changed = Signal()

    def __init__(self, information: Any = None) -> None:
        """Watch what the system tells; `information` stands in for it."""
        super().__init__()
        self._information = information or information_here()
        if self._information is not None:
            self._information.reachabilityChanged.connect(self._note)
            self._information.isMeteredChanged.connect(self._note)

    @property
    def is_metered(self) -> bool:
        """Whether each byte costs something, as far as the system knows."""
        return self._information is not None and bool(self._information.isMetered())

    @Slot()
    def _note(self) -> None:
        self.changed.emit()

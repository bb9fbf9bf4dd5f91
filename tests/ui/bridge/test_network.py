"""What the system tells of the network, as the sync thread hears it."""

from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.bridge.network import NetworkWatch, information_here, load_library


class Told(QObject):
    """The system's word, said by a test."""

    reachabilityChanged = Signal(object)  # noqa: N815 - Qt's name
    isMeteredChanged = Signal(bool)  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.metered = False

    def isMetered(self) -> bool:  # noqa: N802
        return self.metered


def test_a_network_that_changes_or_begins_to_cost_is_told(qtbot: QtBot) -> None:
    told = Told()
    watch = NetworkWatch(told)
    heard: list[bool] = []
    watch.changed.connect(lambda: heard.append(watch.is_metered))
    told.reachabilityChanged.emit("online")
    told.metered = True
    told.isMeteredChanged.emit(True)
    assert heard == [False, True]


def test_the_system_here_is_asked_without_harm(qtbot: QtBot) -> None:
    load_library()
    information = information_here()
    watch = NetworkWatch(information)
    assert watch.is_metered in (True, False)

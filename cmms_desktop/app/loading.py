"""Loading what the window needs, when there is time for it. Python loads a module once, whoever asks first."""

import builtins


def load_qt() -> None:
    """Load Qt before anything else of the window, and give Python its own `import` back.

    PySide6 puts another in its place, which reads the source of every module that comes after it, to look for a switch
    (`__feature__`) that this program never uses, and the sources stay in memory. Measured with 6.11.3: 29 MB and a
    sixth of the time that loading takes.
    """
    import PySide6.QtWidgets  # noqa: F401

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def load_front_door() -> None:
    """Load what stands behind the sign-in page: replica, conversation, frame."""
    import cmms_desktop.app.front_door  # noqa: F401


def load_every_page() -> None:
    """Load the pages, so that going to one for the first time makes no stall."""
    import cmms_desktop.ui.window.every_page  # noqa: F401

"""Loading what the window needs soon, in a thread that has time. Python loads a module once, whoever asks first."""


def load_front_door() -> None:
    """Load what stands behind the sign-in page: replica, conversation, frame."""
    import cmms_desktop.app.front_door  # noqa: F401


def load_every_page() -> None:
    """Load the pages, so that going to one for the first time makes no stall."""
    import cmms_desktop.ui.window.every_page  # noqa: F401

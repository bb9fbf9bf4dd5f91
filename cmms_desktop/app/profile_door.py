"""The desk of the profile page: looks at profiles and takes them in the thread of the errands."""

from collections.abc import Callable
from functools import partial
from typing import Final

from cmms_desktop.profile.taking import Offer, Profiles, Start
from cmms_desktop.ui.bridge.doors import Refusal, Then
from cmms_desktop.ui.bridge.errands import Errands
from cmms_desktop.ui.screens.profile.view import ProfilePage
from cmms_desktop.ui.window.main_window import MainWindow
from sync_server.contract.rules.profile import Profile
from sync_server.contract.rules.profile_checks import version_of

Adopt = Callable[[Profile], None]
"""Goes on with a profile that was just put in force; in the GUI thread."""
TOO_OLD: Final = (
    "Your organization asks for version {} of this program; this is {}. Ask your administrator for the update; you can"
    " go on, and your work is kept."
)
DEMONSTRATION: Final = (
    "A demonstration on this computer: nothing that you enter reaches your organization. For real work ask your"
    " administrator for its package or profile."
)
WAITING: Final = "A profile for this device waits for your yes: press Profile."


def notes_of(start: Start, profile: Profile | None, version: str) -> tuple[str, ...]:
    """Give what the sign-in page tells about the profile that counts and about the version of this program."""
    trial = (DEMONSTRATION,) if profile is not None and profile.is_demonstration else ()
    least = None if profile is None else profile.policies.minimum_version
    is_old = least is not None and version_of(version) < version_of(least)
    told = (TOO_OLD.format(least, version),) if is_old else ()
    return (*trial, *start.notes, *told, *((WAITING,) if start.offered is not None else ()))


class ProfileDoor:
    """Shows the page for profiles, and what comes after it."""

    def __init__(
        self,
        profiles: Profiles,
        start: Start,
        window: MainWindow,
        *,
        errands: Errands,
        adopt: Adopt,
        back: Callable[[], None] | None = None,
    ) -> None:
        """`back` shows what was before; None: there was nothing, the installation is not set up."""
        self._profiles, self._start, self._window = profiles, start, window
        self._errands, self._adopt, self._back = errands, adopt, back

    @property
    def is_first(self) -> bool:
        return self._back is None

    @property
    def notes(self) -> tuple[str, ...]:
        return self._start.notes

    @property
    def waiting(self) -> Offer | None:
        return self._start.offered

    def show(self) -> None:
        """Show the page in the window."""
        self._window.show_page(ProfilePage(self))

    def look(self, text: str, *, then: Then[Offer], refused: Refusal) -> None:
        content = text.encode("utf-8", "replace")
        self._errands.run(partial(self._profiles.offer, content), then, refused=refused)

    def take(self, offer: Offer, *, refused: Refusal) -> None:
        self._errands.run(partial(self._profiles.take, offer), self._adopt, refused=refused)

    def leave(self) -> None:
        if self._back is not None:
            self._back()

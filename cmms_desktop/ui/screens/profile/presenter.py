"""An installation gets its organization's profile: what was scanned or pasted is told first, and taken with a yes."""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from cmms_desktop.errors import CmmsError
from cmms_desktop.profile.taking import Offer
from cmms_desktop.ui.bridge.doors import Refusal, Then
from sync_server.contract.rules.profile import Policies, Profile

SET_UP: Final = "Set up this device"
CHANGE: Final = "Profile of this device"
HOW: Final = "Scan the QR code of your organization's profile into this field, or paste its text."
NOTHING: Final = "Scan or paste a profile first."
COMPARE: Final = "Compare the key with your administrator before you say yes."
COMPARE_WHY: Final = "From then on this device trusts only this key, and sends your work to this server."
UNREAL: Final = "This device will be for exercise. Nothing on it is real work."
KNOWN: Final = "It is signed with the key that this device trusts already."


class ProfileDesk(Protocol):
    """What the page needs from outside."""

    @property
    def is_first(self) -> bool:
        """There is no page to go back to: nobody has set this installation up yet."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to tell about profiles that were found here."""
        ...

    @property
    def waiting(self) -> Offer | None:
        """A profile that was dropped for this account and waits for a yes."""
        ...

    def look(self, text: str, *, then: Then[Offer], refused: Refusal) -> None:
        """Look at a profile in the background, then tell."""
        ...

    def take(self, offer: Offer, *, refused: Refusal) -> None:
        """Put a profile in force in the background; the window goes on with it."""
        ...

    def leave(self) -> None:
        """Go back to signing in."""
        ...


@dataclass(frozen=True, slots=True)
class ProfileState:
    """The whole page. `facts`: caption and value of what was looked at; (): nothing yet."""

    title: str
    can_leave: bool
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    is_known_key: bool = False
    problem: str | None = None
    """Why it is not taken, at the field."""
    failure: str | None = None
    """What went wrong besides, in a banner."""
    is_looking: bool = False
    is_taking: bool = False


class ProfileView(Protocol):
    """The page."""

    def show_state(self, state: ProfileState) -> None:
        """Show a state."""
        ...


class ProfilePresenter:
    """One visit to the page."""

    def __init__(self, desk: ProfileDesk, view: ProfileView) -> None:
        self._desk, self._view = desk, view
        self._offer: Offer | None = None
        self._is_closed = False
        self._state = ProfileState(SET_UP if desk.is_first else CHANGE, can_leave=not desk.is_first, notes=desk.notes)

    def start(self) -> None:
        """Show what waits for a yes, or ask for a profile."""
        if self._desk.waiting is not None:
            self._looked(self._desk.waiting)
        else:
            self._show()

    def typed(self) -> None:
        """Another text is being entered: what was looked at is not what stands there any more."""
        if not self._is_at_work and (self._offer is not None or self._state.problem):
            self._offer = None
            self._show(facts=(), problem=None, failure=None)

    def look(self, text: str) -> None:
        """Look at what was scanned or pasted."""
        if self._is_at_work:
            return
        self._offer = None
        is_there = bool(text.strip())
        self._show(facts=(), problem=None if is_there else NOTHING, failure=None, is_looking=is_there)
        if is_there:
            self._desk.look(text, then=self._looked, refused=self._refused)

    def take(self) -> None:
        """Say yes to what is shown."""
        if self._offer is not None and not self._is_at_work:
            self._show(is_taking=True, failure=None)
            self._desk.take(self._offer, refused=self._not_taken)

    def leave(self) -> None:
        """Go back without taking anything."""
        if self._state.can_leave and not self._state.is_taking:
            self._desk.leave()

    def close(self) -> None:
        """Let go; answers that still come are not shown."""
        self._is_closed = True

    @property
    def _is_at_work(self) -> bool:
        return self._state.is_looking or self._state.is_taking

    def _looked(self, offer: Offer) -> None:
        self._offer = offer
        self._show(is_looking=False, facts=facts_of(offer), is_known_key=offer.is_known_key)

    def _refused(self, problem: CmmsError) -> None:
        self._show(is_looking=False, problem=problem.sentence)

    def _not_taken(self, problem: CmmsError) -> None:
        self._show(is_taking=False, failure=problem.sentence)

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        if not self._is_closed:
            self._view.show_state(self._state)


def facts_of(offer: Offer) -> tuple[tuple[str, str], ...]:
    """Tell what somebody says yes to, as captions and values."""
    profile = offer.profile
    facts = [
        ("Organization", profile.organization),
        ("Server", profile.server_url),
        ("Key", offer.fingerprint),
        ("Signed", f"{profile.signed_at[:10]}, number {profile.serial}"),
        ("Certificate", _certificate(profile)),
    ]
    if profile.policies.training:
        facts.insert(0, ("Training", UNREAL))
    if profile.branding.name:
        facts.insert(0, ("Name", profile.branding.name))
    fixed = "\n".join(_fixed(profile.policies))
    return (*facts, ("Fixed by the organization", fixed)) if fixed else tuple(facts)


def _certificate(profile: Profile) -> str:
    if profile.certificate_pins:
        return "Only the server's own key"
    return "The organization's own authority" if profile.certificate_authority else "Any that this device trusts"


def _fixed(policies: Policies) -> list[str]:
    told = []
    if policies.offline_lease_days is not None:
        days = policies.offline_lease_days
        told.append(f"Without the server for {days} day{'' if days == 1 else 's'} at most")
    if policies.unlock == "password":
        told.append("No PIN of digits alone")
    if policies.photos_on_metered is not None:
        told.append("Photos wait on metered networks" if policies.photos_on_metered == "wait" else "Photos always go")
    if policies.positioning is not None:
        receiver = policies.positioning
        where = {"none": "no receiver", "network": f"{receiver.host}, port {receiver.port}", "serial": receiver.line}
        told.append(f"Positions: {where[receiver.source]}")
    if policies.minimum_version is not None:
        told.append(f"Version {policies.minimum_version} or newer")
    return told

"""The about page: facts that help when somebody calls for help, and licences. Changes nothing."""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from cmms_desktop.application.installed import Installed, Licence, installed
from cmms_desktop.application.queries.organization import ENTITIES, Organization, organization
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.text.words import ROLE, word
from sync_server.contract.rules.numbers import short_code
from sync_server.contract.version import MUTATION, PROTOCOL, ROWS

PRODUCT: Final = "CMMS Field"
WHAT: Final = "Field work without waiting for a network. Nothing that you enter is lost or silently overwritten."
NO_TEXT: Final = "The text of this licence is missing from this installation. Ask your administrator."
ASK: Final = "Ask your administrator."
UNREAL: Final = "Nothing here is real work"


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """Something shipped with the program; `text` only while it is open."""

    id: str
    name: str
    licence: str
    text: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class LibraryLine:
    """A library of others that the program stands on."""

    id: str
    detail: str


@dataclass(frozen=True, slots=True)
class AboutState:
    """The whole page. `facts`: name and value. `colour`: the organization's, `#rrggbb`; "": the program's own."""

    facts: tuple[tuple[str, str], ...] = ()
    licences: tuple[LicenceLine, ...] = ()
    libraries: tuple[LibraryLine, ...] = ()
    colour: str = ""


class AboutView(Protocol):
    """The page."""

    def show_state(self, state: AboutState) -> None:
        """Show a state."""
        ...


class AboutPresenter(Presenter):
    """One visit to the page."""

    def __init__(self, context: ScreenContext, view: AboutView) -> None:
        super().__init__(context)
        self._view = view
        self._licences: tuple[Licence, ...] = ()
        self._version = ""
        self._organization = Organization()
        self._state = AboutState(facts=self._facts())

    def start(self) -> None:
        """Show what is known at once, then what has to be looked up."""
        self._show(self._state)
        self.context.background.run(installed, self._take)
        self.watch(self._refresh, concerns=lambda keys: any(entity in ENTITIES for entity, _ in keys))
        self._refresh()

    def open_licence(self, name: str) -> None:
        """Show the text of a licence, or hide it again."""
        texts = {each.name: each.text or NO_TEXT for each in self._licences}
        lines = tuple(
            replace(line, is_open=not line.is_open, text="" if line.is_open else texts.get(name, NO_TEXT))
            if line.id == name
            else line
            for line in self._state.licences
        )
        self._show(replace(self._state, licences=lines))

    def _refresh(self) -> None:
        self.ask("organization", organization, self._meet)

    def _meet(self, found: Organization) -> None:
        self._organization = found
        is_branded = bool(self.context.session.signed_in.branding.colour)  # by a profile, which counts first
        self._show(replace(self._state, facts=self._facts(), colour="" if is_branded else found.colour))

    def _take(self, here: Installed) -> None:
        self._licences, self._version = here.licences, here.version
        self._show(
            replace(
                self._state,
                facts=self._facts(),
                licences=tuple(LicenceLine(each.name, each.name, each.licence) for each in here.licences),
                libraries=tuple(
                    LibraryLine(each.name, ", ".join(part for part in (each.version, each.licence) if part))
                    for each in here.libraries
                ),
            )
        )

    def _facts(self) -> tuple[tuple[str, str], ...]:
        who, known = self.context.session.signed_in, self._organization
        named = f"{known.name} ({who.organization})" if known.name else who.organization
        channel = (("Updates", f"Channel {who.channel}"),) if who.channel else ()
        return (
            *((("Training", UNREAL),) if who.is_training else ()),
            ("Version", self._version or "…"),
            *channel,
            ("Organization", named),
            ("Help", known.help_text or ASK),
            ("Signed in", f"{who.login}, {word(ROLE, who.role)}"),
            ("Device", f"{short_code(who.device_id)}  {who.device_id}"),
            ("Protocol", f"{PROTOCOL}, rows {ROWS}, changes {MUTATION}"),
        )

    def _show(self, state: AboutState) -> None:
        self._state = state
        if not self._is_closed:
            self._view.show_state(state)

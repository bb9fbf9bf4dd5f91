"""Scanning at an order: the right asset is confirmed in passing, anything else is a question in place, never lost.

Plain Python, like the presenters.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands import assets
from cmms_desktop.application.commands.assets import Identified
from cmms_desktop.application.session import LocalWrite
from cmms_desktop.devices.scanner import normalise_code
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext

NOT_A_CODE: Final = "Scan the label, or type the code that stands on it."


@dataclass(frozen=True, slots=True)
class ScanQuestion:
    """What to do with a code. `keep`: what the button says that puts it on the order; None: it can only be ignored.

    `add`: what the button says that puts the asset on the order beside the one that it names; None: it names none.
    """

    code: str
    title: str
    text: str
    keep: str | None
    add: str | None = None


class Put(Protocol):
    """Puts what was scanned on an order, one way or another."""

    def __call__(self, write: LocalWrite, /, order_id: str, identified: Identified) -> Identified: ...


class ScanView(Protocol):
    """What asks it."""

    def show_question(self, question: ScanQuestion | None) -> None:
        """Ask in place; None: nothing to ask any more."""
        ...

    def show_code_trouble(self, sentence: str | None) -> None:
        """Say under the field what to enter."""
        ...

    def scan_done(self) -> None:
        """The code was used; the field for typing it can go."""
        ...


class ScanPresenter(Presenter):
    """Codes read at one order at a time. An open question survives a restart."""

    def __init__(self, context: ScreenContext, view: ScanView) -> None:
        """Ask in a view."""
        super().__init__(context)
        self._view, self._order_id = view, ""
        self._found: Identified | None = None
        self.may_link = False
        """The order's asset may be changed."""

    def open(self, order_id: str) -> None:
        """Take codes for an order, and ask again what was open."""
        if order_id != self._order_id:
            self._order_id = order_id
            self.take_up()

    def take_up(self) -> None:
        """Ask what is open, and nothing else."""
        self._found = None
        self._view.show_question(None)
        code = self.context.drafts.get(self._note)
        if code:
            self.take(code)

    def take(self, text: str) -> None:
        """Look a scanned or typed code up."""
        code = normalise_code(text)
        if not code:
            self._view.show_code_trouble(NOT_A_CODE)
            return
        self._view.show_code_trouble(None)
        command = partial(assets.identify, order_id=self._order_id, code=code)
        self.context.background.write(command, partial(self._identified, self._order_id), refused=self._refused)

    def keep(self) -> None:
        """Put what was scanned on the order, in the place of what it named."""
        self._put(_link)

    def add(self) -> None:
        """Put what was scanned on the order beside what it names."""
        self._put(_add)

    def _put(self, put: Put) -> None:
        if self._found is not None:
            command = partial(put, order_id=self._order_id, identified=self._found)
            self.context.background.write(command, partial(self._linked, self._order_id), refused=self._refused)

    def ignore(self) -> None:
        """Leave the order as it is."""
        self._found = None
        self.context.drafts.drop(self._note)
        self._view.show_question(None)

    @property
    def _note(self) -> str:
        return f"scan:{self._order_id}"

    def _identified(self, order_id: str, found: Identified) -> None:
        if self._is_closed or order_id != self._order_id:
            return
        self._view.scan_done()
        if found.is_expected:
            self.ignore()
            self.context.navigator.toast(f"Asset confirmed: {found.name or found.code}")
            return
        self._found = found
        self.context.drafts.keep(self._note, found.code)
        self._view.show_question(_question(found, may_link=self.may_link))

    def _linked(self, order_id: str, found: Identified) -> None:
        self.context.drafts.drop(f"scan:{order_id}")
        if order_id == self._order_id and not self._is_closed:  # else the question of another order stays
            self.ignore()
        self.context.navigator.toast(f"{found.name or found.code} is on the order")

    def _refused(self, problem: CmmsError) -> None:
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.show_code_trouble(problem.sentence)


def _link(write: LocalWrite, order_id: str, identified: Identified) -> Identified:
    assets.link(write, order_id, identified)
    return identified


def _add(write: LocalWrite, order_id: str, identified: Identified) -> Identified:
    assets.add(write, order_id, identified)
    return identified


def _question(found: Identified, *, may_link: bool) -> ScanQuestion:
    if found.asset_id is not None:
        title = f"{found.code} is another asset: {found.name or 'no name'}"
        keep, add = ("Switch asset", "Add asset" if found.has_asset else None) if may_link else (None, None)
        text = "The order names a different one." if found.has_asset else "The order names none."
        return ScanQuestion(found.code, title, text, keep, add)
    title = f"Nobody here knows the code {found.code}"
    text = "Keep it on the order as text. The office links it later." if may_link else "Nothing was changed."
    return ScanQuestion(found.code, title, text, "Keep code" if may_link else None)

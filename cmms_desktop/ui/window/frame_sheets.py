"""The sheets of the frame, one at a time: more places, who is signed in, search, scan, signing in again, keys."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.widgets.sheet import Sheet
from cmms_desktop.ui.window.keys import KeyList
from cmms_desktop.ui.window.password_form import PasswordForm
from cmms_desktop.ui.window.sheets import CHOOSE, MoreList, PersonCard, SignInAgain

SMALL, LARGE = 560, 800
"""Widest widths of sheets, px."""


class FrameSheets(QObject):
    """Opens what the frame shows over its page. What is entered there is told, nothing is decided here."""

    place_chosen = Signal(str)
    sign_out_wanted = Signal()
    scanned = Signal(str)
    password_entered = Signal(str, str)
    """Password, and code as it was typed; "": none."""
    new_password_entered = Signal(object)

    def __init__(self, area: QWidget, context: ScreenContext) -> None:
        super().__init__(area)
        self._area, self._context = area, context
        self._sheet = Sheet(area)
        self._sheet.closed.connect(self._forget)
        self._shown: QWidget | None = None
        self._signing_in: SignInAgain | None = None
        self._choosing: PasswordForm | None = None

    @property
    def is_open(self) -> bool:
        """Whether a sheet covers the page."""
        return self._sheet.is_open

    @Slot()
    def close(self) -> None:
        """Close what is open."""
        self._sheet.close_sheet()

    def show_more(self) -> None:
        """Show the places that the bottom bar has no room for."""
        more = MoreList(self._context.session.signed_in.role)
        more.chosen.connect(self.place_chosen)
        self._open(more, "More")

    def show_person(self) -> None:
        """Show who is signed in, and the way out."""
        card = PersonCard(self._context.session.signed_in)
        card.sign_out_wanted.connect(self.sign_out_wanted)
        card.password_wanted.connect(self.show_choose_password)
        has_more = self._context.session.signed_in.must_choose_password
        self._open(card, "Signed in here", widest=LARGE if has_more else SMALL)

    def show_search(self) -> None:
        """Show the search palette."""
        from cmms_desktop.ui.screens.search.view import SearchPalette

        palette = SearchPalette(self._context)
        self._open(palette, "Search", widest=LARGE, tall=True)
        palette.start()

    def show_scan(self) -> None:
        """Wait for a label, scanned or typed."""
        from cmms_desktop.ui.screens.scan.view import ScanSheet

        scan = ScanSheet()
        scan.entered.connect(self.scanned)
        self._open(scan, "Scan a label", close="Not yet")

    def show_sign_in(self) -> None:
        """Ask for the password of the signed-in person."""
        sheet = SignInAgain(self._context.session.signed_in.login)
        sheet.entered.connect(self.password_entered)
        self._open(sheet, "Sign in again", close="Not yet")
        self._signing_in = sheet

    @Slot()
    def show_choose_password(self) -> None:
        """Ask for another password."""
        form = PasswordForm(self._context.session.signed_in.login)
        form.entered.connect(self.new_password_entered)
        self._open(form, CHOOSE, widest=LARGE, close="Not yet")
        self._choosing = form

    def show_keys(self) -> None:
        """Show the list of keys."""
        self._open(KeyList(), "Keys")

    def show_sign_in_refused(self, sentence: str) -> None:
        """Say why the session did not begin."""
        if self._signing_in is not None:
            self._signing_in.show_refused(sentence)
            self._sheet.fit()

    def end_sign_in(self) -> None:
        """The session has begun."""
        if self._signing_in is not None:
            self.close()

    def show_password_refused(self, problem: CmmsError) -> bool:
        """Say why the other password does not count, where he still looks at it."""
        if self._choosing is not None:
            self._choosing.show_refused(problem)
            self._sheet.fit()
        return self._choosing is not None

    def end_choosing(self) -> None:
        """The other password counts."""
        if self._choosing is not None:
            self.close()

    def _open(
        self, content: QWidget, title: str, *, widest: int = SMALL, tall: bool = False, close: str = "Close"
    ) -> None:
        self._sheet.open(content, title, widest=widest, tall=tall, close=close)
        self._shown = content

    @Slot()
    def _forget(self) -> None:
        """Let Qt end what was shown, in its own time, and not Python whenever it looks for garbage."""
        content, self._shown, self._signing_in, self._choosing = self._shown, None, None, None
        if content is not None:
            content.setParent(self._area)
            content.hide()
            content.deleteLater()

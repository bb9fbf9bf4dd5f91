"""Photos of an order or an asset: which there are and where their bytes lie, adding some from files."""

from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.remarks import Remarked
from cmms_desktop.application.queries.own_work import may_photograph
from cmms_desktop.application.queries.remarks import PhotoLine, photo_lines
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_photos.looking import (
    LONGEST_CAPTION,
    LookedAt,
    LookingPresenter,
    NewPhotos,
    PhotoRow,
    photo_row,
)
from cmms_desktop.ui.text.numbers import counted

_SHOWN: Final = frozenset({"attachment", "work_order", "asset", "person"})
SHOWN_AT_ONCE: Final = 20
"""The newest photos come first, and so many more at each press: a hundred rows would hold up the window."""
NO_MORE: Final = "No photos can be added here now. Your file is where it was."


@dataclass(frozen=True, slots=True)
class PhotosState:
    """The page. `adding`: what is being read, in words. `earlier`: photos that are not shown yet."""

    rows: tuple[PhotoRow, ...]
    may_add: bool
    adding: str
    earlier: int = 0


class PhotosView(LookedAt, Protocol):
    """What shows it."""

    def show_state(self, state: PhotosState) -> None:
        """Show the photos."""
        ...

    def show_caption(self, text: str) -> None:
        """Put a text into the field for the next caption."""
        ...


class PhotosPresenter(LookingPresenter):
    """The photos of one order or asset."""

    def __init__(
        self, context: ScreenContext, view: PhotosView, about_id: str, *, about: Remarked = "work_order"
    ) -> None:
        """Show one thing's photos in a view."""
        super().__init__(context, view, self._show)
        self._view, self._about_id, self._about = view, about_id, about
        self._rows: tuple[PhotoRow, ...] = ()
        self._may_add = False
        self._most = SHOWN_AT_ONCE

    # ---- the list

    def start(self) -> None:
        """Show what is there."""
        self._view.show_caption(self.context.drafts.get(self._note) or "")
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("photos", self._read, self._found)

    def show_earlier(self) -> None:
        """Show some more of the photos from before."""
        self._most += SHOWN_AT_ONCE
        self._show()

    def type_caption(self, text: str) -> None:
        """Keep the caption of the next photo."""
        self.context.drafts.keep(self._note, text)

    def _read(self, reading: Reading) -> tuple[tuple[PhotoLine, ...], bool]:
        return photo_lines(reading, self._about_id), may_photograph(reading, self._about, self._about_id)

    def _found(self, found: tuple[tuple[PhotoLine, ...], bool]) -> None:
        lines, self._may_add = found
        now = self.context.clock()
        self._rows = tuple(photo_row(line, now) for line in lines)
        self._look_at(self._rows)
        self._show()

    def _show(self) -> None:
        adding = f"Adding {counted(self._adding, 'photo')}…" if self._adding else ""
        rows = self._rows[-self._most :]
        self._view.show_state(PhotosState(rows, self._may_add, adding, len(self._rows) - len(rows)))
        self._show_thumbs(rows)

    # ---- adding

    def add_files(self, paths: tuple[str, ...]) -> None:
        """Attach photos from files, each with the caption that stands in the field."""
        self._view.show_refusal(None)
        if not self._may_add:
            self._view.show_refusal(NO_MORE)
            return
        caption = (self.context.drafts.get(self._note) or "").strip()[:LONGEST_CAPTION]
        new = NewPhotos(self._about, self._about_id, caption)
        self._attach(paths, new, then=partial(self._added, caption))

    def _added(self, caption: str, _sha256: str) -> None:
        if (self.context.drafts.get(self._note) or "").strip() == caption:  # else the next one is being typed already
            self.context.drafts.drop(self._note)
            if not self._is_closed:
                self._view.show_caption("")

    @property
    def _note(self) -> str:
        return f"caption:{self._about_id}"


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)

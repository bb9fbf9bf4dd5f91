"""Photos of an order: which there are and where their bytes lie, adding some from files, and looking at one.

Files are read, made small and kept away from the GUI thread. A photo is attached at once, with the caption that stands
in the field then: what is attached is never changed.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from cmms_desktop.application.commands.remarks import add_photo
from cmms_desktop.application.queries.own_work import order_rights
from cmms_desktop.application.queries.remarks import PhotoLine, photo_lines
from cmms_desktop.application.session import BlobFolder, Key, Reading, Session
from cmms_desktop.devices.picture import encode_photo, fitted, thumbnail
from cmms_desktop.devices.picture_file import read_picture_file
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import late_badge, photo_badge
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, size
from sync_server.contract.rules.sign_off import LOCKED

Picture = Any
"""A decoded picture, as devices.picture gives it: presenters hand it on and know no toolkit."""
_SHOWN: Final = frozenset({"attachment", "work_order", "person"})
THUMB_PX: Final = (160, 112)
"""Twice what a tile shows, for fine screens."""
SHOWN_AT_ONCE: Final = 20
"""The newest photos come first, and so many more at each press: a hundred rows would hold up the window."""
LONGEST_CAPTION: Final = 1000
NO_MORE: Final = "This order takes no photos now. Your file is where it was."


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRow:
    """One photo in words. `can_open`: its bytes are here and it is a picture."""

    id: str
    sha256: str
    caption: str
    about: str
    badges: tuple[BadgeSpec, ...]
    can_open: bool


@dataclass(frozen=True, slots=True)
class PhotosState:
    """The page. `adding`: what is being read, in words. `earlier`: photos that are not shown yet."""

    rows: tuple[PhotoRow, ...]
    may_add: bool
    adding: str
    earlier: int = 0


class PhotosView(Protocol):
    """What shows it."""

    def show_state(self, state: PhotosState) -> None:
        """Show the photos."""
        ...

    def show_caption(self, text: str) -> None:
        """Put a text into the field for the next caption."""
        ...

    def show_thumb(self, sha256: str, image: Picture) -> None:
        """Show a small picture."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say why a file was not added."""
        ...

    def show_photo(self, row: PhotoRow, *, place: str) -> None:
        """Show one photo in place of the list; its picture follows."""
        ...

    def show_picture(self, sha256: str, image: Picture) -> None:
        """Show the picture of the photo that is looked at."""
        ...

    def show_list(self) -> None:
        """Show all photos again."""
        ...


class PhotosPresenter(Presenter):
    """The photos of one order."""

    def __init__(self, context: ScreenContext, view: PhotosView, order_id: str) -> None:
        """Show one order's photos in a view."""
        super().__init__(context)
        self._view, self._order_id = view, order_id
        self._rows: tuple[PhotoRow, ...] = ()
        self._may_add = False
        self._most = SHOWN_AT_ONCE
        self._adding = 0
        self._thumbs: set[str] = set()
        self._shown = ""

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
        order = reading.get("work_order", self._order_id) or {}
        may_add = order_rights(reading, self._order_id).may_remark and order.get("status") not in LOCKED
        return photo_lines(reading, self._order_id), may_add

    def _found(self, found: tuple[tuple[PhotoLine, ...], bool]) -> None:
        lines, self._may_add = found
        self._rows = tuple(self._row(line) for line in lines)
        self._show()

    def _show(self) -> None:
        adding = f"Adding {counted(self._adding, 'photo')}…" if self._adding else ""
        rows = self._rows[-self._most :]
        self._view.show_state(PhotosState(rows, self._may_add, adding, len(self._rows) - len(rows)))
        for row in rows:
            if row.can_open and row.sha256 not in self._thumbs:
                self._thumbs.add(row.sha256)
                make = partial(_thumb, self.context.session.blobs, row.sha256)
                self.context.background.run(make, partial(self._made_thumb, row.sha256), refused=self._no_picture)

    def _row(self, line: PhotoLine) -> PhotoRow:
        when = Moments().when(line.taken_at, self.context.clock())
        about = (line.author, when, size(line.size_bytes))
        return PhotoRow(
            id=line.id,
            sha256=line.sha256,
            caption=line.caption or "No caption",
            about=" · ".join(part for part in about if part),
            badges=(photo_badge(line.state), *((late_badge(),) if line.is_late else ())),
            can_open=line.is_here and line.media_type.startswith("image/"),
        )

    def _made_thumb(self, sha256: str, image: Picture) -> None:
        if not self._is_closed:
            self._view.show_thumb(sha256, image)

    def _no_picture(self, problem: CmmsError) -> None:
        """Its row says already that the photo is missing or cannot be shown."""

    # ---- adding

    def add_files(self, paths: tuple[str, ...]) -> None:
        """Attach photos from files, each with the caption that stands in the field."""
        self._view.show_refusal(None)
        caption = (self.context.drafts.get(self._note) or "").strip()[:LONGEST_CAPTION]
        if not self._may_add:
            self._view.show_refusal(NO_MORE)
            return
        for path in paths:
            self._adding += 1
            add = partial(_add_file, self.context.session, Path(path), order_id=self._order_id, caption=caption)
            refused = partial(self._refused, Path(path).name)
            self.context.background.run(add, partial(self._added, caption), refused=refused)
        self._show()

    def _added(self, caption: str, sha256: str) -> None:
        self._adding -= 1
        if (self.context.drafts.get(self._note) or "").strip() == caption:  # else the next one is being typed already
            self.context.drafts.drop(self._note)
            if not self._is_closed:
                self._view.show_caption("")
        if not self._is_closed:
            self._show()

    def _refused(self, name: str, problem: CmmsError) -> None:
        self._adding -= 1
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.show_refusal(f"{name}: {problem.sentence}")
            self._show()

    # ---- looking at one

    def open_photo(self, photo_id: str, room_px: tuple[int, int]) -> None:
        """Look at one photo, as large as the room."""
        places = [row for row in self._rows if row.can_open]
        number = next((n for n, row in enumerate(places) if row.id == photo_id), None)
        if number is None:
            return
        row, self._shown = places[number], photo_id
        self._view.show_photo(row, place=f"Photo {number + 1} of {len(places)}")
        make = partial(_picture, self.context.session.blobs, row.sha256, room_px)
        self.context.background.run(make, partial(self._made_picture, row), refused=self._cannot_show)

    def turn(self, step: int, room_px: tuple[int, int]) -> None:
        """Look at the next (1) or the previous (-1) photo; the last one is followed by the first."""
        ids = [row.id for row in self._rows if row.can_open]
        if self._shown in ids:
            self.open_photo(ids[(ids.index(self._shown) + step) % len(ids)], room_px)

    def close_photo(self) -> None:
        """Show all photos again."""
        self._shown = ""
        self._view.show_list()

    def _made_picture(self, row: PhotoRow, image: Picture) -> None:
        if not self._is_closed and row.id == self._shown:
            self._view.show_picture(row.sha256, image)

    def _cannot_show(self, problem: CmmsError) -> None:
        if not self._is_closed:
            self.close_photo()
            self._view.show_refusal(problem.sentence)

    @property
    def _note(self) -> str:
        return f"caption:{self._order_id}"


def _add_file(session: Session, path: Path, *, order_id: str, caption: str) -> str:
    """Read a file, make it small and attach it, as one piece of work: closing a window cannot part them.

    Raises:
        Refused: it is no photo that can be read; the sentence says what to do.
    """
    photo = encode_photo(read_picture_file(path))  # no write is open meanwhile
    with session.writing() as write:
        return add_photo(
            write,
            session.blobs,
            order_id,
            content=photo.content,
            media_type=photo.media_type,
            caption=caption or None,
        )


def _thumb(blobs: BlobFolder, sha256: str) -> Picture:
    return thumbnail(blobs.read(sha256), *THUMB_PX)


def _picture(blobs: BlobFolder, sha256: str, room_px: tuple[int, int]) -> Picture:
    return fitted(blobs.read(sha256), *room_px)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)

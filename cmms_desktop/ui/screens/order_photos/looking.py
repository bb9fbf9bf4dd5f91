"""Photos of a thing wherever they are shown: small pictures, one in full, and adding some from files.

Files are read, made small and kept away from the GUI thread. A photo is attached at once, with the caption that it is
given then: what is attached is never changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from cmms_desktop.application.commands.remarks import Remarked, add_photo
from cmms_desktop.application.queries.remarks import PhotoLine
from cmms_desktop.application.session import BlobFolder, Session
from cmms_desktop.devices.picture import encode_photo, fitted, thumbnail
from cmms_desktop.devices.picture_file import read_picture_file
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import late_badge, photo_badge
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import size

Picture = Any
"""A decoded picture, as devices.picture gives it: presenters hand it on and know no toolkit."""
THUMB_PX: Final = (160, 112)
"""Twice what a tile shows, for fine screens."""
LONGEST_CAPTION: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRow:
    """One photo in words. `can_open`: its bytes are here and it is a picture."""

    id: str
    sha256: str
    caption: str
    about: str
    badges: tuple[BadgeSpec, ...]
    can_open: bool


class LookedAt(Protocol):
    """What shows photos."""

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
        """Show all again."""
        ...


@dataclass(frozen=True, slots=True)
class NewPhotos:
    """What photos from files are attached to: a thing, and a remark on it or none. `caption` "": none."""

    about: Remarked
    about_id: str
    caption: str
    comment_id: str | None = None


class LookingPresenter(Presenter):
    """What all presenters share whose page shows photos of one thing."""

    def __init__(self, context: ScreenContext, looked_at: LookedAt, show: Callable[[], None]) -> None:
        """Show photos in a view; which there are, `_look_at` says. `show`: shows the page again as it stands."""
        super().__init__(context)
        self._looked_at, self._show_again = looked_at, show
        self._to_open: tuple[PhotoRow, ...] = ()
        self._adding = 0
        self._thumbs: set[str] = set()
        self._shown = ""

    # ---- looking at them

    def _look_at(self, rows: tuple[PhotoRow, ...]) -> None:
        """Take these for what can be looked at, in this order."""
        self._to_open = tuple(row for row in rows if row.can_open)

    def _show_thumbs(self, rows: tuple[PhotoRow, ...]) -> None:
        for row in rows:
            if row.can_open and row.sha256 not in self._thumbs:
                self._thumbs.add(row.sha256)
                make = partial(_thumb, self.context.session.blobs, row.sha256)
                self.context.background.run(make, partial(self._made_thumb, row.sha256), refused=self._no_picture)

    def _made_thumb(self, sha256: str, image: Picture) -> None:
        if not self._is_closed:
            self._looked_at.show_thumb(sha256, image)

    def _no_picture(self, problem: CmmsError) -> None:
        """Its row says already that the photo is missing or cannot be shown."""

    def open_photo(self, photo_id: str, room_px: tuple[int, int]) -> None:
        """Look at one photo, as large as the room."""
        number = next((n for n, row in enumerate(self._to_open) if row.id == photo_id), None)
        if number is None:
            return
        row, self._shown = self._to_open[number], photo_id
        self._looked_at.show_photo(row, place=f"Photo {number + 1} of {len(self._to_open)}")
        make = partial(_picture, self.context.session.blobs, row.sha256, room_px)
        self.context.background.run(make, partial(self._made_picture, row), refused=self._cannot_show)

    def turn(self, step: int, room_px: tuple[int, int]) -> None:
        """Look at the next (1) or the previous (-1) photo; the last one is followed by the first."""
        ids = [row.id for row in self._to_open]
        if self._shown in ids:
            self.open_photo(ids[(ids.index(self._shown) + step) % len(ids)], room_px)

    def close_photo(self) -> None:
        """Show all again."""
        self._shown = ""
        self._looked_at.show_list()

    def _made_picture(self, row: PhotoRow, image: Picture) -> None:
        if not self._is_closed and row.id == self._shown:
            self._looked_at.show_picture(row.sha256, image)

    def _cannot_show(self, problem: CmmsError) -> None:
        if not self._is_closed:
            self.close_photo()
            self._looked_at.show_refusal(problem.sentence)

    # ---- adding some

    def _attach(self, paths: tuple[str, ...], new: NewPhotos, *, then: Callable[[str], None]) -> None:
        """Attach photos from files; `then` is called for each with its digest, or its refusal is shown."""
        for path in paths:
            self._adding += 1
            add = partial(_add_file, self.context.session, Path(path), new)
            refused = partial(self._not_attached, Path(path).name)
            self.context.background.run(add, partial(self._attached, then), refused=refused)
        self._show_again()

    def _attached(self, then: Callable[[str], None], sha256: str) -> None:
        self._adding -= 1
        then(sha256)
        if not self._is_closed:
            self._show_again()

    def _not_attached(self, name: str, problem: CmmsError) -> None:
        self._adding -= 1
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._looked_at.show_refusal(f"{name}: {problem.sentence}")
            self._show_again()


def photo_row(line: PhotoLine, now: datetime) -> PhotoRow:
    """Say of a photo what it shows, who took it when, and where its bytes are."""
    about = (line.author, Moments().when(line.taken_at, now), size(line.size_bytes))
    return PhotoRow(
        id=line.id,
        sha256=line.sha256,
        caption=line.caption or "No caption",
        about=" · ".join(part for part in about if part),
        badges=(photo_badge(line.state), *((late_badge(),) if line.is_late else ())),
        can_open=line.is_here and line.media_type.startswith("image/"),
    )


def _add_file(session: Session, path: Path, new: NewPhotos) -> str:
    """Read a file, make it small and attach it, as one piece of work: closing a window cannot part them.

    Raises:
        Refused: it is no photo that can be read; the sentence says what to do.
    """
    photo = encode_photo(read_picture_file(path))  # no write is open meanwhile
    with session.writing() as write:
        return add_photo(
            write,
            session.blobs,
            new.about_id,
            content=photo.content,
            media_type=photo.media_type,
            caption=new.caption[:LONGEST_CAPTION] or None,
            about=new.about,
            comment_id=new.comment_id,
        )


def _thumb(blobs: BlobFolder, sha256: str) -> Picture:
    return thumbnail(blobs.read(sha256), *THUMB_PX)


def _picture(blobs: BlobFolder, sha256: str, room_px: tuple[int, int]) -> Picture:
    return fitted(blobs.read(sha256), *room_px)

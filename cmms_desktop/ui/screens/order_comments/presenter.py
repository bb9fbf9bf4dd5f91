"""Comments on an order or an asset: what was said, answering, photos, and a half-written remark that survives all."""

from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.remarks import Remarked, add_comment
from cmms_desktop.application.queries.own_work import may_comment, may_photograph
from cmms_desktop.application.queries.remarks import CommentLine, PhotoLine, comment_lines, photo_lines
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.order_photos.looking import LookedAt, LookingPresenter, NewPhotos, PhotoRow, photo_row
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted

_SHOWN: Final = frozenset({"comment", "person", "work_order", "asset", "attachment"})
NOTHING_WRITTEN: Final = "Write something first."
SHOWN_AT_ONCE: Final = 20
"""The newest remarks come first, and so many more at each press: hundreds of cards would hold up the window."""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One remark in words. `is_answer`: it stands under the remark that it answers. `may_add`: a photo, now."""

    id: str
    author: str
    when: str
    text: str
    is_answer: bool
    is_waiting: bool
    is_late: bool
    photos: tuple[PhotoRow, ...] = ()
    may_add: bool = False


@dataclass(frozen=True, slots=True)
class CommentsState:
    """The page. `answering`: whose remark is being answered; None: a new one is written. `earlier`: not shown yet.

    `adding`: photos that are being read, in words.
    """

    rows: tuple[CommentRow, ...]
    may_write: bool
    answering: str | None
    earlier: int = 0
    adding: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    comments: tuple[CommentLine, ...]
    photos: tuple[PhotoLine, ...]
    may_write: bool
    may_photograph: bool


class CommentsView(LookedAt, Protocol):
    """What shows it."""

    def show_state(self, state: CommentsState) -> None:
        """Show the remarks."""
        ...

    def show_draft(self, text: str) -> None:
        """Put a text into the field."""
        ...


class CommentsPresenter(LookingPresenter):
    """Keeps what is typed at each key, and writes it when asked to."""

    def __init__(
        self, context: ScreenContext, view: CommentsView, about_id: str, *, about: Remarked = "work_order"
    ) -> None:
        """Show the remarks on one order or asset in a view."""
        super().__init__(context, view, self._show)
        self._view, self._about_id, self._about = view, about_id, about
        self._lines: tuple[CommentLine, ...] = ()
        self._photos: dict[str, tuple[PhotoRow, ...]] = {}
        self._may_write: bool | None = None
        self._may_photograph = False
        self._most = SHOWN_AT_ONCE
        self._is_saving = False
        self._was_just_saved = False
        """A finger that presses twice has said everything with the first press."""

    def start(self) -> None:
        """Show what is there and what was half written."""
        self._view.show_draft(self.context.drafts.get(self._draft) or "")
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("comments", self._read, self._found)

    def show_earlier(self) -> None:
        """Show some more of what was said before."""
        self._most += SHOWN_AT_ONCE
        self._show()

    def type(self, text: str) -> None:
        """Keep what is typed."""
        self._was_just_saved = False
        self.context.drafts.keep(self._draft, text)
        self._view.show_refusal(None)

    def answer(self, comment_id: str) -> None:
        """Answer a remark; an answer to an answer goes to the same remark."""
        line = next((each for each in self._lines if each.id == comment_id), None)
        if line is not None:
            self.context.drafts.keep(self._target, line.parent_id or line.id)
            self._show()

    def stop_answering(self) -> None:
        """Write a remark of its own after all."""
        self.context.drafts.drop(self._target)
        self._show()

    def add_photos(self, comment_id: str, paths: tuple[str, ...]) -> None:
        """Add photos from files to a remark of his own; what it says is their caption."""
        self._view.show_refusal(None)
        line = next((each for each in self._lines if each.id == comment_id), None)
        if line is not None and self._may_photograph and line.is_mine:
            new = NewPhotos(self._about, self._about_id, line.text, comment_id)
            self._attach(paths, new, then=lambda _: None)

    def save(self, text: str) -> None:
        """Write the remark; the draft goes when it is safe. A second press while it is being saved does nothing."""
        if self._is_saving:
            return
        if not text.strip():
            self._view.show_refusal(None if self._was_just_saved else NOTHING_WRITTEN)
            return
        self._is_saving = True
        command = partial(
            add_comment, about_id=self._about_id, about=self._about, text=text.strip(), answers=self._answered_id
        )
        drafts = (self._draft, self._target)
        self.context.background.write(command, partial(self._saved, text), refused=self._refused, forgets=drafts)

    @property
    def _draft(self) -> str:
        return f"comment:{self._about_id}"

    @property
    def _target(self) -> str:
        return f"comment-answers:{self._about_id}"

    @property
    def _answered_id(self) -> str | None:
        target = self.context.drafts.get(self._target)
        return target if any(line.id == target for line in self._lines) else None

    def _saved(self, text: str, comment_id: str) -> None:
        self._is_saving = False
        self._was_just_saved = True
        self.context.drafts.drop(self._target)
        if self.context.drafts.get(self._draft) == text:  # else he types the next one already
            self._forget_draft()
        if not self._is_closed:
            self._show()

    def _forget_draft(self) -> None:
        self.context.drafts.drop(self._draft)
        if not self._is_closed:
            self._view.show_draft("")

    def _refused(self, problem: CmmsError) -> None:
        self._is_saving = False
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.show_refusal(problem.sentence)

    def _read(self, reading: Reading) -> _Found:
        about, about_id = self._about, self._about_id
        return _Found(
            comment_lines(reading, about_id),
            tuple(line for line in photo_lines(reading, about_id) if line.comment_id is not None),
            may_comment(reading, about, about_id),
            may_photograph(reading, about, about_id),
        )

    def _found(self, found: _Found) -> None:
        is_first = self._may_write is None
        self._lines, self._may_write, self._may_photograph = found.comments, found.may_write, found.may_photograph
        now, photos = self.context.clock(), found.photos
        ids = dict.fromkeys(str(line.comment_id) for line in photos)
        self._photos = {id_: tuple(photo_row(each, now) for each in photos if each.comment_id == id_) for id_ in ids}
        if is_first and self._was_written(self.context.drafts.get(self._draft)):
            self._forget_draft()
        self._show()

    def _was_written(self, draft: str | None) -> bool:
        """Whether the program died after the remark was saved and before its draft was dropped."""
        mine = [line for line in self._lines if line.is_mine]
        return bool(draft and mine and mine[-1].text == draft.strip())

    def _show(self) -> None:
        answered = next((line for line in self._lines if line.id == self._answered_id), None)
        shown = newest(self._lines, self._most)
        rows = tuple(self._row(line) for line in threads(shown))
        may_write = self._may_write is not False
        author, earlier = None if answered is None else _author(answered), len(self._lines) - len(shown)
        adding = f"Adding {counted(self._adding, 'photo')}…" if self._adding else ""
        photos = tuple(photo for row in rows for photo in row.photos)
        self._look_at(photos)
        self._view.show_state(CommentsState(rows, may_write, author, earlier, adding))
        self._show_thumbs(photos)

    def _row(self, line: CommentLine) -> CommentRow:
        return CommentRow(
            id=line.id,
            author=_author(line),
            when=Moments().when(line.written_at, self.context.clock()),
            text=line.text,
            is_answer=line.parent_id is not None and any(line.parent_id == each.id for each in self._lines),
            is_waiting=line.received_at is None,
            is_late=line.is_late,
            photos=self._photos.get(line.id, ()),
            may_add=line.is_mine and self._may_photograph,
        )


def newest(lines: tuple[CommentLine, ...], most: int) -> tuple[CommentLine, ...]:
    """Leave out what was said earlier, but nothing that is answered by what stays."""
    by_id = {line.id: line for line in lines}
    kept = {line.id for line in lines[-most:]}
    for line in lines[-most:]:
        parent = by_id.get(line.parent_id or "")
        while parent is not None and parent.id not in kept:
            kept.add(parent.id)
            parent = by_id.get(parent.parent_id or "")
    return tuple(line for line in lines if line.id in kept)


def threads(lines: tuple[CommentLine, ...]) -> tuple[CommentLine, ...]:
    """Order remarks so that answers follow what they answer; an answer to a remark that is gone stands alone."""
    known = {line.id for line in lines}
    roots = [line for line in lines if line.parent_id not in known]
    ordered: list[CommentLine] = []
    pending = [*reversed(roots)]
    while pending:
        line = pending.pop()
        ordered.append(line)
        pending += [each for each in reversed(lines) if each.parent_id == line.id]
    return tuple(ordered)


def _author(line: CommentLine) -> str:
    return "You" if line.is_mine else line.author or "Unknown person"


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)

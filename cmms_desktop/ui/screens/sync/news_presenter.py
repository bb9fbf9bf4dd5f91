"""What the person was told, in words; going to what it is about, and that it was read."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.notifications import read_news
from cmms_desktop.application.queries.news import News, NewsLine, news
from cmms_desktop.application.session import Key
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.moments import Moments

_SHOWN: Final = frozenset({"notification", "work_order", "asset", "asset_stub", "service_request", "held_mutation"})


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One thing in words. `place`: where a press leads; None: it is not here."""

    id: str
    text: str
    detail: str
    is_read: bool
    place: Place | None


class NewsView(Protocol):
    """What shows it."""

    def show_news(self, rows: tuple[NewsRow, ...], *, title: str, has_unread: bool) -> None:
        """Show these."""
        ...


class NewsPresenter(Presenter):
    """The newest things."""

    def __init__(self, context: ScreenContext, view: NewsView) -> None:
        """Show them in a view."""
        super().__init__(context)
        self._view = view
        self._news = News((), ())

    def start(self) -> None:
        """Show what there is."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("news", news, self._found)

    def open(self, row_id: str) -> None:
        """Go to what one is about; with that it is read."""
        line = next((each for each in self._news.lines if each.id == row_id), None)
        place = None if line is None else _place(line)
        if line is not None and place is not None:
            self._read((line.id,))
            self.context.navigator.open(place)

    def read_all(self) -> None:
        """Nothing is new any more."""
        self._read(self._news.unread)

    def _read(self, ids: tuple[str, ...]) -> None:
        command = partial(read_news, notification_ids=ids)
        self.context.background.write(command, self._done, refused=self._refused)

    def _done(self, _: int) -> None:
        """The rows that changed are shown by themselves."""

    def _found(self, found: News) -> None:
        self._news, now = found, self.context.clock()
        title = f"News, {len(found.unread)} unread" if found.unread else "News"
        rows = tuple(_row(each, now) for each in found.lines)
        self._view.show_news(rows, title=title, has_unread=bool(found.unread))

    def _refused(self, problem: CmmsError) -> None:
        self.context.navigator.complain(problem)


def _row(line: NewsLine, now: datetime) -> NewsRow:
    text = ": ".join(part for part in (words.word(words.NEWS, line.kind), line.title) if part)
    detail = line.detail or ""
    said = (detail[:1].upper() + detail[1:], Moments().when(line.created_at, now))
    return NewsRow(line.id, text, " · ".join(part for part in said if part), line.is_read, _place(line))


def _place(line: NewsLine) -> Place | None:
    if not line.is_here:
        return None
    if line.subject == "work_order":
        return Place.of("order", order_id=line.subject_id)
    if line.subject == "held_mutation":
        return Place.of("inbox", conflict_id=line.subject_id)
    asset_id = line.subject_id if line.subject == "asset" else line.asset_id
    return None if asset_id is None else Place.of("assets", asset_id=asset_id)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)

"""The inbox: shows both sides of every conflict and settles what a person decides. Plain Python, no widgets.

Nothing is settled by looking at it, and nothing chosen here is lost when the page goes: choices are drafts until they
are settled in one write.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Literal, Protocol

from cmms_desktop.application.commands.conflicts import settle
from cmms_desktop.application.commands.held import decide_held
from cmms_desktop.application.queries.inbox import ConflictLine
from cmms_desktop.application.session import Key, LocalWrite
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.inbox.choices import Choices
from cmms_desktop.ui.screens.inbox.conflict_words import Teller, can_judge
from cmms_desktop.ui.screens.inbox.held_words import held_detail
from cmms_desktop.ui.screens.inbox.list_words import list_state
from cmms_desktop.ui.screens.inbox.listing import HELD, Listing, Tab, find, next_id
from cmms_desktop.ui.screens.inbox.loading import Loaded, load
from cmms_desktop.ui.screens.inbox.states import Choice, ConflictDetail, HeldDetail, InboxState
from cmms_desktop.ui.text.entries import typed_text, wire_value
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.fields import Scalar

CHOOSE_FIRST: Final = "Choose what to keep for at least one field."
WATCHED: Final = frozenset({"conflict", "held_mutation", "work_order", "asset"})


class InboxView(Protocol):
    """The page."""

    def show_state(self, state: InboxState) -> None:
        """Show a state."""
        ...


class InboxPresenter(Presenter):
    """One visit to the inbox. `conflict_id`: the one to begin with, or its order."""

    def __init__(self, context: ScreenContext, view: InboxView, conflict_id: str = "") -> None:
        super().__init__(context)
        self._view, self._wanted = view, conflict_id
        self._list: Listing | None = None
        self._loaded: Loaded | None = None
        self._selected = ""
        self._choices = Choices()
        self._problems: dict[str, str] = {}
        self._problem: str | None = None
        self._is_busy = False

    def start(self) -> None:
        """Read, and go on reading when something changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read anew."""
        self.ask("inbox", partial(load, now=self.context.clock(), known=self._loaded), self._take)

    # ---- looking around

    def show_tab(self, tab: Tab) -> None:
        """Show what is open, or what was settled."""
        if self._list is not None and tab != self._list.tab:
            self._list = replace(self._list, tab=tab)
            self._select(next_id((), self._list.ids, ""))
            self._show()

    def choose_row(self, row_id: str) -> None:
        """Show the details of a row."""
        if self._list is not None and row_id != self._selected and row_id in self._list.ids:
            self._select(row_id)
            self._show()

    def open_order(self) -> None:
        """Go to the order in question."""
        detail = self._detail()
        if detail is not None and detail.order_id:
            self.context.navigator.open(Place.of("order", order_id=detail.order_id))

    def skip(self) -> None:
        """Leave this one for later and show the next; after the last comes the first."""
        ids = self._list.ids if self._list else []
        if self._selected in ids:
            self.choose_row(ids[(ids.index(self._selected) + 1) % len(ids)])

    def note_place(self, *, is_detail: bool) -> None:
        """Remember what is shown, so that it is found again after a restart."""
        place = Place.of("inbox", conflict_id=self._selected) if is_detail else Place.of("inbox")
        self.context.navigator.replace(place)

    # ---- deciding

    def keep(self, conflict_id: str, choice: Choice) -> None:
        """Choose a side of one field, or take the choice back."""
        is_known = any(line.id == conflict_id for line in self._open_lines())
        if self._list is None or not is_known or (choice != "theirs" and self._list.is_barred(conflict_id)):
            return
        self._note(self._choices.with_choice(conflict_id, choice))

    def keep_next(self, choice: Choice) -> None:
        """Choose for the first field without a choice; for the last one when all have theirs. For the keyboard."""
        ids = [line.id for line in self._open_lines()]
        undecided = [each for each in ids if not self._choices.keep.get(each)]
        if ids:
            self.keep((undecided or ids[-1:])[0], choice)

    def enter(self, conflict_id: str, text: str) -> None:
        """Type a third value."""
        self._problems.pop(conflict_id, None)
        self._note(self._choices.with_text(conflict_id, text))

    def say_why(self, reason: str) -> None:
        """Type the reason."""
        self._note(self._choices.with_reason(reason))

    def settle_chosen(self) -> None:
        """Settle every field that something was chosen for, all at once; then show the next conflict."""
        lines = [line for line in self._open_lines() if self._choices.keep.get(line.id)]
        plan = self._plan(lines)
        if self._is_busy or not lines or self._problems:
            self._problem = None if lines else CHOOSE_FIRST
            self._show()
            return
        reason, what = self._choices.reason.strip() or None, f"{counted(len(lines), 'field')} settled"
        self._write(partial(_settle_all, plan, reason), what)

    def decide(self, decision: Literal["approved", "refused"]) -> None:
        """Decide about a held change."""
        if self._is_busy or not self._selected.startswith(HELD):
            return
        held_id, reason = self._selected.removeprefix(HELD), self._choices.reason.strip() or None
        self._write(partial(decide_held, held_id=held_id, decision=decision, reason=reason), f"Change {decision}")

    def _write(self, command: Callable[[LocalWrite], None], what: str) -> None:
        self._is_busy, self._problem = True, None
        self._show()
        done = partial(self._settled, self._draft_name(), what)
        self.context.background.write(command, done, refused=self._refused, forgets=(self._draft_name(),))

    # ---- answers

    def _settled(self, draft: str, what: str, _: None) -> None:
        self.context.drafts.drop(draft)
        self.context.navigator.toast(what)
        self._is_busy = False
        if draft == self._draft_name():
            self._choices = Choices()
        self.refresh()

    def _refused(self, problem: CmmsError) -> None:
        self._is_busy, self._problem = False, problem.sentence
        if self._is_closed:
            self.context.navigator.complain(problem)
        self._show()

    def _take(self, loaded: Loaded) -> None:
        page, self._loaded = loaded.page, loaded
        old = self._list.ids if self._list else []
        found = find(page, self._wanted) if self._list is None and self._wanted else None
        tab: Tab = self._list.tab if self._list else "open"
        self._list = Listing(page, found[0] if found else tab)
        if found:
            self._select(found[1])
        if self._selected not in self._list.ids:
            self._select(next_id(old, self._list.ids, self._selected))
        self._show()

    # ---- what is chosen

    def _open_lines(self) -> tuple[ConflictLine, ...]:
        """What can be settled here."""
        if self._list is None:
            return ()
        lines = self._list.open_lines(self._selected)
        return tuple(line for line in lines if can_judge(line) and not self._list.is_of_others(line.id))

    def _plan(self, lines: Sequence[ConflictLine]) -> list[tuple[str, Choice, Scalar]]:
        """Conflict, choice and third value in wire form; what cannot be one is noted as a problem of its field."""
        plan: list[tuple[str, Choice, Scalar]] = []
        self._problems = {}
        for line in lines:
            choice, value = self._choices.keep[line.id], None
            if choice == "edited":
                text = self._choices.text.get(line.id, typed_text(line.mine.raw))
                value, problem = wire_value(line.entity, line.field, text)
                if problem is not None:
                    self._problems[line.id] = problem
            plan.append((line.id, choice, value))
            along = self._list.companions(self._selected, line) if self._list else ()
            plan += [(each.id, "theirs", None) for each in along]
        return list({each[0]: each for each in plan}.values())

    def _draft_name(self) -> str:
        return f"inbox:{self._selected}"

    def _select(self, row_id: str) -> None:
        self._selected, self._problem, self._problems = row_id, None, {}
        self._choices = Choices.from_draft(self.context.drafts.get(self._draft_name()))

    def _note(self, choices: Choices) -> None:
        self._choices, self._problem = choices, None
        self.context.drafts.keep(self._draft_name(), choices.as_draft())
        self._show()

    # ---- showing

    def _show(self) -> None:
        if self._list is not None and not self._is_closed:
            state = list_state(self._list, self._teller())
            self._view.show_state(replace(state, selected=self._selected, detail=self._detail()))

    def _teller(self) -> Teller:
        return Teller(Moments(), self.context.clock(), self._loaded.faces if self._loaded else {})

    def _detail(self) -> ConflictDetail | HeldDetail | None:
        if self._list is None:
            return None
        teller = self._teller()
        held, group = self._list.held_line(self._selected), self._list.group(self._selected)
        detail: ConflictDetail | HeldDetail
        if held is not None:
            page, reason = self._list.page, self._choices.reason
            detail = held_detail(held, page, teller.moments, teller.now, reason=reason)
        elif group is not None:
            detail = teller.detail(group, self._list.page.rights, self._choices, self._problems)
        else:
            return None
        return replace(detail, problem=self._problem, is_busy=self._is_busy)


def _settle_all(plan: Sequence[tuple[str, Choice, Scalar]], reason: str | None, write: LocalWrite) -> None:
    for conflict_id, choice, value in plan:
        if choice:
            settle(write, conflict_id, choice, value=value, reason=reason)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in WATCHED for entity, _ in keys)

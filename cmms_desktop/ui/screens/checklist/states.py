"""What the checklist shows, in words that are ready: built from the rows of the query and the entries that lie on them.

Frozen values without Qt. An item that did not change gives an equal state, so that its row is left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cmms_desktop.application.queries.checklist_page import ChecklistPage, ItemLine, Section, excess_of
from cmms_desktop.ui.screens.checklist.entries import NOTHING, Entry, Given, given, judged
from cmms_desktop.ui.text import answer_words as words
from cmms_desktop.ui.text.checklist_words import answered_words, because_words, last_words, limits_words, saved_words
from cmms_desktop.ui.text.moments import Moments
from sync_server.contract.problems import Problem
from sync_server.contract.rules.reading import parse_decimal

FINEST_PLACES: Final = 3
KINDS: Final = frozenset({"pass_fail", "number", "text", "choice", "photo"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps an answer from being saved, or what is odd about it: a red part and a plain one."""

    bold: str
    plain: str = ""
    wants_note: bool = False
    wants_photo: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The order that follows a failed item up."""

    id: str
    number: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """One row. `answer`: pass, flag, fail, na, or "" for none; texts are ready to show, "" for what there is not."""

    id: str
    number: str
    kind: str
    prompt: str
    is_asked: bool
    because: str
    demand: str
    limits: str
    last: str
    short_limits: str
    unit: str
    minimum: str
    maximum: str
    last_value: str
    step: Decimal
    choices: tuple[str, ...]
    answer: str
    value: str
    note: str
    photos: tuple[str, ...]
    saved: str
    trouble: Trouble | None
    is_exception: bool
    is_unsaved: bool
    waits: bool
    """It was entered and is not saved: a draft from before the program ended, or saving it was refused."""
    is_missing: bool
    follow_up: FollowUp | None
    offers_follow_up: bool
    is_locked: bool
    conflicts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionState:
    """Rows under one title. `head`: the checklist's name where it begins and the order has several."""

    index: int
    title: str
    head: str
    answered: int
    total: int
    exceptions: str
    passable: int
    items: tuple[ItemState, ...]

    @property
    def counts(self) -> str:
        """`4 of 5 answered`."""
        return answered_words(self.answered, self.total)

    @property
    def is_done(self) -> bool:
        """Whether everything that is asked here has its answer."""
        return self.answered == self.total > 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A mandatory item without an answer."""

    id: str
    number: str
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistState:
    """The whole pane. `notice`: title and sentence when nothing can be entered here."""

    sections: tuple[SectionState, ...]
    missing: tuple[Missing, ...]
    answered: int
    total: int
    passable: int
    unsaved: int
    """Answers that were entered whole and are not saved."""
    notice: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """What the presenter knows about an item beside its row. `refusal`: a sentence of a command that said no."""

    entry: Entry = NOTHING
    is_typing: bool = False
    refusal: str = ""
    is_saving: bool = False
    """Its command is under way, or done and not read yet."""
    is_tried_again: bool = False
    """The surroundings refused it, such as a full disk: it is sent again with the next reading."""


def checklist_state(
    page: ChecklistPage, item_state: Callable[[ItemLine], ItemState], *, notice: tuple[str, str] | None
) -> ChecklistState:
    """Put the pane together."""
    sections = tuple(_section(section, page, item_state, is_open=notice is None) for section in page.sections)
    return ChecklistState(
        sections=sections,
        missing=() if page.is_locked else tuple(Missing(line.id, line.number, line.prompt) for line in page.missing),
        answered=page.answered,
        total=page.total,
        passable=sum(section.passable for section in sections),
        unsaved=sum(item.waits and item.is_asked for section in sections for item in section.items),
        notice=notice,
    )


def _section(
    section: Section, page: ChecklistPage, item_state: Callable[[ItemLine], ItemState], *, is_open: bool
) -> SectionState:
    items = tuple(item_state(line) for line in section.items)
    shown = [item for item in items if item.is_asked]
    outside = sum(item.kind == "number" and item.is_exception for item in shown)
    failed = sum(item.answer == "fail" for item in shown if item.kind != "number")
    begins = next(each for each in page.sections if each.checklist_id == section.checklist_id) is section
    return SectionState(
        index=section.index,
        title=f"{section.index} {section.title}",
        head=section.checklist if begins and len(page.checklists) > 1 else "",
        answered=section.answered,
        total=section.total,
        exceptions=words.exceptions(
            failed=failed, flagged=sum(item.answer == "flag" for item in shown), out_of_range=outside
        ),
        passable=sum(item.kind == "pass_fail" and not item.answer for item in shown) if is_open else 0,
        items=items,
    )


def item_state(
    line: ItemLine, overlay: Overlay, *, moments: Moments, is_locked: bool, may_follow_up: bool = True
) -> ItemState:
    """Say everything about one item. `may_follow_up`: a failed one may be followed up by another order."""
    whole = given(line, overlay.entry)
    trouble = _trouble(line, whole, overlay)
    answer = _shown_answer(line, whole, overlay)
    is_saved = overlay.entry.is_empty
    is_failed = answer == "fail" and line.is_asked
    return ItemState(
        id=line.id,
        number=line.number,
        kind=line.kind if line.kind in KINDS else "unknown",
        prompt=line.prompt,
        is_asked=line.is_asked,
        because="" if line.because is None else because_words(line.because),
        demand=_demand(line),
        limits=limits_words(line),
        last=last_words(line),
        short_limits=words.short_limits(line.minimum, line.maximum, line.unit, line.last_value),
        unit=line.unit or "",
        minimum=_text(line.minimum),
        maximum=_text(line.maximum),
        last_value=line.last_value or "",
        step=step_of(line),
        choices=line.choices,
        answer=answer,
        value=whole.value or "",
        note=overlay.entry.note if overlay.entry.note is not None else line.note or "",
        photos=line.photos,
        saved=saved_words(line, moments) if is_saved else "",
        trouble=trouble,
        is_exception=is_failed or trouble is not None,
        is_unsaved=not is_saved,
        waits=not (is_saved or overlay.is_saving or overlay.is_typing) and (trouble is None or bool(overlay.refusal)),
        is_missing=line.is_missing,
        follow_up=_follow_up(line),
        offers_follow_up=is_failed and is_saved and line.follow_up is None and may_follow_up and not is_locked,
        is_locked=is_locked,
        conflicts=line.conflicts,
    )


def _shown_answer(line: ItemLine, whole: Given, overlay: Overlay) -> str:
    """The answer as it is pressed; of a reading what the rule makes of it."""
    if line.kind == "pass_fail" or whole.result == "na":
        return whole.result or ""
    if overlay.entry.value is None:
        return line.result or ""
    found = judged(line, whole)
    return "" if isinstance(found, Problem) else found.result or ""


def _trouble(line: ItemLine, whole: Given, overlay: Overlay) -> Trouble | None:
    if not line.is_asked:
        return None
    if overlay.refusal:
        return Trouble(overlay.refusal)
    found = judged(line, whole) if not (overlay.entry.is_empty or overlay.is_typing) else None
    if isinstance(found, Problem):
        return _asked_for(line, whole, found)
    amount = _excess(line, whole)
    return None if amount is None or overlay.is_typing else Trouble(words.out_of_range(amount, line.unit))


def _asked_for(line: ItemLine, whole: Given, problem: Problem) -> Trouble:
    wants_note = problem.code == "note_required"
    amount = _excess(line, whole)
    if amount is None:
        return Trouble(problem.sentence, wants_note=wants_note, wants_photo=problem.code == "photo_required")
    wants_photo = whole.photo is None
    plain = words.wanted(note=wants_note, photo=wants_photo)
    return Trouble(words.out_of_range(amount, line.unit), plain, wants_note, wants_photo)


def _excess(line: ItemLine, whole: Given) -> Decimal | None:
    row = {"kind": line.kind, "value": whole.value, "minimum": _text(line.minimum), "maximum": _text(line.maximum)}
    return excess_of({name: value or None for name, value in row.items()})


def _demand(line: ItemLine) -> str:
    if not line.is_mandatory:
        return "Optional"
    return "Mandatory" if line.kind == "photo" else ""


def _follow_up(line: ItemLine) -> FollowUp | None:
    link = line.follow_up
    return None if link is None else FollowUp(link.id, *words.follow_up_title(link.number, link.title))


def step_of(line: ItemLine) -> Decimal:
    """What − and + add: one of the last place that the limits and the last reading have."""
    numbers = [line.minimum, line.maximum, parse_decimal(line.last_value or "")]
    places = [-int(each.normalize().as_tuple().exponent) for each in numbers if each is not None]
    return Decimal(1).scaleb(-min(max([0, *places]), FINEST_PLACES))


def _text(number: Decimal | None) -> str:
    """A limit with a point and without the zeros that its column adds."""
    if number is None:
        return ""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

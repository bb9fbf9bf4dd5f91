"""Parts of an order: finding one, taking it out of the van or a store, putting it back. Posts movements, never totals.

What is being entered is kept at each step, so that a restart finds it again.
"""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Final, Protocol

import msgspec

from cmms_desktop.application.commands.parts import return_part, use_part
from cmms_desktop.application.queries.own_work import order_rights
from cmms_desktop.application.queries.parts_page import (
    PartsPage,
    find_parts,
    part_by_code,
    part_line,
    parts_page,
)
from cmms_desktop.application.queries.stock_lines import PartLine
from cmms_desktop.application.session import Key, LocalWrite, Reading
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.screens.order_parts.listing import choice_of, net, parts_state, used_parts
from cmms_desktop.ui.screens.order_parts.moving import Entry, move_state
from cmms_desktop.ui.screens.order_parts.states import MoveState, PartChoice, PartsState
from cmms_desktop.ui.text.numbers import with_unit
from sync_server.contract.rules.reading import parse_decimal

_SHOWN: Final = frozenset({"work_order", "work_order_part", "stock_movement", "stock_level", "part", "part_request"})
MOST_FOUND: Final = 8


class PartsView(Protocol):
    """What shows it."""

    def show_state(self, state: PartsState) -> None:
        """Show the lists."""
        ...

    def show_finder(self, text: str | None) -> None:
        """Show the search with a text; None: closed."""
        ...

    def show_found(self, found: tuple[PartChoice, ...], text: str) -> None:
        """Show what a text finds."""
        ...

    def show_move(self, state: MoveState | None) -> None:
        """Show taking or putting back a part; None: nothing is being moved."""
        ...

    def show_refusal(self, sentence: str | None) -> None:
        """Say at the quantity why nothing was posted."""
        ...

    def pass_code_on(self, code: str) -> None:
        """The scanned code names no part."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    page: PartsPage | None
    may_use: bool
    part: PartLine | None


class PartsPresenter(Presenter):
    """The parts of one order."""

    def __init__(self, context: ScreenContext, view: PartsView, order_id: str) -> None:
        """Show one order's parts in a view."""
        super().__init__(context)
        self._view, self._order_id = view, order_id
        self._entry = _read_entry(context.drafts.get(self._note))
        self._found = _Found(None, may_use=False, part=None)
        self._is_saving = False

    # ---- showing

    def start(self) -> None:
        """Show what is there, and what was half entered."""
        self.watch(self.refresh, concerns=_concerns)
        if self._entry.mode == "find":
            self.find(self._entry.text)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("parts", self._read, self._show)

    def _read(self, reading: Reading) -> _Found:
        page = parts_page(reading, self._order_id)
        rights = order_rights(reading, self._order_id)
        part_id, site_id = self._entry.part_id, self._site_id(reading)
        part = part_line(reading, part_id, person_id=self._person_id, site_id=site_id) if part_id else None
        return _Found(page, rights.may_work and page is not None and not page.is_locked, part)

    def _show(self, found: _Found) -> None:
        self._found = found
        if found.page is not None:
            self._view.show_state(parts_state(found.page, may_use=found.may_use, now=self.context.clock()))
        self._show_move()

    def _show_move(self) -> None:
        part = self._found.part
        is_moving = self._entry.mode in {"use", "return"} and part is not None and self._found.may_use
        self._view.show_move(self._move(part) if is_moving and part is not None else None)

    def _move(self, part: PartLine) -> MoveState:
        return move_state(self._entry, part, self._found.page.places if self._found.page else ())

    # ---- finding

    def open_finder(self) -> None:
        """Look for a part to use; without a word the own van is shown."""
        self.find("")

    def find(self, text: str) -> None:
        """Show what a text finds."""
        self._keep(Entry(mode="find", text=text))
        self._view.show_move(None)
        self._view.show_finder(text)
        self.ask("find", partial(self._search, text=text), partial(self._show_choices, text))

    def take_code(self, code: str) -> None:
        """Take the part that a scanned code names; another code is the label of something else."""
        self.ask("code", partial(self._look_up, code=code), partial(self._took_code, code))

    def choose(self, part_id: str) -> None:
        """Use one of a part, from where it lies nearest."""
        self._begin(Entry(mode="use", part_id=part_id, quantity="1"))

    def put_back(self, row_id: str) -> None:
        """Put a part back to where it came from; all of it, unless less is entered."""
        page = self._found.page
        for moves in used_parts(page.movements) if page else ():
            first = moves[0]
            if row_id == f"{first.part_id}/{first.place_id}":
                quantity = str(net(moves))
                entry = Entry(
                    "return", part_id=first.part_id, place_id=first.place_id, quantity=quantity, most=quantity
                )
                self._begin(entry)

    def _search(self, reading: Reading, text: str) -> tuple[PartLine, ...]:
        site_id = self._site_id(reading)
        return find_parts(reading, text, person_id=self._person_id, site_id=site_id, limit=MOST_FOUND)

    def _look_up(self, reading: Reading, code: str) -> PartLine | None:
        """The part that may be used here by its code; the page itself may not be read yet when somebody scans."""
        if not self._read(reading).may_use:
            return None
        return part_by_code(reading, code, person_id=self._person_id, site_id=self._site_id(reading))

    def _show_choices(self, text: str, found: tuple[PartLine, ...]) -> None:
        if self._entry.mode == "find":
            self._view.show_found(tuple(choice_of(part) for part in found), text)

    def _took_code(self, code: str, part: PartLine | None) -> None:
        if part is None:
            self._view.pass_code_on(code)
        else:
            self.choose(part.id)

    # ---- moving

    def enter(self, **values: str) -> None:
        """Keep quantity, place or note of the part that is being moved."""
        self._keep(replace(self._entry, **values))
        self._view.show_refusal(None)
        self._show_move()

    def drop(self) -> None:
        """Move nothing after all."""
        self._keep(Entry())
        self._view.show_finder(None)
        self._view.show_move(None)

    def save(self) -> None:
        """Post the movement once."""
        part, entry = self._found.part, self._entry
        if part is None or self._is_saving:
            return
        shown = self._move(part)
        quantity = parse_decimal(entry.quantity)
        problem = _problem(entry, quantity, shown.place_id)
        if problem or quantity is None:
            self._view.show_refusal(problem or "Enter how many.")
            return
        self._is_saving = True
        move = partial(
            use_part if entry.mode == "use" else return_part,
            order_id=self._order_id,
            part_id=part.id,
            stock_location_id=shown.place_id,
            quantity=quantity,
        )
        saved = partial(self._saved, shown, quantity)
        self.context.background.write(move, saved, refused=self._refused, forgets=(self._note,))

    def _saved(self, shown: MoveState, quantity: Decimal, movement_id: str) -> None:
        self._is_saving = False
        part, entry = self._found.part, self._entry
        if self._is_closed or part is None:
            self.context.drafts.drop(self._note)
            return
        self.drop()
        said = f"{with_unit(quantity, shown.unit)} {shown.part}"
        if entry.mode == "return":
            self.context.navigator.toast(f"Put back {said}")
            return
        undo = partial(_undo, order_id=self._order_id, part_id=part.id, place_id=shown.place_id, quantity=quantity)
        self.context.navigator.toast(f"Used {said}", undo=partial(self.context.background.write, undo))

    def _refused(self, problem: CmmsError) -> None:
        self._is_saving = False
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._view.show_refusal(problem.sentence)

    def _begin(self, entry: Entry) -> None:
        self._keep(entry)
        self._view.show_finder(None)
        self._view.show_refusal(None)
        self.refresh()

    def _keep(self, entry: Entry) -> None:
        self._entry = entry
        text = "" if entry == Entry() else msgspec.json.encode(asdict(entry)).decode()
        self.context.drafts.keep(self._note, text)

    @property
    def _note(self) -> str:
        return f"part:{self._order_id}"

    @property
    def _person_id(self) -> str:
        return self.context.session.signed_in.person_id

    def _site_id(self, reading: Reading) -> str:
        order = reading.get("work_order", self._order_id) or {}
        return str(order.get("site_id") or "")


def _problem(entry: Entry, quantity: Decimal | None, place_id: str) -> str | None:
    """What to enter before anything is posted; that it is more than nothing is the command's rule."""
    if quantity is None:
        return "Enter how many."
    if not place_id:
        return "Choose where it comes from."
    most = parse_decimal(entry.most) if entry.most else None
    if most is not None and quantity > most:
        return f"Only {with_unit(most, None)} of it was used here."
    return None


def _undo(write: LocalWrite, order_id: str, part_id: str, place_id: str, quantity: Decimal) -> str:
    return return_part(write, order_id, part_id, stock_location_id=place_id, quantity=quantity)


def _read_entry(text: str | None) -> Entry:
    """Read a draft; what is not understood starts anew."""
    try:
        return msgspec.json.decode(text, type=Entry) if text else Entry()
    except msgspec.DecodeError:
        return Entry()


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)

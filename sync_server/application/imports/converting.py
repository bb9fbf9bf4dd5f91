"""Makes of each row a draft of a work order, or says in one sentence why it cannot be one.

Nothing of a mapped cell is dropped: a title that is too long goes whole into the description, a type keeps its own
word, a state or priority that has no counterpart is told in the description. Nothing is guessed: an amount that is
none rejects its row.
"""

from collections.abc import Callable
from datetime import time

from sync_server.application.imports.amounts import amount_of
from sync_server.application.imports.cell_text import clean, is_missing, one_line
from sync_server.application.imports.dates import instant_on
from sync_server.application.imports.drafts import OrderDraft, Rejection
from sync_server.application.imports.file_text import printable
from sync_server.application.imports.identity import Identity, made_up_number
from sync_server.application.imports.mapping import ColumnMapping
from sync_server.application.imports.notation import Notation
from sync_server.application.imports.reading import Sheet, SheetRow, width
from sync_server.application.imports.source_words import DEFAULT_TYPE, priority_of, state_of, type_of
from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row

ORDER = REGISTRY["work_order"]
LONGEST_TITLE = ORDER.by_name["title"].characters
LONGEST_CODE = ORDER.by_name["asset_text"].characters
END_OF_DAY = time(23, 59)
"""UTC: an order is due on a day until its end."""
REJECTED_REASON = "Rejected in the system that the order was imported from."


class _UnusableCellError(Exception):
    """A cell that no order can hold; the text is the sentence."""


class Converter:
    """Turns the rows of one sheet into drafts."""

    def __init__(self, sheet: Sheet, mapping: ColumnMapping, notation: Notation) -> None:
        self._sheet = sheet
        self._columns = mapping.columns
        self._notation = notation
        readers = {
            "type": self._type,
            "status": self._status,
            "priority": self._priority,
            "cost": self._cost,
            "created_on": self._created,
            "due_on": self._due,
            "completion_note": self._completion,
        }
        self._readers = [read for field, read in readers.items() if field in self._columns]

    def convert(self, row: SheetRow, identity: Identity) -> OrderDraft | Rejection:
        """Give the draft of a row, or its rejection."""
        try:
            self._check_width(row)
            return self._draft(row, identity)
        except (_UnusableCellError, InvalidValueError) as error:
            sentence = str(error)
            return Rejection(row.number, f"{sentence[:1].upper()}{sentence[1:]}.")

    def _check_width(self, row: SheetRow) -> None:
        most, least = len(self._sheet.headers), self._sheet.named_columns
        if width(row.cells) > most or len(row.cells) < least:
            raise _UnusableCellError(f"The row has {len(row.cells)} cells, the header has {most}")

    def _draft(self, row: SheetRow, identity: Identity) -> OrderDraft:
        title, whole = self._title(row)
        values: Row = {
            "number": made_up_number(identity.external_id),
            "external_id": identity.external_id,
            "title": title,
        }
        notes: list[str] = []
        for read in self._readers:
            values |= read(row, notes)
        parts = [part for part in (whole, self._text(row, "description"), "\n".join(notes)) if part]
        if parts or "description" in self._columns:
            values["description"] = "\n\n".join(parts) or None
        return OrderDraft(
            row=row.number,
            external_id=identity.external_id,
            values={name: checked(ORDER.by_name[name], value) for name, value in values.items()},
            asset_code=self._code(row, "asset_code"),
            site_code=self._code(row, "site_code"),
        )

    def _cell(self, row: SheetRow, field: str) -> str | None:
        position = self._columns.get(field)
        if position is None or position >= len(row.cells) or is_missing(row.cells[position]):
            return None
        return row.cells[position]

    def _header(self, field: str) -> str:
        return printable(self._sheet.headers[self._columns[field]])

    def _text(self, row: SheetRow, field: str) -> str | None:
        return clean(self._cell(row, field) or "") or None

    def _code(self, row: SheetRow, field: str) -> str | None:
        """Give a short text on one line."""
        code = one_line(self._text(row, field) or "")
        if len(code) > LONGEST_CODE:
            raise _UnusableCellError(f"{self._header(field)} is longer than {LONGEST_CODE} characters")
        return code or None

    def _title(self, row: SheetRow) -> tuple[str, str | None]:
        """Give the title, and the whole text when the title cannot hold it."""
        whole = self._text(row, "title")
        if whole is None:
            raise _UnusableCellError(f"{self._header('title')} is empty, and an order needs a title")
        title = one_line(whole)
        if len(title) <= LONGEST_TITLE:
            return title, None if title == whole else whole
        start = title[: LONGEST_TITLE - 1]
        last_blank = start.rfind(" ", LONGEST_TITLE // 2)
        return f"{start[: last_blank if last_blank > 0 else None].rstrip()}…", whole

    def _type(self, row: SheetRow, _notes: list[str]) -> Row:
        word = self._code(row, "type")
        return {"type": type_of(word) if word else DEFAULT_TYPE, "source_type": word}

    def _status(self, row: SheetRow, notes: list[str]) -> Row:
        status = self._translated(row, "status", notes, translate=state_of) or "new"
        is_open = status == "new"
        reason = REJECTED_REASON if status == "rejected" else None
        # nobody can sign what was done elsewhere
        return {"status": status, "status_reason": reason, "requires_signature": is_open}

    def _priority(self, row: SheetRow, notes: list[str]) -> Row:
        return {"priority": self._translated(row, "priority", notes, translate=priority_of) or "medium"}

    def _translated(
        self, row: SheetRow, field: str, notes: list[str], *, translate: Callable[[str], str | None]
    ) -> str | None:
        """Translate a word; one without a counterpart becomes a note."""
        word = self._code(row, field)
        ours = translate(word) if word else None
        if word and ours is None:
            notes.append(f"{self._header(field)} in the imported file: {word}")
        return ours

    def _cost(self, row: SheetRow, _notes: list[str]) -> Row:
        cell = self._cell(row, "cost")
        amount = None if cell is None else amount_of(cell, self._notation.decimal_marks["cost"])
        if cell is not None and amount is None:
            raise _UnusableCellError(f'{self._header("cost")} is "{printable(cell)}", which is no amount')
        return {"cost": None if amount is None else str(amount)}

    def _created(self, row: SheetRow, _notes: list[str]) -> Row:
        created_at = self._instant(row, "created_on", at=time.min)
        return {} if created_at is None else {"created_at": created_at}

    def _due(self, row: SheetRow, _notes: list[str]) -> Row:
        return {"due_at": self._instant(row, "due_on", at=END_OF_DAY)}

    def _completion(self, row: SheetRow, _notes: list[str]) -> Row:
        return {"completion_note": self._text(row, "completion_note")}

    def _instant(self, row: SheetRow, field: str, *, at: time) -> str | None:
        cell = self._cell(row, field)
        if cell is None:
            return None
        instant = instant_on(cell, self._notation.day_orders[field], at=at)
        if instant is None:
            raise _UnusableCellError(f'{self._header(field)} is "{printable(cell)}", which is no date')
        return instant

"""Laws of the import: it never doubles an order, the order of rows is nothing, and no bytes surprise it."""

import csv
import io
import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_server.application.imports.amounts import DecimalMark, amount_of
from sync_server.application.imports.dates import DayOrder, instant_on
from sync_server.application.imports.guessing import guess_mapping
from sync_server.application.imports.planning import ImportPlan, plan_import
from sync_server.application.imports.reading import DELIMITERS, Sheet, read_sheet
from sync_server.application.imports.report import preview
from sync_server.errors import Refused

HEADER = ["Ticket", "Title", "Asset", "Cost", "Note"]
OPTIONS = ["Title=title", "Asset=asset_code", "Cost=cost:decimal-dot", "Note=description"]
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TYPED = st.characters(exclude_categories=["Cs", "Cc"])
"""Without control characters: a file with many of them is rightly refused as binary."""
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["T1", "T2", "T1#2", ""]),
        st.one_of(st.sampled_from(["Pump", "Belt", "NA", "\x85Fan"]), st.text(TYPED, max_size=8)),
        st.sampled_from(["A", "B", " A"]),
        st.sampled_from(["1", "2.50", "PM01", "-3", ""]),
        st.text(st.sampled_from('ab"\\,;\n\r\t é'), max_size=6),
    ),
    max_size=12,
)
BY_ID_OR_HASH = st.sampled_from([[*OPTIONS, "Ticket=external_id"], [*OPTIONS, "Ticket=ignore"]])


def sheet_from(content: bytes) -> Sheet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_bytes(content)
        return read_sheet(path)


def written(rows: list[tuple[str, ...]], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *rows])
    return text.getvalue().encode()


def plan_of(rows: list[tuple[str, ...]], options: list[str], existing: dict[str, str] | None = None) -> ImportPlan:
    sheet = sheet_from(written(rows))
    return plan_import(sheet, guess_mapping(sheet, options), existing=existing or {})


def digests(plan: ImportPlan) -> dict[str, str]:
    return {draft.external_id: draft.digest for draft in plan.new}


@given(ROWS, BY_ID_OR_HASH)
def test_a_second_import_changes_nothing(rows: list[tuple[str, ...]], options: list[str]) -> None:
    first = plan_of(rows, options)
    second = plan_of(rows, options, digests(first))
    assert not second.new
    assert not second.changed
    assert second.rejected == first.rejected
    assert len(second.unchanged) == len(first.new) == len(digests(first))


@given(ROWS, BY_ID_OR_HASH, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_nothing(rows: list[tuple[str, ...]], options: list[str], random: Random) -> None:
    first = plan_of(rows, options)
    shuffled = list(rows)
    random.shuffle(shuffled)
    second = plan_of(shuffled, options, digests(first))
    assert not second.new
    assert not second.changed
    assert len(second.rejected) == len(first.rejected)


@given(ROWS, BY_ID_OR_HASH)
def test_every_row_is_in_exactly_one_place(rows: list[tuple[str, ...]], options: list[str]) -> None:
    plan = plan_of(rows, options)
    numbers = sorted([draft.row for draft in plan.new] + [rejection.row for rejection in plan.rejected])
    assert numbers == [number for number, cells in enumerate(rows, start=2) if any(cells)]


@given(ROWS, st.sampled_from(sorted(DELIMITERS)))
def test_the_delimiter_is_no_part_of_the_rows(rows: list[tuple[str, ...]], delimiter: str) -> None:
    sheet = sheet_from(written(rows, delimiter))
    assert sheet.delimiter == delimiter
    assert [tuple(row.cells) for row in sheet.rows()] == [row for row in rows if any(row)]


GARBAGE = st.one_of(
    st.binary(max_size=400),
    st.text(st.sampled_from('ab1,;\t|"\n\r\\\0\x01é€\ufeff {[<=-./'), max_size=200).map(str.encode),
    st.lists(st.text(CHARACTERS, max_size=10), min_size=2, max_size=30).map(lambda cells: ",".join(cells).encode()),
    st.binary(max_size=200).map(lambda noise: b"Title,Cost,Date,Ticket\n" + noise),
    st.tuples(
        st.sampled_from([b"PK\x03\x04", b"%PDF-1.4", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"sep=;\n"]),
        st.binary(),
    ).map(b"".join),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(GARBAGE)
def test_any_bytes_are_planned_or_refused_in_one_sentence(content: bytes) -> None:
    sentence = outcome(content)
    assert all(line.isprintable() for line in sentence.splitlines())
    assert sentence.endswith(".")
    assert "orders.csv" in sentence


def outcome(content: bytes) -> str:
    """The preview of a plan that has a place for every row, or the one sentence of the refusal."""
    try:
        sheet = sheet_from(content)
        mapping = guess_mapping(sheet)
        plan = plan_import(sheet, mapping, existing={})
    except Refused as refused:
        return refused.sentence.replace("\n", "\0")
    assert len(plan.new) + len(plan.rejected) == sheet.row_count
    return preview(plan, sheet, mapping)


@given(st.text(max_size=45), st.sampled_from(DecimalMark), st.sampled_from(DayOrder))
def test_any_text_is_an_amount_or_none_and_a_date_or_none(text: str, mark: DecimalMark, order: DayOrder) -> None:
    amount = amount_of(text, mark)
    assert amount is None or amount.is_finite()
    instant = instant_on(text, order)
    assert instant is None or instant.endswith("Z")


@given(st.decimals(-(10**9), 10**9, places=2))
def test_an_amount_reads_the_same_in_both_notations(amount: object) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert amount_of(english, DecimalMark.DOT) == amount_of(german, DecimalMark.COMMA) == amount

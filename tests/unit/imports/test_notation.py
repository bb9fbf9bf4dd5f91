"""Dates and amounts, whose notation a whole column decides."""

from decimal import Decimal
from pathlib import Path

import pytest

from sync_server.application.imports.amounts import DecimalMark, amount_of, is_amount
from sync_server.application.imports.dates import DayOrder, instant_on, is_date
from sync_server.application.imports.mapping import NeedsMapping
from tests.unit.imports.sheets import plan_of, sheet_of

DOT, COMMA = DecimalMark.DOT, DecimalMark.COMMA
DAY, MONTH = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("0", DOT, "0"),
        ("1026684.20", DOT, "1026684.20"),
        ("1,026.50", DOT, "1026.50"),
        ("1.026,50", COMMA, "1026.50"),
        ("1.026.684", COMMA, "1026684"),
        ("1'026.50", DOT, "1026.50"),
        ("1 026,50", COMMA, "1026.50"),
        ("1\u00a0026,50 €", COMMA, "1026.50"),
        ("$ 1,026.50", DOT, "1026.50"),
        ("US$5", DOT, "5"),
        ("12,5 EUR", COMMA, "12.5"),
        ("AUD 7", DOT, "7"),
        ("-339.81", DOT, "-339.81"),
        ("-$339.81", DOT, "-339.81"),
        ("\u2212 5", DOT, "-5"),
        ("5.00-", DOT, "-5.00"),
        ("(12.30)", DOT, "-12.30"),
        (".5", DOT, "0.5"),
        ("1.02668E+06", DOT, "1026680"),
    ],
)
def test_amounts_are_read_exactly(text: str, mark: DecimalMark, amount: str) -> None:
    assert amount_of(text, mark) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["PM01", "A1", "", "EUR", "1,026,5", "1 2", "10²", "--5", "5%", "1٣", "NaN", "inf", "12.5.3", "2024-01-01"]
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert not is_amount(text)


@pytest.mark.parametrize(
    ("text", "order", "instant"),
    [
        ("2004-07-01", DAY, "2004-07-01T00:00:00"),
        ("2004/7/1", DAY, "2004-07-01T00:00:00"),
        ("20040701", DAY, "2004-07-01T00:00:00"),
        ("01.07.2004", MONTH, "2004-07-01T00:00:00"),
        ("1.7.04 8:05", DAY, "2004-07-01T08:05:00"),
        ("03/04/2005", DAY, "2005-04-03T00:00:00"),
        ("03/04/2005", MONTH, "2005-03-04T00:00:00"),
        ("3-14-69", MONTH, "1969-03-14T00:00:00"),
        ("3/14/2005 12:30 AM", MONTH, "2005-03-14T00:30:00"),
        ("3/14/2005 5:06:07 pm", MONTH, "2005-03-14T17:06:07"),
        ("2022-11-12T01:53:16.495Z", DAY, "2022-11-12T01:53:16.495000"),
        ("2022-11-12 01:30:00+02:00", DAY, "2022-11-11T23:30:00"),
        ("5 May 2006", DAY, "2006-05-05T00:00:00"),
        ("05-Sept-06", DAY, "2006-09-05T00:00:00"),
        ("February 29, 2004", DAY, "2004-02-29T00:00:00"),
    ],
)
def test_dates_are_read_in_their_notations(text: str, order: DayOrder, instant: str) -> None:
    whole = instant if "." in instant else f"{instant}.000000"
    assert instant_on(text, order) == f"{whole}Z"


@pytest.mark.parametrize(
    "text",
    ["", "2004-02-30", "31/02/2004", "1.2.3", "12345678", "0001-01-01", "2024", "Mayhem 5, 2006", "12:30", "A 5 2006"],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert not is_date(text)


def days(folder: Path, *dates: str, options: tuple[str, ...] = ()) -> list[object]:
    sheet = sheet_of(folder, "Title;Date", *(f"a;{date}" for date in dates))
    return [draft.values["created_at"] for draft in plan_of(sheet, *options).new]


def test_one_telling_date_decides_for_its_column(tmp_path: Path) -> None:
    assert days(tmp_path, "03/04/2005", "13/04/2005")[0] == "2005-04-03T00:00:00.000000Z"
    assert days(tmp_path, "03/04/2005", "04/13/2005")[0] == "2005-03-04T00:00:00.000000Z"
    assert days(tmp_path, "05/05/2005") == ["2005-05-05T00:00:00.000000Z"]


@pytest.mark.parametrize("dates", [("03/04/2005", "05/06/2005"), ("13/04/2005", "04/13/2005")])
def test_dates_that_mean_two_things_are_asked_for(tmp_path: Path, dates: tuple[str, ...]) -> None:
    with pytest.raises(NeedsMapping, match=r"--map Date=created_on:day-first or --map Date=created_on:month-first"):
        days(tmp_path, *dates)
    assert days(tmp_path, "03/04/2005", options=("Date=created_on:month-first",)) == ["2005-03-04T00:00:00.000000Z"]


def costs(folder: Path, *amounts: str, options: tuple[str, ...] = ()) -> list[object]:
    sheet = sheet_of(folder, "Title;Cost", *(f"a;{amount}" for amount in amounts))
    return [draft.values["cost"] for draft in plan_of(sheet, *options).new]


def test_one_telling_amount_decides_for_its_column(tmp_path: Path) -> None:
    assert costs(tmp_path, "1,026", "0.50") == ["1026.0000", "0.5000"]
    assert costs(tmp_path, "1,026", "0,50") == ["1.0260", "0.5000"]
    assert costs(tmp_path, "1026", "7") == ["1026.0000", "7.0000"]


@pytest.mark.parametrize("amounts", [("1,026", "7"), ("1.026", "7"), ("12,50", "12.50")])
def test_amounts_that_mean_two_things_are_asked_for(tmp_path: Path, amounts: tuple[str, ...]) -> None:
    with pytest.raises(NeedsMapping, match=r"--map Cost=cost:decimal-dot or --map Cost=cost:decimal-comma"):
        costs(tmp_path, *amounts)
    assert costs(tmp_path, "1,026", options=("Cost=cost:decimal-comma",)) == ["1.0260"]

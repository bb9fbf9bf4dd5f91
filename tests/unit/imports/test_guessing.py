"""Which column is what: told by its header and its cells, or asked for."""

from pathlib import Path

import pytest

from sync_server.application.imports.dates import DayOrder
from sync_server.application.imports.guessing import guess_mapping
from sync_server.application.imports.mapping import NeedsMapping
from sync_server.errors import Refused
from tests.unit.imports.sheets import fields_of, sheet_of

LISTS = {
    "Date,Machine,Fault,Price": {
        "created_on": "Date",
        "asset_code": "Machine",
        "title": "Fault",
        "cost": "Price",
    },
    "created_at;equipment_no;summary;total_cost": {
        "created_on": "created_at",
        "asset_code": "equipment_no",
        "title": "summary",
        "cost": "total_cost",
    },
    "Startdatum;Anlage;Kurztext;Gesamtkosten": {
        "created_on": "Startdatum",
        "asset_code": "Anlage",
        "title": "Kurztext",
        "cost": "Gesamtkosten",
    },
    "Fecha;Máquina;Título;Importe": {
        "created_on": "Fecha",
        "asset_code": "Máquina",
        "title": "Título",
        "cost": "Importe",
    },
    "When;Équipement;Description;Coût": {
        "created_on": "When",
        "asset_code": "Équipement",
        "title": "Description",
        "cost": "Coût",
    },
    "Completion date;Asset;Problem;Cost center": {"asset_code": "Asset", "title": "Problem"},
}


@pytest.mark.parametrize("header", LISTS)
def test_columns_are_guessed_in_the_languages_of_such_lists(tmp_path: Path, header: str) -> None:
    rows = ["2024-03-01;M-1;Pump leaks oil;12.50", "2024-03-02;M-2;Belt worn out;7", "2024-03-05;M-1;No power;0"]
    delimiter = ";" if ";" in header else ","
    sheet = sheet_of(tmp_path, header, *(row.replace(";", delimiter) for row in rows))
    assert fields_of(sheet) == LISTS[header]


def test_every_field_finds_its_column(tmp_path: Path) -> None:
    sheet = sheet_of(
        tmp_path,
        "WO Number,Short text,Long text,Asset,Asset description,Order type,Status,Priority,Actual cost,Planned cost,"
        "Created on,Due date,Changed on,Action taken,Plant",
        "71,Pump leaks,It leaks at the seal,P-1,Feed pump,Corrective,Open,High,12.5,20,2024-01-02,2024-01-09,"
        "2024-01-05,Replaced the seal,N1",
        "72,Belt worn,The belt is worn out,B-1,Belt drive,Preventive,Closed,Low,3,5,2024-01-03,2024-01-19,2024-01-05,"
        "Fitted a new belt,N1",
    )
    assert fields_of(sheet) == {
        "external_id": "WO Number",
        "title": "Short text",
        "description": "Long text",
        "asset_code": "Asset",
        "type": "Order type",
        "status": "Status",
        "priority": "Priority",
        "cost": "Actual cost",
        "created_on": "Created on",
        "due_on": "Due date",
        "completion_note": "Action taken",
        "site_code": "Plant",
    }


def test_content_speaks_against_a_header(tmp_path: Path) -> None:
    rows = [f"{n % 3},Leak at valve {n},Replace,soon,n.a. {n % 2}" for n in range(40)]
    sheet = sheet_of(tmp_path, "Number,Problem,Action,Due date,Cost", *rows)
    assert fields_of(sheet) == {"title": "Problem"}


def test_what_cannot_be_guessed_is_asked_for_with_the_header_names(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "c1,c2,c3", "2024-01-01,A,The pump leaks", "2024-01-02,B,The belt is worn")
    with pytest.raises(NeedsMapping) as asked:
        guess_mapping(sheet)
    sentence = asked.value.sentence
    assert "no column is surely the title" in sentence
    assert "c1, c2, c3" in sentence
    assert "--map c3=title" in sentence
    assert "\n" not in sentence
    assert fields_of(sheet, ["c3=title"]) == {"title": "c3", "created_on": "c1"}


def test_two_columns_that_suit_equally_well_are_asked_for(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "Title,Cost,Cost,Date 1,Date 2", "a,1,2,2024-01-01,2024-01-02")
    with pytest.raises(NeedsMapping) as asked:
        guess_mapping(sheet)
    assert 'Cost and "Cost (2)" suit cost equally well' in asked.value.sentence
    assert '"Date 1" and "Date 2" suit created_on equally well' in asked.value.sentence
    assert fields_of(sheet, ["Cost=ignore", "Date 2=due_on"]) == {
        "title": "Title",
        "cost": "Cost (2)",
        "created_on": "Date 1",
        "due_on": "Date 2",
    }


def test_a_person_has_the_last_word(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "Title,Remark,a=b,Cost", "first,second thing,x,1")
    mapped = fields_of(sheet, ["remark = title", "Title=description", "a=b=asset_code", "Cost=ignore"])
    assert mapped == {"title": "Remark", "description": "Title", "asset_code": "a=b"}


def test_a_notation_is_stated_behind_the_field(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "Title,Date", "a,03/04/2024")
    assert guess_mapping(sheet, ["Date=created_on:month-first"]).day_orders == {"created_on": DayOrder.MONTH_FIRST}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["Title"], "not of the form COLUMN=field"),
        (["Titel=title"], "the columns are Title, Cost, Day"),
        (["Title=name"], "the fields are external_id, title, description"),
        (["Title="], "the field without a name"),
        (["Title=title", "Cost=title"], "two columns"),
        (["Title=title", "title=ignore"], "names the column Title twice"),
        (["Day=created_on:mdy"], "day-first or month-first"),
        (["Cost=cost:comma"], "decimal-dot or decimal-comma"),
        (["Title=title:big"], "no notations"),
    ],
)
def test_a_wrong_map_option_is_explained_with_the_valid_names(tmp_path: Path, options: list[str], reason: str) -> None:
    sheet = sheet_of(tmp_path, "Title,Cost,Day", "a,1,2024-01-01")
    with pytest.raises(Refused) as refused:
        guess_mapping(sheet, options)
    assert reason in refused.value.sentence


def test_a_list_without_rows_is_mapped_by_its_headers(tmp_path: Path) -> None:
    assert fields_of(sheet_of(tmp_path, "Title,Cost,Due date")) == {
        "title": "Title",
        "cost": "Cost",
        "due_on": "Due date",
    }

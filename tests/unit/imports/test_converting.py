"""What becomes of a row: an order with nothing lost, or one sentence why not."""

from pathlib import Path

import pytest

from sync_server.application.imports.drafts import OrderDraft
from sync_server.application.imports.source_words import priority_of, state_of, type_of
from tests.unit.imports.sheets import plan_of, sheet_of


def the_draft(folder: Path, *lines: str) -> OrderDraft:
    (draft,) = plan_of(sheet_of(folder, *lines)).new
    return draft


def the_reason(folder: Path, *lines: str) -> str:
    plan = plan_of(sheet_of(folder, *lines))
    (rejection,) = plan.rejected
    assert rejection.row == len(lines)
    return rejection.reason


def test_a_row_becomes_a_draft_in_wire_form(tmp_path: Path) -> None:
    draft = the_draft(
        tmp_path,
        "Ticket,Title,Long text,Asset,Type,Priority,Cost,Created on,Due date,Action taken,Site",
        "T-7,Pump leaks,At the seal,P-1,PM01,High,12.5,2024-01-02 06:30,2024-01-09,Replaced the seal,N1",
    )
    assert draft.row == 2
    assert (draft.asset_code, draft.site_code) == ("P-1", "N1")
    assert draft.values == {
        "number": "T-7",
        "external_id": "T-7",
        "title": "Pump leaks",
        "description": "At the seal",
        "type": "repair",
        "source_type": "PM01",
        "priority": "high",
        "cost": "12.5000",
        "created_at": "2024-01-02T06:30:00.000000Z",
        "due_at": "2024-01-09T23:59:00.000000Z",
        "completion_note": "Replaced the seal",
    }


def test_missing_values_are_none_and_unmapped_fields_are_left_alone(tmp_path: Path) -> None:
    draft = the_draft(
        tmp_path,
        "Ticket,Title,Cost,Due date,Asset,Created on",
        "1,Pump,NA,n/a,-,",
    )
    assert draft.values == {"number": "1", "external_id": "1", "title": "Pump"}


def test_mapped_and_empty_is_told_so_that_a_later_file_can_clear_it(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "Ticket,Title,Cost,Due date", "1,Pump,5,2024-01-01", "2,Belt,NA,")
    values = plan_of(sheet).new[1].values
    assert (values["cost"], values["due_at"]) == (None, None)
    assert "completion_note" not in values


def test_a_title_that_is_too_long_goes_whole_into_the_description(tmp_path: Path) -> None:
    long = "The pump leaks " * 20
    draft = the_draft(tmp_path, "Title,Long text", f"{long},At the seal")
    title = str(draft.values["title"])
    assert len(title) <= 200
    assert title.endswith((" leaks…", " pump…", " The…"))
    assert draft.values["description"] == f"{long.strip()}\n\nAt the seal"
    assert len(str(the_draft(tmp_path, "Title,Cost", "x" * 201 + ",1").values["title"])) == 200
    assert the_draft(tmp_path, "Title,Cost", "x" * 200 + ",1").values["title"] == "x" * 200


def test_a_title_of_several_lines_keeps_them_in_the_description(tmp_path: Path) -> None:
    draft = the_draft(tmp_path, "Title,Cost", '"Pump\r\nleaks",1')
    assert draft.values["title"] == "Pump leaks"
    assert draft.values["description"] == "Pump\nleaks"


def test_text_is_nfc_without_control_characters(tmp_path: Path) -> None:
    draft = the_draft(tmp_path, "Title,Asset", "Sto\u0308rung\x07 \u2026 R/H    CYL ,\tP\u0000-1".replace("\0", "\x0b"))
    assert draft.values["title"] == "Störung … R/H    CYL"
    assert draft.asset_code == "P-1"


def test_a_state_or_priority_without_a_counterpart_is_told_in_the_description(tmp_path: Path) -> None:
    draft = the_draft(tmp_path, "Title,Status,Priority", "Pump,Waiting for parts,P2")
    assert draft.values["status"] == "new"
    assert draft.values["priority"] == "medium"
    assert (
        draft.values["description"]
        == "Status in the imported file: Waiting for parts\nPriority in the imported file: P2"
    )


def test_what_was_done_elsewhere_asks_nobody_for_a_signature(tmp_path: Path) -> None:
    done = the_draft(tmp_path, "Title,Status", "Pump,Completed").values
    assert (done["status"], done["requires_signature"]) == ("closed", False)
    assert the_draft(tmp_path, "Title,Status", "Pump,rejected").values["status_reason"]


@pytest.mark.parametrize(
    ("header", "cells", "reason"),
    [
        ("Title,Cost,Date", "Pump,PM01,2024-01-01", 'Cost is "PM01", which is no amount.'),
        ("Title,Cost,Date", "Pump,1,31.02.2024", 'Date is "31.02.2024", which is no date.'),
        ("Title,Cost,Date", "NA,1,2024-01-01", "Title is empty, and an order needs a title."),
        ("Title,Cost,Date", "Pump,1,2024-01-01,x", "The row has 4 cells, the header has 3."),
        ("Title,Cost,Date", "Pump,1", "The row has 2 cells, the header has 3."),
        ("Title,Cost,Asset", f"Pump,1,{'x' * 201}", "Asset is longer than 200 characters."),
        ("Title,Cost,Date", "Pump,99999999999,2024-01-01", "Cost must be a number below ten thousand million."),
        ("Title,Details", f"Pump,{'leaks ' * 5000}", "Description is longer than 20000 characters."),
    ],
)
def test_a_row_that_cannot_be_used_says_why(tmp_path: Path, header: str, cells: str, reason: str) -> None:
    good = {"Date": "Belt,1,2024-01-01", "Asset": "Belt,1,B-1", "Details": "Belt,it slips"}[header.rpartition(",")[2]]
    assert the_reason(tmp_path, header, good, good, good, good, cells) == reason


def test_empty_cells_at_the_end_do_no_harm(tmp_path: Path) -> None:
    plan = plan_of(sheet_of(tmp_path, "Title,Cost,,", "Pump,1,,,,", "Belt,2", "Fan,3,"))
    assert len(plan.new) == 3


def test_plain_words_are_translated_and_codes_are_not() -> None:
    assert [type_of(word) for word in ("PM01", "PM", "", "Wartung", "Störung", "Corrective maintenance")] == [
        "repair",
        "repair",
        "repair",
        "maintenance",
        "repair",
        "repair",
    ]
    assert [type_of(word) for word in ("Preventive", "Prüfung", "install", "Emergency repair")] == [
        "maintenance",
        "inspection",
        "installation",
        "emergency",
    ]
    assert [
        state_of(word) for word in ("Open", "CLOSED - done", "Abgeschlossen", "not completed", "In Progress", "2")
    ] == [
        "new",
        "closed",
        "closed",
        None,
        None,
        None,
    ]
    assert [priority_of(word) for word in ("1 - Very high", "hoch", "Normal", "very low", "P1", "3")] == [
        "critical",
        "high",
        "medium",
        "low",
        None,
        None,
    ]

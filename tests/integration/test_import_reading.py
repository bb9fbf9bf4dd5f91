"""Real lists of work orders, read and planned as they are; nothing is written."""

from pathlib import Path

import pytest

from sync_server.application.imports.mapping import NeedsMapping
from sync_server.application.imports.planning import ImportPlan
from sync_server.application.imports.reading import Sheet, read_sheet
from sync_server.errors import Refused
from tests.support.shared_data import shared_data
from tests.unit.imports.sheets import digests_of, fields_of, plan_of

EXCAVATOR_FIELDS = {
    "created_on": "BscStartDate",
    "asset_code": "Asset",
    "title": "OriginalShorttext",
    "type": "PMType",
    "cost": "Cost",
}


def excavators(name: str) -> Sheet:
    return read_sheet(shared_data("wo_excavators") / f"excavators-{name}.csv")


def counts(plan: ImportPlan) -> tuple[int, int, int, int]:
    return len(plan.new), len(plan.changed), len(plan.unchanged), len(plan.rejected)


@pytest.mark.parametrize("name", ["raw", "cleaned", "bom-index"])
def test_the_excavators_columns_need_no_map(name: str) -> None:
    assert fields_of(excavators(name)) == EXCAVATOR_FIELDS


def test_the_excavators_load_but_for_the_row_whose_cost_is_no_amount() -> None:
    sheet = excavators("raw")
    first = plan_of(sheet)
    assert counts(first) == (5484, 0, 0, 1)
    assert [(each.row, each.reason) for each in first.rejected] == [(3454, 'Cost is "PM01", which is no amount.')]
    assert counts(plan_of(sheet, existing=digests_of(first))) == (0, 0, 5484, 1)


def test_the_358_exact_duplicates_stay_orders_of_their_own() -> None:
    sheet = excavators("raw")
    ids = [draft.external_id for draft in plan_of(sheet).new]
    assert len(set(ids)) == len(ids)
    assert len({tuple(row.cells) for row in sheet.rows()}) == 5485 - 358
    assert sum(not each.endswith(":1") for each in ids) == 358


def test_the_excavators_amounts_dates_and_inch_marks_arrive_exactly() -> None:
    drafts = plan_of(excavators("raw")).new
    amounts = [round(float(str(draft.values["cost"])) * 100) for draft in drafts]
    assert sum(amount < 0 for amount in amounts) == 6
    assert min(amounts) == -33981
    assert max(amounts) == 102668420
    days = sorted(str(draft.values["created_at"]) for draft in drafts)
    assert (days[0][:10], days[-1][:10]) == ("2001-07-05", "2012-12-13")
    assert any(draft.values["title"] == r'replace h.p. \o\" ring"' for draft in drafts)
    assert {draft.asset_code for draft in drafts} == set("ABCDE")
    assert {draft.values["source_type"] for draft in drafts} == {"PM01", "PM02", "PM04", "PM05", "PM06", "PM13"}


def test_the_cleaned_and_the_indexed_list_load_with_the_rejects_they_deserve() -> None:
    cleaned = plan_of(excavators("cleaned"))
    assert counts(cleaned) == (5484, 0, 0, 1)
    assert cleaned.rejected[0].row == 3454
    assert counts(plan_of(excavators("bom-index"))) == (5485, 0, 0, 0)


def test_the_aircraft_log_loads_with_its_own_ids() -> None:
    sheet = read_sheet(shared_data("wo_maintnet_aviation") / "Aircraft_Annotation_DataFile.csv")
    assert fields_of(sheet) == {"external_id": "IDENT", "title": "PROBLEM", "completion_note": "ACTION"}
    first = plan_of(sheet)
    assert counts(first) == (6169, 0, 0, 0)
    assert first.new[0].external_id == "100001"
    assert counts(plan_of(sheet, existing=digests_of(first))) == (0, 0, 6169, 0)


def test_other_peoples_lists_are_asked_about_and_not_misread() -> None:
    for name in ("errors", "failures", "machines", "maint"):
        with pytest.raises(NeedsMapping, match="no column is surely the title"):
            plan_of(read_sheet(shared_data("wo_pdm_azure") / f"PdM_{name}.csv"))
    maint = read_sheet(shared_data("wo_pdm_azure") / "PdM_maint.csv")
    plan = plan_of(maint, "comp=title")
    assert counts(plan) == (3286, 0, 0, 0)
    assert plan.new[0].values["created_at"] == "2019-06-01T06:00:00.000000Z"
    assert plan.new[0].asset_code == "1"


def test_documents_beside_the_data_are_refused_as_no_csv() -> None:
    documents: list[Path] = [*shared_data("wo_excavators").glob("*.md"), *shared_data("photos_exif_gps").iterdir()]
    assert len(documents) > 3
    for document in documents:
        with pytest.raises(Refused, match="is not a CSV file"):
            read_sheet(document)

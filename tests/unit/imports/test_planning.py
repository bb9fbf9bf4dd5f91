"""Which orders are new, changed or unchanged; how a row is known again; and what is told about it."""

from pathlib import Path

from sync_server.application.imports.guessing import guess_mapping
from sync_server.application.imports.identity import identities, made_up_number
from sync_server.application.imports.orders import Placement, changed_order_row, new_order_row
from sync_server.application.imports.planning import plan_import
from sync_server.application.imports.reading import SheetRow
from sync_server.application.imports.report import as_json, preview
from sync_server.contract.codec import checked
from sync_server.contract.entities import REGISTRY
from tests.unit.imports.sheets import digests_of, plan_of, sheet_of

SITE, OTHER_SITE, ASSET, ORDER, BATCH, PERSON = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(6))
AT, LATER = "2026-03-02T08:00:00.000000Z", "2026-03-03T08:00:00.000000Z"
HEADER = "Title,Asset,Cost"
ROWS = ("Pump leaks,A,1.5", "Pump leaks,A,1.5", "Belt worn,B,2", "Fan broken,C,PM01")


def test_rows_that_are_alike_are_separate_orders_and_come_back_unchanged(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, HEADER, *ROWS, *ROWS[:3], "Seal torn,D,4")
    first = plan_of(sheet)
    assert [len(group) for group in (first.new, first.changed, first.unchanged, first.rejected)] == [7, 0, 0, 1]
    assert len({draft.external_id for draft in first.new}) == 7
    second = plan_of(sheet, existing=digests_of(first))
    assert [len(group) for group in (second.new, second.changed, second.unchanged, second.rejected)] == [0, 0, 7, 1]


def test_another_mapping_changes_orders_and_doubles_none(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, HEADER, *ROWS[:3])
    second = plan_of(sheet, "Cost=ignore", existing=digests_of(plan_of(sheet)))
    assert (len(second.new), len(second.changed), len(second.unchanged)) == (0, 3, 0)


def test_encoding_and_delimiter_are_not_part_of_a_row(tmp_path: Path) -> None:
    one = sheet_of(tmp_path, "Title,Asset", '"Störung, links",A')
    other = sheet_of(tmp_path, "Title;Asset;", "Störung, links ;A;", encoding="cp1252", end="\r\n")
    assert list(digests_of(plan_of(one))) == list(digests_of(plan_of(other)))


def test_one_more_row_of_the_same_kind_is_one_new_order(tmp_path: Path) -> None:
    before = plan_of(sheet_of(tmp_path, HEADER, *ROWS[:3]))
    after = plan_of(sheet_of(tmp_path, HEADER, ROWS[0], *ROWS[:3]), existing=digests_of(before))
    assert (len(after.new), len(after.changed), len(after.unchanged)) == (1, 0, 3)


def test_an_id_of_the_file_makes_an_edited_row_a_changed_order(tmp_path: Path) -> None:
    before = plan_of(sheet_of(tmp_path, "Ticket,Title,Cost", "T1,Pump,1.5", "T2,Belt,2"))
    after = plan_of(sheet_of(tmp_path, "Ticket,Title,Cost", "T2,Belt,2", "T1,Pump,1.75"), existing=digests_of(before))
    assert [draft.external_id for draft in after.changed] == ["T1"]
    assert [draft.external_id for draft in after.unchanged] == ["T2"]


def test_an_id_that_repeats_gets_a_number_and_a_note(tmp_path: Path) -> None:
    lines = ["T1,Pump", "T1,Belt", "T1#2,Fan", "T1,Belt", "n/a,Seal"]
    plan = plan_of(sheet_of(tmp_path, "Ticket,Title", *lines), "Ticket=external_id")
    ids = [draft.external_id for draft in plan.new]
    assert sorted(ids[:4]) == ["T1", "T1#2", "T1#3", "T1#4"]
    assert ids[2] == "T1#2"
    assert ids[4].startswith("sha256:")
    assert len(plan.notes) == 2
    assert all("repeats the id T1" in note for note in plan.notes)
    turned = plan_of(
        sheet_of(tmp_path, "Ticket,Title", *reversed(lines)), "Ticket=external_id", existing=digests_of(plan)
    )
    assert (len(turned.new), len(turned.changed), len(turned.unchanged)) == (0, 0, 5)


def test_a_hash_covers_every_cell_and_no_notation_of_it() -> None:
    def the_id(*cells: str) -> str:
        return identities([SheetRow(2, list(cells))], None)[0].external_id

    assert the_id("a", "bc") != the_id("ab", "c")
    assert the_id("a", "", "b") != the_id("a", "b", "")
    assert the_id("o\u0308 ", "x\r\ny", "", " ") == the_id("ö", "x\ny")
    assert the_id("a", "NA") != the_id("a", "")


def test_a_number_for_people_is_short() -> None:
    assert made_up_number("100001") == "100001"
    assert len(made_up_number("x" * 61)) == 12
    assert made_up_number(f"sha256:{'0' * 64}:1") != made_up_number(f"sha256:{'0' * 64}:2")


def test_a_row_of_an_unknown_site_is_rejected(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "Title,Site", "Pump,N1", "Belt,N2", "Fan,")
    plan = plan_import(sheet, guess_mapping(sheet), existing={}, known_sites={"N1"})
    assert [draft.row for draft in plan.new] == [2, 4]
    assert [(each.row, each.reason) for each in plan.rejected] == [(3, 'Its site "N2" is none of this organization.')]


def test_a_new_order_is_a_whole_row_of_the_contract(tmp_path: Path) -> None:
    (draft,) = plan_of(sheet_of(tmp_path, "Title,Asset,Cost,Date", "Pump,P-1,5,2004-07-01")).new
    row = new_order_row(draft, Placement(SITE), row_id=ORDER, import_id=BATCH, at=AT, by=PERSON)
    spec = REGISTRY["work_order"]
    assert tuple(row) == spec.names
    assert {name: checked(spec.by_name[name], value) for name, value in row.items()} == row
    assert row["asset_text"] == "P-1"
    assert (row["import_id"], row["created_at"], row["updated_at"]) == (BATCH, "2004-07-01T00:00:00.000000Z", AT)
    placed = new_order_row(draft, Placement(SITE, ASSET), row_id=ORDER, import_id=BATCH, at=AT, by=None)
    assert (placed["asset_id"], placed["asset_text"]) == (ASSET, None)


def test_a_changed_order_keeps_who_it_is_and_the_state_that_people_gave_it(tmp_path: Path) -> None:
    lines = "Ticket,Title,Cost,Status,Date", "T1,Pump,5,Open,2004-07-01"
    (draft,) = plan_of(sheet_of(tmp_path, *lines)).new
    stored = new_order_row(draft, Placement(SITE), row_id=ORDER, import_id=BATCH, at=AT, by=PERSON)
    later, _ = plan_of(sheet_of(tmp_path, lines[0], "T1,Pump P-1,,Closed,2004-07-02", "T2,Belt,5,Open,2004-07-01")).new
    row = changed_order_row({**stored, "version": 3}, later, Placement(OTHER_SITE), at=LATER, by=None)
    assert (row["title"], row["cost"], row["status"], row["site_id"]) == ("Pump P-1", None, "closed", OTHER_SITE)
    assert (row["id"], row["version"], row["import_id"], row["created_at"]) == (ORDER, 3, BATCH, stored["created_at"])
    taken_up = changed_order_row({**stored, "status": "in_progress"}, later, Placement(SITE), at=LATER, by=None)
    assert (taken_up["status"], taken_up["requires_signature"]) == ("in_progress", True)


def test_the_preview_says_what_happens_in_plain_sentences(tmp_path: Path) -> None:
    sheet = sheet_of(
        tmp_path, "Title,Cost,Shelf", *(f"Pump {n},PM{n},x" if n % 2 else f"Pump {n},{n},x" for n in range(60))
    )
    mapping = guess_mapping(sheet, ["Cost=cost"])
    plan = plan_import(sheet, mapping, existing={})
    lines = preview(plan, sheet, mapping).splitlines()
    assert lines[:4] == [
        "orders.csv: 60 rows, UTF-8, separated by comma.",
        "Columns: Title as title, Cost as cost.",
        "Not imported: Shelf.",
        "New 30, changed 0, unchanged 0, rejected 30.",
    ]
    assert lines[4] == 'Row 3: Cost is "PM1", which is no amount.'
    assert lines[24:] == [
        "And 10 more rejected rows.",
        "Rows are counted as a spreadsheet does: the header is row 1.",
    ]


def test_the_json_names_every_rejected_row(tmp_path: Path) -> None:
    assert as_json(plan_of(sheet_of(tmp_path, HEADER, *ROWS))) == {
        "new": 3,
        "changed": 0,
        "unchanged": 0,
        "rejected": [{"row": 5, "reason": 'Cost is "PM01", which is no amount.'}],
    }

"""Importing work orders with the command, on real PostgreSQL: what becomes of rows, what a second time changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sync_server.application.imports import committing
from sync_server.application.imports.writing import write_rows
from tests.support.import_desk import HEADERS, ImportDesk, line, text_of
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Server
from tests.support.shared_data import shared_data


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> ImportDesk:
    return ImportDesk(server.organization(), tmp_path)


def counts(answer: dict[str, object]) -> tuple[object, ...]:
    assert isinstance(answer["rejected"], list)
    return answer["new"], answer["changed"], answer["unchanged"], len(answer["rejected"])


# ---- the file


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ends", ["\r\n", "\n"], ids=["crlf", "lf"])
def test_the_same_list_is_the_same_orders_however_it_is_written(
    desk: ImportDesk, delimiter: str, encoding: str, ends: str
) -> None:
    desk.organization.site(code="NORTH")
    lines = [line(1, short="Geräusch am Kühler, Gebäude Süd"), line(2, short="Pumpe hält den Druck nicht")]
    text = text_of(lines, delimiter=delimiter).replace("\r\n", ends)
    answer = desk.take(desk.file(text.encode(encoding)))
    assert counts(answer) == (2, 0, 0, 0)
    orders = desk.orders()
    assert [orders[name]["title"] for name in ("W-1", "W-2")] == [
        "Geräusch am Kühler, Gebäude Süd",
        "Pumpe hält den Druck nicht",
    ]
    assert counts(desk.take(desk.file(text_of(lines)))) == (0, 0, 2, 0)


def test_a_broken_row_is_told_with_its_number_and_the_others_are_imported(desk: ImportDesk) -> None:
    file = desk.file(text_of([line(1), line(2, total="PM01"), line(3), line(4), line(5, short="")]))
    answer = desk.take(file)
    assert answer["rejected"] == [
        {"row": 3, "reason": 'Total cost is "PM01", which is no amount.'},
        {"row": 6, "reason": "Short text is empty, and an order needs a title."},
    ]
    assert set(desk.orders()) == {"W-1", "W-3", "W-4"}
    said = desk.say(file)
    assert (said.code, said.err) == (0, "")
    assert 'Row 3: Total cost is "PM01", which is no amount.' in said.out


def test_exact_duplicates_are_orders_of_their_own_and_a_second_import_changes_nothing(desk: ImportDesk) -> None:
    same = ("Pump leaks at the seal", "12.50", "2024-03-28")
    file = desk.file(text_of([same, same, same], headers=("Short text", "Total cost", "Created on")))
    assert counts(desk.take(file)) == (3, 0, 0, 0)
    before = desk.everything()
    again = desk.take(file)
    assert counts(again) == (0, 0, 3, 0)
    assert "import_id" not in again
    assert desk.everything() == before
    assert len({row["number"] for row in desk.orders().values()}) == 3


def test_the_answer_has_these_keys_and_no_other(desk: ImportDesk) -> None:
    file = desk.list_of(2)
    keys = {"new", "changed", "unchanged", "rejected", "dry_run"}
    assert set(desk.take(file, "--dry-run")) == keys | {"site"}
    assert set(desk.take(file)) == keys | {"site", "import_id"}
    assert set(desk.take(file)) == keys


def test_a_dry_run_says_what_the_import_then_does_and_writes_nothing(desk: ImportDesk) -> None:
    file = desk.file(text_of([line(1), line(2), line(3, total="PM01")]))
    before = desk.everything()
    dry = desk.take(file, "--dry-run")
    said = desk.say(file, "--dry-run")
    assert "This was a dry run: nothing was written." in said.out
    assert desk.everything() == before
    done = desk.take(file)
    assert {**done, "dry_run": True} == {**dry, "import_id": done["import_id"]}
    assert desk.orders()["W-1"]["import_id"] == done["import_id"]


def test_the_batch_is_written_down_with_its_file_and_counts(desk: ImportDesk) -> None:
    file = desk.file(text_of([line(1), line(2), line(3, total="PM01")]), "march.csv")
    done = desk.take(file)
    batch = desk.organization.ask(
        "select kind, file_name, new_count, changed_count, unchanged_count, rejected_count, undone_at"
        " from import_batch where id = %s",
        done["import_id"],
    )
    assert batch == [("work_order", "march.csv", 2, 0, 0, 1, None)]


# ---- where orders belong


def test_rows_without_a_site_go_to_the_first_by_code_or_to_the_one_that_was_asked_for(desk: ImportDesk) -> None:
    south, north = desk.organization.site(code="SOUTH"), desk.organization.site(code="NORTH")
    answer = desk.take(desk.file(text_of([line(1), line(2, plant="SOUTH"), line(3, plant="EAST"), line(4)])))
    assert answer["site"] == "NORTH"
    assert answer["rejected"] == [{"row": 4, "reason": 'Its site "EAST" is none of this organization.'}]
    assert {name: row["site_id"] for name, row in desk.orders().items()} == {
        "W-1": north["id"],
        "W-2": south["id"],
        "W-4": north["id"],
    }
    assert desk.take(desk.file(text_of([line(7)])), "--site", "SOUTH")["site"] == "SOUTH"
    assert desk.orders()["W-7"]["site_id"] == south["id"]


def test_an_organization_without_a_site_gets_one_with_its_first_import(desk: ImportDesk) -> None:
    assert desk.take(desk.list_of(2))["site"] == "IMPORT"
    (site,) = desk.organization.rows("site")
    assert (site["code"], site["name"]) == ("IMPORT", "Imported work")
    assert {row["site_id"] for row in desk.orders().values()} == {site["id"]}
    desk.take(desk.file(text_of([line(9)])))
    assert len(desk.organization.rows("site")) == 1
    assert_index_is_right(desk.organization)


def test_an_asset_is_found_by_code_then_serial_then_qr_code_and_an_unknown_one_stays_text(desk: ImportDesk) -> None:
    north, south = desk.organization.site(code="NORTH"), desk.organization.site(code="SOUTH")
    made = {
        code: desk.organization.add("asset", site_id=site["id"], code=code, name=code, serial=serial, qr_code=qr_code)
        for code, site, serial, qr_code in [
            ("P-1", south, "SN-1", "QR-1"),
            ("P-2", north, "P-1", "SN-1"),
            ("P-3", north, "TWICE", None),
            ("P-4", north, "TWICE", "QR-4"),
        ]
    }
    named = ["P-1", "SN-1", "QR-4", "TWICE", "P-9"]
    desk.take(desk.file(text_of(line(n, equipment=name) for n, name in enumerate(named))))
    orders = desk.orders()
    found = [(orders[f"W-{n}"]["asset_id"], orders[f"W-{n}"]["asset_text"]) for n in range(len(named))]
    ids = {code: asset["id"] for code, asset in made.items()}
    assert found == [(ids["P-1"], None), (ids["P-1"], None), (ids["P-4"], None), (None, "TWICE"), (None, "P-9")]
    assert (orders["W-0"]["site_id"], orders["W-4"]["site_id"]) == (south["id"], north["id"])
    assert_index_is_right(desk.organization)


# ---- a later file


def test_a_changed_row_changes_its_order_and_nothing_else_of_it(desk: ImportDesk) -> None:
    north, south = desk.organization.site(code="NORTH"), desk.organization.site(code="SOUTH")
    desk.take(desk.file(text_of([line(1, equipment="P-1"), line(2)])), "--site", "SOUTH")
    first = desk.orders()
    answer = desk.take(desk.file(text_of([line(1, equipment="P-1", priority="high"), line(2)])))
    assert counts(answer) == (0, 1, 1, 0)
    after = desk.orders()
    assert after["W-2"] == first["W-2"]
    differing = {name for name in after["W-1"] if after["W-1"][name] != first["W-1"][name]}
    assert differing == {"priority", "version", "sync_seq", "row_hash", "updated_at"}
    assert (after["W-1"]["priority"], after["W-1"]["site_id"]) == ("high", south["id"])
    desk.take(desk.file(text_of([line(1, equipment="P-1", priority="high", plant="NORTH"), line(2)])))
    assert desk.orders()["W-1"]["site_id"] == north["id"]
    assert_index_is_right(desk.organization)


def test_a_file_without_a_column_takes_nothing_away(desk: ImportDesk) -> None:
    desk.take(desk.file(text_of([line(1, equipment="P-1", priority="high")])))
    narrow = desk.file(text_of([("W-1", "Another title")], headers=HEADERS[:2]))
    assert counts(desk.take(narrow)) == (0, 1, 0, 0)
    order = desk.orders()["W-1"]
    assert (order["title"], order["asset_text"], order["priority"]) == ("Another title", "P-1", "high")


def test_what_somebody_changed_here_stays_and_is_told_once(desk: ImportDesk) -> None:
    desk.take(desk.list_of(2))
    desk.edit(desk.orders()["W-1"], title="Bearing is loose")
    edited = desk.orders()["W-1"]
    file = desk.list_of(2, priority="high")
    said = desk.say(file, "--dry-run")
    assert "New 0, changed 1, unchanged 1, rejected 0." in said.out
    assert "Left as they are, because somebody here has changed them since: 1." in said.out
    assert counts(desk.take(file)) == (0, 1, 1, 0)
    assert desk.orders()["W-1"] == edited
    assert desk.orders()["W-2"]["priority"] == "high"
    assert counts(desk.take(file)) == (0, 0, 2, 0)
    assert "somebody" not in desk.say(file).out


def test_an_order_that_was_deleted_here_does_not_come_back(desk: ImportDesk) -> None:
    desk.take(desk.list_of(2))
    order = desk.orders()["W-1"]
    desk.organization.change("work_order", order["id"], deleted_at=order["created_at"])
    assert counts(desk.take(desk.list_of(2, priority="high"))) == (0, 1, 1, 0)
    assert set(desk.orders()) == {"W-2"}


def test_a_new_order_whose_number_somebody_waits_for_is_imported_and_the_older_has_its_number(desk: ImportDesk) -> None:
    older = desk.organization.order(desk.organization.site(), number="W-1", created_at="2020-03-28T08:00:00.000000Z")
    guarded = "set session_replication_role = replica"  # as one is left that was held when its number became free
    desk.organization.ask(f"{guarded}; update work_order set code_conflict = true where id = '{older['id']}'")
    file = desk.list_of(2)
    assert counts(desk.take(file)) == (2, 0, 0, 0)
    assert not desk.organization.stands("work_order", older["id"])["code_conflict"]
    assert [desk.orders()[name]["code_conflict"] for name in ("W-1", "W-2")] == [True, False]
    assert counts(desk.take(file)) == (0, 0, 2, 0)
    assert_index_is_right(desk.organization)


def test_a_unit_writes_on_what_a_unit_before_it_in_the_same_transaction_left(desk: ImportDesk) -> None:
    organization = desk.organization
    site = organization.site()
    holder, waiter = (organization.order(site, number="W-1") for _ in range(2))
    assert waiter["code_conflict"]
    with organization.database.transaction("worker", organization.id) as connection:
        write_rows(connection, organization.id, "work_order", [(holder, {**holder, "deleted_at": NOW})])
        (written,) = write_rows(connection, organization.id, "work_order", [(waiter, {**waiter, "priority": "high"})])
    stands = organization.stands("work_order", waiter["id"])
    assert stands == written
    assert (stands["code_conflict"], stands["priority"], stands["version"]) == (False, "high", 3)
    assert_index_is_right(organization)


def test_imports_of_an_organization_at_once_are_one_after_the_other(desk: ImportDesk) -> None:
    file, organization = desk.list_of(300), desk.organization

    def once(_: int) -> tuple[int, int]:
        plan = committing.run_import(organization.database, organization.id, file).plan
        return len(plan.new), len(plan.unchanged)

    with ThreadPoolExecutor(4) as pool:
        done = sorted(pool.map(once, range(4)))
    assert done == [(0, 300), (0, 300), (0, 300), (300, 0)]
    assert len(desk.orders()) == 300
    assert len(organization.rows("site")) == 1
    assert_index_is_right(organization)


def test_a_list_of_too_many_rows_is_refused_whole(desk: ImportDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "MOST_ROWS", 5)
    before = desk.everything()
    said = desk.say(desk.list_of(6))
    assert (said.code, said.out) == (2, "")
    assert said.err == "list.csv has 6 rows; import at most 5 at once.\n"
    assert desk.everything() == before


# ---- who sees it


def test_an_imported_order_reaches_a_device_by_ordinary_pull_once_it_is_assigned(desk: ImportDesk) -> None:
    organization = desk.organization
    site = organization.site()
    technician = organization.person("technician", site)
    field = organization.device(technician)
    desk.take(desk.list_of(3))
    order = desk.orders()["W-2"]
    assert ("work_order", order["id"]) not in field.sync().rows
    desk.assign(order, technician)
    assert field.sync().rows["work_order", str(order["id"])]["title"] == "Pump 2 leaks at the seal"
    scopes = {f"user:{technician['id']}", "org:catalog", f"assets:{site['id']}", f"stock:{site['id']}"}
    assert_mirrors(organization, field.mirror, scopes)
    assert_index_is_right(organization)


def test_another_organization_sees_nothing_of_an_import(desk: ImportDesk, server: Server, tmp_path: Path) -> None:
    other = ImportDesk(server.organization(), tmp_path)
    site = other.organization.site()
    supervisor = other.organization.device(other.organization.person("supervisor", site))
    done = desk.take(desk.list_of(5))
    assert not [key for key in supervisor.sync().rows if key[0] == "work_order"]
    assert other.orders() == {}
    said = other.run("import", "undo", done["import_id"], "--organization", other.organization.slug)
    assert (said.code, said.out) == (2, "")
    assert "has no import with the id" in said.err
    assert len(desk.orders()) == 5
    assert counts(other.take(desk.list_of(5))) == (5, 0, 0, 0)
    assert_index_is_right(other.organization)


# ---- real lists


def test_the_excavators_are_imported_in_seconds_and_once(desk: ImportDesk) -> None:
    file = shared_data("wo_excavators") / "excavators-raw.csv"
    rejected = [{"row": 3454, "reason": 'Cost is "PM01", which is no amount.'}]
    started = time.monotonic()
    first = desk.take(file)
    seconds = time.monotonic() - started
    print(f"5,484 orders imported in {seconds:.1f} s")
    assert seconds < 15
    assert (first["new"], first["changed"], first["unchanged"], first["rejected"]) == (5484, 0, 0, rejected)
    assert_index_is_right(desk.organization)
    second = desk.take(file)
    assert (second["new"], second["changed"], second["unchanged"], second["rejected"]) == (0, 0, 5484, rejected)
    assert len(desk.orders()) == 5484


def test_the_aircraft_log_is_imported_with_its_own_numbers(desk: ImportDesk) -> None:
    file = shared_data("wo_maintnet_aviation") / "Aircraft_Annotation_DataFile.csv"
    assert counts(desk.take(file)) == (6169, 0, 0, 0)
    order = desk.orders()["100001"]
    assert (order["number"], order["code_conflict"]) == ("100001", False)
    assert counts(desk.take(file)) == (0, 0, 6169, 0)

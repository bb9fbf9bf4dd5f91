"""Taking an import back: what is deleted, what stays and why, and what a later import brings again."""

from pathlib import Path

import pytest

from tests.support.import_desk import ImportDesk, line, text_of
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Server


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> ImportDesk:
    return ImportDesk(server.organization(), tmp_path)


def told(desk: ImportDesk) -> set[str]:
    rows = desk.organization.ask("select external_id from import_row where organization_id = %s", desk.organization.id)
    return {external_id for (external_id,) in rows}


def test_an_import_that_nobody_touched_is_taken_back_whole(desk: ImportDesk) -> None:
    organization = desk.organization
    site = organization.site()
    supervisor = organization.device(organization.person("supervisor", site))
    done = desk.take(desk.list_of(700))
    assert len([key for key in supervisor.sync().rows if key[0] == "work_order"]) == 700
    assert desk.undo(done["import_id"]) == {"import_id": done["import_id"], "deleted": 700, "kept": [], "changed": 0}
    assert (desk.orders(), told(desk)) == ({}, set())
    assert_index_is_right(organization)
    assert not [key for key in supervisor.sync().rows if key[0] == "work_order"]
    assert_mirrors(organization, supervisor.mirror, set(supervisor.mirror.members))


def test_an_import_after_the_undoing_brings_new_orders(desk: ImportDesk) -> None:
    file = desk.list_of(3)
    first = desk.take(file)
    gone = desk.orders()
    desk.undo(first["import_id"])
    again = desk.take(file)
    assert (again["new"], again["unchanged"]) == (3, 0)
    assert again["import_id"] != first["import_id"]
    back = desk.orders()
    assert set(back) == set(gone)
    assert not {row["id"] for row in back.values()} & {row["id"] for row in gone.values()}
    assert not any(row["code_conflict"] for row in back.values())
    assert desk.undo(again["import_id"])["deleted"] == 3
    assert_index_is_right(desk.organization)


def test_what_somebody_touched_stays_and_the_reason_is_told(desk: ImportDesk) -> None:
    organization = desk.organization
    site = organization.site()
    technician = organization.person("technician", site)
    done = desk.take(desk.list_of(6))
    orders = desk.orders()
    desk.edit(orders["W-1"], title="Bearing is loose")
    desk.assign(orders["W-2"], technician)
    organization.add(
        "comment",
        aggregate_id=orders["W-3"]["id"],
        work_order_id=orders["W-3"]["id"],
        author_id=technician["id"],
        text="The key is at the reception.",
        written_at=NOW,
    )
    organization.order(site, parent_id=orders["W-4"]["id"])
    organization.change("work_order", orders["W-5"]["id"], deleted_at=NOW)
    undone = desk.undo(done["import_id"])
    assert undone["deleted"] == 1
    assert {each["number"]: each["reason"] for each in undone["kept"]} == {
        "W-1": "somebody has changed it",
        "W-2": "somebody has worked on it",
        "W-3": "somebody has worked on it",
        "W-4": "another order follows it up",
    }
    # the follow-up has no external id
    assert desk.orders().keys() - {"None"} == told(desk) == {"W-1", "W-2", "W-3", "W-4"}
    assert_index_is_right(organization)
    again = desk.take(desk.list_of(6))
    assert (again["new"], again["unchanged"]) == (2, 4)


def test_an_order_that_a_later_import_changed_stays(desk: ImportDesk) -> None:
    first = desk.take(desk.list_of(2))
    second = desk.take(desk.file(text_of([line(1, priority="high"), line(2), line(3)])))
    undone = desk.undo(second["import_id"])
    assert (undone["deleted"], undone["kept"], undone["changed"]) == (1, [], 1)
    assert {name: row["priority"] for name, row in desk.orders().items()} == {"W-1": "high", "W-2": "low"}
    undone = desk.undo(first["import_id"])
    assert undone["kept"] == [{"number": "W-1", "reason": "a later import has changed it"}]
    assert set(desk.orders()) == {"W-1"}


def test_an_undoing_is_said_in_sentences(desk: ImportDesk) -> None:
    slug = desk.organization.slug
    done = desk.take(desk.list_of(30))
    for order in list(desk.orders().values())[:22]:
        desk.organization.change("work_order", order["id"], hazards="Hot surface")
    said = desk.run("import", "undo", done["import_id"], "--organization", slug)
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0] == "Deleted 8 orders of this import, kept 22."
    assert lines[1].endswith(" stays: somebody has changed it.")
    assert (lines[-1], len(lines)) == ("And 2 more stay.", 22)


def test_an_import_is_undone_once(desk: ImportDesk) -> None:
    slug = desk.organization.slug
    done = desk.take(desk.list_of(2))
    desk.undo(done["import_id"])
    before = desk.everything()
    said = desk.run("import", "undo", done["import_id"], "--organization", slug)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("This import was undone before, at ")
    assert len(said.err.splitlines()) == 1
    assert desk.everything() == before


UNKNOWN = "5d1b1c6e-0d0e-4c5a-9f43-2a7f6f0c9d11"


@pytest.mark.parametrize("import_id", ["", "42", "no id", "../..", UNKNOWN, UNKNOWN.upper()])
def test_an_import_that_is_not_there_is_one_sentence(desk: ImportDesk, import_id: str) -> None:
    before = desk.everything()
    said = desk.run("import", "undo", import_id, "--organization", desk.organization.slug)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("This organization has no import with the id")
    assert len(said.err.splitlines()) == 1
    assert desk.everything() == before

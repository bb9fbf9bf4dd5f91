"""Records of the office: kept by who may, in steps, shown to the office alone; projects and their orders."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sync_server.contract.fields import Row
from sync_server.contract.rules.matrix import RECORDS
from sync_server.errors import RetryLater
from sync_server.storage import office_records as stored_records
from sync_server.storage.record_kinds import KINDS
from tests.support.import_desk import ImportDesk
from tests.support.office_books import ROLES, STEPS, Books, insisting, refusal
from tests.support.server_side import Server, new_id
from tests.support.waiting_locks import await_a_waiting_lock

Cell = tuple[str, Callable[[], object]]
"""An action of the matrix, and trying it."""
NOTHING = "00000000-0000-7000-8000-000000000007"


@pytest.fixture(scope="module")
def books(server: Server) -> Books:
    return Books(server.organization())


# ---- who may


def cells_of_projects(books: Books, role: str) -> Iterator[Cell]:
    project = books.make("projects", code=new_id(), name="Boiler")
    yield "create", lambda: books.make("projects", role, code=new_id(), name="New")
    yield "change", lambda: books.step("projects", project, "active", role)
    yield "delete", lambda: books.delete("projects", project, role)


def cells_of_documents(books: Books, role: str) -> Iterator[Cell]:
    document = books.make("documents", number=new_id(), title="Oil")
    version = books.version(document, state="in_review")
    yield "create", lambda: books.make("documents", role, number=new_id(), title="New")
    yield "change", lambda: books.edit("documents", document, role, title=("Oil", "Water"))
    yield "review", lambda: books.step("document-versions", version, "draft", role, "A table is missing.")
    yield "delete", lambda: books.delete("documents", document, role)


def cells_of_procedures(books: Books, role: str) -> Iterator[Cell]:
    procedure, version = books.procedure(state="in_review")
    yield "create", lambda: books.make("procedures", role, code=new_id(), name="New")
    yield "change", lambda: books.make("procedure-versions", role, procedure_id=procedure, steps=STEPS)
    yield "review", lambda: books.step("procedure-versions", version, "draft", role, "A step is missing.")
    yield "delete", lambda: books.delete("procedures", procedure, role)


def cells_of_inspections(books: Books, role: str) -> Iterator[Cell]:
    _, version = books.procedure()
    named = {"procedure_version_id": version, "asset_id": str(books.asset["id"])}
    begun = books.make("procedure-executions", **named)
    yield "create", lambda: books.make("procedure-executions", role, **named)
    yield "change", lambda: books.step("procedure-executions", begun, "abandoned", role, "It rains.")


def cells_of_changes(books: Books, role: str) -> Iterator[Cell]:
    said = {"title": "Other burner", "reason": "It smokes."}
    draft, handed_in = (books.make("changes", number=new_id(), **said) for _ in range(2))
    books.make("change-impacts", change_request_id=handed_in, asset_id=str(books.asset["id"]))
    books.step("changes", handed_in, "submitted")
    by = f"{role} 2"  # nobody decides about his own
    yield "create", lambda: books.make("changes", role, number=new_id(), **said)
    yield "change", lambda: books.step("changes", draft, "withdrawn", role, "It does not smoke.")
    yield "decide", lambda: books.make("change-approvals", by, change_request_id=handed_in, decision="approved")
    deleted = books.make("changes", number=new_id(), **said)
    yield "delete", lambda: books.delete("changes", deleted, role)


CELLS: dict[str, Callable[[Books, str], Iterator[Cell]]] = {
    "project": cells_of_projects,
    "controlled_document": cells_of_documents,
    "inspection_procedure": cells_of_procedures,
    "procedure_execution": cells_of_inspections,
    "change_request": cells_of_changes,
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_does_with_records_exactly_what_the_matrix_gives_it(books: Books, role: str) -> None:
    assert CELLS.keys() == RECORDS.keys()
    for resource, cells in CELLS.items():
        tried = dict(cells(books, role))
        assert tried.keys() == RECORDS[resource].actions.keys()
        done = {action: refusal(act) for action, act in tried.items()}
        assert done == {
            action: None if role in RECORDS[resource].actions[action] else "not_allowed" for action in tried
        }, resource


@pytest.mark.parametrize("role", ROLES)
def test_only_the_office_reads_them(books: Books, role: str) -> None:
    project = books.make("projects", code=new_id(), name="Boiler")
    expected = "not_allowed" if role in {"technician", "customer"} else None
    for kind in KINDS:
        assert refusal(lambda kind=kind: books.listed(kind, role)) == expected
    assert refusal(lambda: books.row("projects", project, role)) == expected
    answer = books.client(role).request("GET", "/v1/office/records/projects")
    assert (answer.status_code == 200) == (expected is None)


def test_who_was_given_more_may_approve(books: Books) -> None:
    document = books.make("documents", number=new_id(), title="Oil")
    version = books.version(document, state="in_review")
    assert refusal(lambda: books.step("document-versions", version, "approved", "planner")) == "not_allowed"
    person_id = books.person("planner")["id"]
    books.organization.add(
        "person_permission",
        person_id=person_id,
        aggregate_id=(row_id := new_id()),
        id=row_id,
        resource="controlled_document",
        action="review",
        scope="organization",
    )
    books.step("document-versions", version, "approved", "planner")
    assert books.row("document-versions", version)["approved_by"] == person_id


# ---- projects


def test_a_project_goes_its_steps_over_the_routes_and_no_others(books: Books) -> None:
    client, path = books.client("planner"), "/v1/office/records/projects"
    values = {"code": "P-1", "name": "  New boiler ", "from_on": "2026-03-02"}
    made = client.post(path, {"values": values})
    assert made.status_code == 200, made.text
    record = f"{path}/{made.json()['id']}"

    def stands() -> dict[str, Any]:
        (row,) = client.request("GET", record).json()["projects"]
        return dict(row)

    assert (stands()["name"], stands()["state"], stands()["until_on"]) == ("New boiler", "planned", None)
    assert client.post(f"{record}/state", {"state": "completed"}).json()["code"] == "illegal_transition"
    assert client.post(f"{record}/state", {"state": "gone"}).json()["code"] == "invalid_value"
    assert client.post(f"{record}/state", {"state": "active"}).status_code == 204
    assert client.post(f"{record}/state", {"state": "active"}).status_code == 204, "it is that already"
    assert client.post(f"{record}/state", {"state": "on_hold"}).json()["code"] == "reason_required"
    assert client.post(f"{record}/state", {"state": "on_hold", "reason": "No parts."}).status_code == 204
    assert (stands()["state"], stands()["state_reason"]) == ("on_hold", "No parts.")
    name = f"projects/{made.json()['id']}"
    assert books.patch("manager", name, name=["New boiler", "Boiler"]).status_code == 204
    assert books.patch("planner", name, name=["New boiler", "Kettle"]).json()["code"] == "conflicting_reference"
    assert books.patch("planner", name, until_on=[None, "2026-03-01"]).json()["code"] == "invalid_value"
    assert books.patch("planner", name, state=["on_hold", "active"]).json()["code"] == "invalid_value"
    assert stands()["name"] == "Boiler"
    assert client.post(f"{record}/deletion", {"is_deleted": True}).status_code == 204
    assert client.request("GET", record).status_code == 404
    assert client.post(f"{record}/deletion", {"is_deleted": False}).status_code == 204
    assert stands()["name"] == "Boiler"
    acts = [(act, actor) for act, row, actor in books.lines() if row == made.json()["id"]]
    assert acts == [(f"project.{act}", client.person_id) for act in ("active", "on_hold", "deleted", "restored")]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "No code"},
        {"code": " ", "name": "Blank code"},
        {"code": "P", "name": ""},
        {"code": "P" * 61, "name": "Long code"},
        {"code": "P\0", "name": "No text"},
        {"code": 7, "name": "No text"},
        {"code": "P", "name": "Wrong day", "from_on": "tomorrow"},
        {"code": "P", "name": "Ends before", "from_on": "2026-03-02", "until_on": "2026-03-01"},
        {"code": "P", "name": "Manager is nobody", "manager_id": NOTHING},
        {"code": "P", "name": "No id", "manager_id": "x"},
        {"code": "P", "name": "A state is not given", "state": "active"},
        {"code": "P", "name": "Nor who made it", "created_by": NOTHING},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(books: Books, values: Row) -> None:
    before = books.listed("projects")
    assert refusal(lambda: books.make("projects", **values)) in {"invalid_value", "conflicting_reference"}
    assert books.listed("projects") == before


def test_an_order_is_done_for_one_project_and_shown_at_its_site_only(books: Books) -> None:
    organization = books.organization
    far = organization.site()
    here, there = organization.order(books.site), organization.order(far)
    project, other = (books.make("projects", code=new_id(), name="Boiler") for _ in range(2))
    named = books.make("project-work-orders", "planner", project_id=project, work_order_id=here["id"])
    far_named = books.make("project-work-orders", project_id=project, work_order_id=there["id"])
    again = {"project_id": other, "work_order_id": here["id"]}
    assert refusal(lambda: books.make("project-work-orders", "planner", **again)) == "already_exists"
    for order_id in (there["id"], NOTHING):
        asked = {"project_id": other, "work_order_id": order_id}
        assert refusal(lambda asked=asked: books.make("project-work-orders", "planner", **asked)) == "not_found"
    of_all = {row["id"] for row in books.listed("project-work-orders", within=project)}
    of_site = {row["id"] for row in books.listed("project-work-orders", "planner", within=project)}
    assert (of_all, of_site) == ({named, far_named}, {named})
    assert refusal(lambda: books.delete("project-work-orders", far_named, "planner")) == "not_found"
    books.delete("project-work-orders", named, "planner")
    books.make("project-work-orders", "planner", **again)
    books.delete("projects", other)
    assert refusal(lambda: books.make("project-work-orders", project_id=other, work_order_id=here["id"])) == "not_found"


def test_a_code_that_is_taken_is_marked_and_handed_on(books: Books) -> None:
    def marks() -> list[bool]:
        rows = {str(row["id"]): bool(row["code_conflict"]) for row in books.listed("projects")}
        return [rows[each] for each in ids if each in rows]

    code = new_id()
    ids = [books.make("projects", code=code, name=f"Project {number}") for number in range(3)]
    assert marks() == [False, True, True]
    books.edit("projects", ids[0], code=(code, new_id()))
    assert marks() == [False, False, True], "the oldest that waits has it now"
    books.delete("projects", ids[1])
    assert marks() == [False, False]
    books.delete("projects", ids[1], is_deleted=False)
    assert marks() == [False, True, False], "who has it keeps it"


def test_of_two_who_take_a_code_at_once_one_has_it(books: Books) -> None:
    code = new_id()
    books.person("manager")

    def make(number: int) -> str | None:
        return insisting(lambda: books.make("projects", code=code, name=f"Project {number}"))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(make, range(8))) == [None] * 8
    marks = [row["code_conflict"] for row in books.listed("projects") if row["code"] == code]
    assert sorted(marks) == [False, *[True] * 7]


def test_two_who_both_rename_what_shares_a_code_do_not_wait_for_each_other(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first gives the code up, so it writes into the second, which waits for it and is being renamed, too."""
    code, done = new_id(), list[object]()
    records = [books.make("projects", code=code, name="Boiler") for _ in range(2)]
    locked, arrived = stored_records.locked, list[object]()

    def with_company(*asked: Any) -> Row | None:
        found = locked(*asked)
        arrived.append(asked[-1])
        is_enough = (lambda: len(arrived) > 1) if asked[-1] == records[0] else (lambda: bool(done))
        await_a_waiting_lock(books.organization, unless=is_enough)
        return found

    monkeypatch.setattr(stored_records, "locked", with_company)

    def is_in_a_deadlock(record_id: str) -> bool:
        while True:
            try:
                books.edit("projects", record_id, code=(code, new_id()))
            except RetryLater as busy:
                if isinstance(busy.__cause__, psycopg.errors.DeadlockDetected):
                    return True
            else:
                done.append(record_id)
                return False

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(is_in_a_deadlock, records)) == [False, False]
    assert [books.row("projects", each)["code_conflict"] for each in records] == [False, False]


# ---- addresses and another organization


def test_what_is_no_kind_and_no_record_is_not_there(books: Books) -> None:
    client = books.client("manager")
    for path in ("nothing", "projects/x", f"projects/{NOTHING}", f"document-relations/{NOTHING}"):
        assert client.request("GET", f"/v1/office/records/{path}").status_code == 404
    for kind, path in (("documents", "state"), ("project-work-orders", "state")):
        answer = client.post(f"/v1/office/records/{kind}/{NOTHING}/{path}", {"state": "draft"})
        assert answer.status_code == 404
    assert client.request("GET", f"/v1/office/records/document-versions?within={NOTHING}").json() == []
    assert client.request("GET", "/v1/office/records/projects?within=x").json() == []
    assert len(client.request("GET", "/v1/office/records/projects?limit=1&skip=1").json()) == 1


def test_invariant_28_the_records_of_another_organization_are_nobodys(books: Books, server: Server) -> None:
    theirs = Books(server.organization())
    project = theirs.make("projects", code="P-1", name="Secret")
    document = theirs.make("documents", number="D-1", title="Secret")
    version = theirs.version(document, "manager", "in_review")
    order = theirs.organization.order(theirs.site)
    own = books.make("projects", code=new_id(), name="Boiler")
    for known in (project, document, version):
        for kind in KINDS:
            for act in (
                lambda kind=kind, known=known: books.row(kind, known),
                lambda kind=kind, known=known: books.edit(kind, known),
                lambda kind=kind, known=known: books.step(kind, known, "withdrawn", reason="So."),
                lambda kind=kind, known=known: books.delete(kind, known),
            ):
                assert refusal(act) in {"not_found", "append_only"}
            assert books.listed(kind, within=known) == []
    for named in (order["id"], NOTHING):
        said = {"project_id": own, "work_order_id": named}
        assert refusal(lambda said=said: books.make("project-work-orders", **said)) == "not_found"
    assert books.make("projects", code="P-9", name="Free") != project
    assert [row["code"] for row in theirs.listed("projects")] == ["P-1"]


# ---- as they are typed


@pytest.fixture
def desk(books: Books, tmp_path: Path) -> ImportDesk:
    return ImportDesk(books.organization, tmp_path)


def test_an_administrator_keeps_records_in_the_name_of_somebody(books: Books, desk: ImportDesk) -> None:
    books.client("planner")  # so that he has a login, which is his id here
    here = ("--organization", books.organization.slug)
    named = (*here, "--as", books.person("planner")["id"])
    made = desk.run("record", "make", "projects", "code=P-77", "name=Typed", *named)
    assert (made.code, made.err) == (0, "")
    record_id = made.out.strip()
    assert f"{record_id}  P-77  Typed  planned\n" in desk.run("record", "list", "projects", *here).out
    assert desk.run("record", "change", "projects", record_id, "name=Written", "until_on=2026-03-31", *named).code == 0
    assert desk.run("record", "change", "projects", record_id, "until_on=", *named).code == 0
    assert desk.run("record", "state", "projects", record_id, "cancelled", "--because", "Too dear.", *named).code == 0
    shown = json.loads(desk.run("record", "show", "projects", record_id, *here, "--json").out)
    (row,) = shown["projects"]
    said = (row["name"], row["until_on"], row["state"], row["state_reason"], row["updated_by"])
    assert said == ("Written", None, "cancelled", "Too dear.", books.person("planner")["id"])
    assert desk.run("record", "delete", "projects", record_id, *named).out == "It is deleted.\n"
    assert desk.run("record", "show", "projects", record_id, *here).code == 2
    assert desk.run("record", "restore", "projects", record_id, *named).out == "It is there again.\n"
    assert "state: cancelled\n" in desk.run("record", "show", "projects", record_id, *here).out
    assert [line.partition("  ")[0] for line in desk.run("record", "kinds").out.splitlines()] == list(KINDS)


@pytest.mark.parametrize(
    "words",
    [
        ("make", "projects", "code=P", "{here}", "{planner}"),
        ("make", "projects", "code", "{here}", "{planner}"),
        ("make", "projects", "nothing=P", "{here}", "{planner}"),
        ("make", "nothing", "code=P", "{here}", "{planner}"),
        ("make", "projects", "code=P", "name=N", "{here}", "--as=nobody"),
        ("make", "projects", "code=P", "name=N", "{here}", "{technician}"),
        ("make", "projects", "code=P", "name=N", "--organization=nowhere", "{planner}"),
        ("make", "projects", "code=P", "name=N", "{here}"),
        ("change", "projects", "{project}", "from_on=tomorrow", "{here}", "{planner}"),
        ("change", "projects", "nothing", "name=N", "{here}", "{planner}"),
        ("state", "projects", "{project}", "done", "{here}", "{planner}"),
        ("state", "projects", "{project}", "cancelled", "{here}", "{planner}"),
        ("state", "project-work-orders", "{project}", "done", "{here}", "{planner}"),
        ("delete", "projects", "nothing", "{here}", "{planner}"),
        ("show", "projects", "nothing", "{here}"),
        ("list", "nothing", "{here}"),
    ],
)
def test_a_wrong_command_is_told_in_one_sentence_and_nothing_is_done(
    books: Books, desk: ImportDesk, words: tuple[str, ...]
) -> None:
    for who in ("planner", "technician"):
        books.client(who)
    project = books.make("projects", code=new_id(), name="Boiler")
    names = {who: f"--as={books.person(who)['id']}" for who in ("planner", "technician")}
    before = books.listed("projects")
    said = desk.run(
        "record",
        *(word.format(here=f"--organization={books.organization.slug}", project=project, **names) for word in words),
    )
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert books.listed("projects") == before

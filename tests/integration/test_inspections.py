"""Procedures are carried out by their valid version, judged like checklists, and what came of them stays."""

import json
from typing import Any

import psycopg
import pytest

from tests.support.office_books import STEPS, Books, refusal
from tests.support.server_side import Server, new_id

NOTHING = "00000000-0000-7000-8000-000000000007"
EXECUTIONS = "procedure-executions"


@pytest.fixture(scope="module")
def books(server: Server) -> Books:
    return Books(server.organization())


def begun(books: Books, who: str = "supervisor") -> str:
    _, version = books.procedure()
    return books.make(EXECUTIONS, who, procedure_version_id=version, asset_id=str(books.asset["id"]))


def note(books: Books, execution: str, who: str = "supervisor", **results: Any) -> None:
    """Write results over whatever stands."""
    standing = books.row(EXECUTIONS, execution)["results"]
    books.edit(EXECUTIONS, execution, who, results=(standing, json.dumps(results)))


def test_an_inspection_that_passes_and_one_that_fails(books: Books) -> None:
    passed, failed = begun(books), begun(books)
    note(books, passed, tight={"result": "pass"}, pressure={"value": "2,50"})
    note(books, failed, tight={"result": "fail", "note": "Drops."}, pressure={"value": "2"}, why={"value": "Seal"})
    for execution in (passed, failed):
        books.step(EXECUTIONS, execution, "finished", "supervisor")
    rows = {each: books.row(EXECUTIONS, each) for each in (passed, failed)}
    assert [(rows[each]["outcome"], rows[each]["state"]) for each in (passed, failed)] == [
        ("passed", "finished"),
        ("failed", "finished"),
    ]
    kept = json.loads(str(rows[passed]["results"]))
    assert kept == {"pressure": {"result": "pass", "value": "2.50"}, "tight": {"result": "pass"}}
    assert rows[passed]["finished_at"] is not None
    told = [act for act, row, _ in books.lines() if row == passed]
    assert told == ["procedure_execution.finished"]


def test_it_does_not_end_before_every_result_that_is_asked_is_there(books: Books) -> None:
    execution = begun(books)
    assert refusal(lambda: books.step(EXECUTIONS, execution, "finished", "supervisor")) == "answers_missing"
    note(books, execution, tight={"result": "fail", "note": "Drops."}, pressure={"value": "2"})
    assert refusal(lambda: books.step(EXECUTIONS, execution, "finished", "supervisor")) == "answers_missing", "why"
    note(books, execution, tight={"result": "pass"}, pressure={"value": "2"})
    books.step(EXECUTIONS, execution, "finished", "supervisor")


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ("[]", "invalid_value"),
        ("no JSON", "invalid_value"),
        ('{"nothing": {"result": "pass"}}', "invalid_value"),
        ('{"tight": {"result": "perhaps"}}', "invalid_value"),
        ('{"tight": {"result": "fail"}}', "note_required"),
        ('{"pressure": {"value": "much"}}', "not_a_number"),
        ('{"pressure": {"value": "9", "note": "Too high."}}', "photo_required"),
        (f'{{"pressure": {{"value": "9", "note": "Too high.", "photo": "{"0" * 64}"}}}}', "not_found"),
        (None, "invalid_value"),
    ],
)
def test_what_is_no_result_of_its_steps_is_refused(books: Books, results: str | None, code: str) -> None:
    execution = begun(books)
    assert refusal(lambda: books.edit(EXECUTIONS, execution, "supervisor", results=("{}", results))) == code
    assert books.row(EXECUTIONS, execution)["results"] == "{}"


def test_a_photo_is_one_that_he_has_sent(books: Books) -> None:
    execution, photo = begun(books), books.file("supervisor")
    pressure = {"value": "9", "note": "Too high.", "photo": photo}
    note(books, execution, tight={"result": "pass"}, pressure=pressure)
    books.step(EXECUTIONS, execution, "finished", "supervisor")
    assert books.row(EXECUTIONS, execution)["outcome"] == "failed"


def read(books: Books, who: str, digest: str) -> tuple[int, bytes]:
    answer = books.client(who).request("GET", f"/v1/blobs/{digest}")
    return answer.status_code, answer.content


def test_the_office_of_the_site_sees_the_photo_and_nobody_else_does(books: Books, server: Server) -> None:
    """Who was not there decides by it; before it is part of an inspection it is its author's alone."""
    execution, content = begun(books), new_id().encode()
    photo, other = books.file("supervisor", content), books.file("supervisor")
    nothing = read(books, "manager", photo)
    assert nothing[0] == 404
    note(books, execution, pressure={"value": "9", "note": f"See {other[:63]}.", "photo": photo})
    for who in ("supervisor", "manager", "planner", "admin"):
        assert read(books, who, photo) == (200, content), who
    elsewhere = books.organization.site()
    books.people["supervisor elsewhere"] = books.organization.person("supervisor", elsewhere)
    books.people["planner elsewhere"] = books.organization.person("planner", elsewhere)
    for who in ("technician", "customer", "supervisor elsewhere", "planner elsewhere"):
        assert read(books, who, photo) == nothing, who
    assert read(books, "manager", other) == nothing, "what it does not name stays his"
    foreign = Books(server.organization())
    assert read(foreign, "manager", photo) == nothing
    books.organization.change("asset", str(books.asset["id"]), site_id=elsewhere["id"])
    assert read(books, "planner", photo) == nothing, "an inspection belongs to the site of its asset"
    assert read(books, "planner elsewhere", photo) == (200, content)
    books.organization.change("asset", str(books.asset["id"]), site_id=books.site["id"])


def test_nobody_opens_another_ones_file_by_naming_it_in_an_inspection(books: Books) -> None:
    execution, photo = begun(books), books.file("technician")
    results = {"pressure": {"value": "9", "note": "Too high.", "photo": photo}}
    assert refusal(lambda: note(books, execution, **results)) == "not_found"
    note(books, execution, tight={"result": "fail", "note": photo})
    assert read(books, "supervisor", photo)[0] == 404
    assert read(books, "manager", photo)[0] == 404


def test_only_who_carries_it_out_writes_what_came_of_it(books: Books) -> None:
    execution = begun(books, "supervisor")
    assert refusal(lambda: note(books, execution, "manager", tight={"result": "pass"})) == "not_allowed"
    note(books, execution, tight={"result": "pass"}, pressure={"value": "2"})
    assert refusal(lambda: books.step(EXECUTIONS, execution, "finished", "manager")) == "not_allowed"
    assert refusal(lambda: books.step(EXECUTIONS, execution, "abandoned", "manager")) == "reason_required"
    books.step(EXECUTIONS, execution, "abandoned", "manager", "He is ill.")
    assert books.row(EXECUTIONS, execution)["outcome"] is None


def test_what_has_ended_never_changes_whoever_writes(books: Books) -> None:
    execution = begun(books)
    note(books, execution, tight={"result": "pass"}, pressure={"value": "2"})
    books.step(EXECUTIONS, execution, "finished", "supervisor")
    stands = books.row(EXECUTIONS, execution)
    assert refusal(lambda: note(books, execution, tight={"result": "na"})) == "record_locked"
    assert refusal(lambda: books.step(EXECUTIONS, execution, "running", "supervisor")) == "illegal_transition"
    assert refusal(lambda: books.delete(EXECUTIONS, execution)) == "append_only"
    for set_ in ("results = '{}'", "outcome = 'failed'", "state = 'running', outcome = NULL, finished_at = NULL"):
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            books.organization.ask(f"update procedure_execution set {set_} where id = %s", execution)
    with pytest.raises(psycopg.errors.RaiseException, match="never removed"):
        books.organization.ask("delete from procedure_execution where id = %s", execution)
    assert books.row(EXECUTIONS, execution) == stands


def test_only_the_valid_version_is_carried_out_and_an_inspection_keeps_its_own(books: Books) -> None:
    procedure, first = books.procedure()
    named = {"asset_id": str(books.asset["id"])}
    execution = books.make(EXECUTIONS, "supervisor", procedure_version_id=first, **named)
    second = books.make("procedure-versions", procedure_id=procedure, steps='[{"key":"a","kind":"text","prompt":"A"}]')
    assert refusal(lambda: books.make(EXECUTIONS, procedure_version_id=second, **named)) == "record_locked"
    books.step("procedure-versions", second, "in_review")
    assert refusal(lambda: books.step("procedure-versions", second, "approved", "manager")) == "own_work"
    books.step("procedure-versions", second, "approved", "manager 2")
    assert books.row("procedure-versions", first)["state"] == "withdrawn"
    assert refusal(lambda: books.make(EXECUTIONS, procedure_version_id=first, **named)) == "record_locked"
    note(books, execution, tight={"result": "pass"}, pressure={"value": "2"})
    books.step(EXECUTIONS, execution, "finished", "supervisor")
    with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        books.organization.ask("update procedure_version set steps = '[]' where id = %s", first)


@pytest.mark.parametrize("steps", ["", "[]", "{}", "x", '[{"key":"a","kind":"nothing","prompt":"A"}]', None])
def test_steps_that_cannot_be_carried_out_are_refused(books: Books, steps: str | None) -> None:
    procedure = books.make("procedures", code=new_id(), name="Test")
    act = lambda: books.make("procedure-versions", procedure_id=procedure, steps=steps)  # noqa: E731
    assert refusal(act) == "invalid_value"
    draft = books.make("procedure-versions", procedure_id=procedure, steps=STEPS)
    change = lambda: books.edit("procedure-versions", draft, steps=(STEPS, steps))  # noqa: E731
    assert refusal(change) == "invalid_value"


def test_an_inspection_is_of_an_asset_where_somebody_is_the_office_and_seen_there_only(books: Books) -> None:
    organization = books.organization
    far = organization.site()
    theirs, order = books.an_asset(far), organization.order(far)
    _, version = books.procedure()
    for asset in (theirs["id"], NOTHING, "x", None):
        said = {"procedure_version_id": version, "asset_id": asset}
        assert refusal(lambda said=said: books.make(EXECUTIONS, "planner", **said)) == "not_found"
    here = {"procedure_version_id": version, "asset_id": str(books.asset["id"])}
    for order_id in (order["id"], NOTHING):
        named = {**here, "work_order_id": str(order_id)}
        assert refusal(lambda named=named: books.make(EXECUTIONS, "planner", **named)) == "not_found"
    own = organization.order(books.site)
    mine = books.make(EXECUTIONS, "planner", **here, work_order_id=str(own["id"]))
    other = books.make(EXECUTIONS, procedure_version_id=version, asset_id=str(theirs["id"]))
    assert {row["id"] for row in books.listed(EXECUTIONS, "planner", within=version)} == {mine}
    assert {row["id"] for row in books.listed(EXECUTIONS, within=version)} == {mine, other}
    assert refusal(lambda: books.step(EXECUTIONS, other, "abandoned", "planner", "So.")) == "not_found"

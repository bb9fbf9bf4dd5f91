"""Changes are decided about by others, as many as they need; the last decision moves them in its own transaction."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.office_books import Books, insisting, refusal
from tests.support.server_side import Server, new_id

NOTHING = "00000000-0000-7000-8000-000000000007"


@pytest.fixture(scope="module")
def books(server: Server) -> Books:
    return Books(server.organization())


def drafted(books: Books, **values: str | int) -> str:
    """A change of the planner that reaches a boiler."""
    said = {"number": new_id(), "title": "Other burner", "reason": "The old one smokes.", **values}
    change = books.make("changes", "planner", **said)
    books.make("change-impacts", "planner", change_request_id=change, asset_id=str(books.asset["id"]))
    return change


def submitted(books: Books, **values: str | int) -> str:
    change = drafted(books, **values)
    books.step("changes", change, "submitted", "planner")
    return change


def decide(books: Books, change: str, who: str, decision: str = "approved", reason: str | None = None) -> str:
    return books.make("change-approvals", who, change_request_id=change, decision=decision, reason=reason)


def state(books: Books, change: str) -> object:
    return books.row("changes", change)["state"]


def test_the_last_approval_that_is_needed_moves_the_change_with_it(books: Books) -> None:
    change = submitted(books, needed_approvals=2)
    decide(books, change, "supervisor")
    assert state(books, change) == "submitted"
    last = decide(books, change, "manager", reason="Before winter.")
    row = books.row("changes", change)
    assert (row["state"], row["state_reason"], row["updated_by"]) == (
        "approved",
        "Before winter.",
        books.person("manager")["id"],
    )
    assert row["updated_at"] == books.row("change-approvals", last)["created_at"]
    books.step("changes", change, "carried_out", "planner")
    told = [act for act, row_id, _ in books.lines() if row_id == change]
    assert told == ["change_request.submitted", "change_request.approved", "change_request.carried_out"]
    assert "change_approval.created" in [act for act, row_id, _ in books.lines() if row_id == last]


def test_one_refusal_ends_it_and_says_why(books: Books) -> None:
    change = submitted(books, needed_approvals=3)
    decide(books, change, "supervisor")
    for reason in (None, " ", "…"):
        assert refusal(lambda reason=reason: decide(books, change, "manager", "rejected", reason)) == "reason_required"
    decide(books, change, "manager", "rejected", "Too dear.")
    assert (state(books, change), books.row("changes", change)["state_reason"]) == ("rejected", "Too dear.")
    assert refusal(lambda: decide(books, change, "admin")) == "record_locked"
    assert refusal(lambda: books.step("changes", change, "submitted", "planner")) == "illegal_transition"


def test_nobody_decides_about_his_own_or_twice_or_without_being_asked(books: Books) -> None:
    own = books.make("changes", "manager", number=new_id(), title="Other burner", reason="It smokes.")
    books.make("change-impacts", change_request_id=own, asset_id=str(books.asset["id"]))
    assert refusal(lambda: decide(books, own, "admin")) == "record_locked", "it was not handed in"
    books.step("changes", own, "submitted")
    assert refusal(lambda: decide(books, own, "manager")) == "own_work"
    assert refusal(lambda: decide(books, own, "planner")) == "not_allowed"
    for wrong in ("perhaps", "", None):
        assert refusal(lambda wrong=wrong: decide(books, own, "admin", wrong)) == "invalid_value"
    change = submitted(books, needed_approvals=2)
    decide(books, change, "supervisor")
    assert refusal(lambda: decide(books, change, "supervisor")) == "already_exists"
    assert refusal(lambda: decide(books, NOTHING, "supervisor")) == "not_found"
    for to in ("approved", "rejected"):
        assert refusal(lambda to=to: books.step("changes", change, to, "manager", "So.")) == "not_allowed"
    assert state(books, change) == "submitted"


def test_what_is_handed_in_again_is_decided_about_anew(books: Books) -> None:
    change = submitted(books, needed_approvals=2)
    decide(books, change, "supervisor")
    books.step("changes", change, "draft", "planner")
    assert refusal(lambda: decide(books, change, "manager")) == "record_locked"
    title = books.row("changes", change)["title"]
    books.edit("changes", change, "planner", title=(title, "A better burner"))
    books.step("changes", change, "submitted", "planner")
    decide(books, change, "manager")
    assert state(books, change) == "submitted", "the former approval was for something else"
    decide(books, change, "supervisor")
    assert state(books, change) == "approved"
    assert [row["round"] for row in books.listed("change-approvals", within=change)] == [1, 2, 2]


def test_what_was_handed_in_is_what_is_approved(books: Books) -> None:
    change = submitted(books)
    (impact,) = books.listed("change-impacts", within=change)
    title = books.row("changes", change)["title"]
    assert refusal(lambda: books.edit("changes", change, "planner", title=(title, "More"))) == "record_locked"
    more = {"change_request_id": change, "asset_id": str(books.asset["id"])}
    assert refusal(lambda: books.make("change-impacts", "planner", **more)) == "record_locked"
    assert refusal(lambda: books.delete("change-impacts", str(impact["id"]))) == "record_locked"
    assert refusal(lambda: books.delete("changes", change)) == "record_locked"
    for set_ in ("title = 'More'", "reason = 'More'", "needed_approvals = 2", "round = 0"):
        with pytest.raises(psycopg.Error, match="never changed"):
            books.organization.ask(f"update change_request set {set_} where id = %s", change)


def test_only_who_asks_for_a_change_writes_what_it_is(books: Books) -> None:
    """Otherwise somebody writes into another one's change what he approves himself."""
    change = drafted(books)
    (impact,) = books.listed("change-impacts", within=change)
    stands = books.row("changes", change)
    edit = {"reason": (stands["reason"], "Because I say so.")}
    more = {"change_request_id": change, "asset_id": str(books.asset["id"])}
    tried = [
        lambda: books.edit("changes", change, "manager", **edit),
        lambda: books.edit("changes", change, "manager", needed_approvals=(1, 9)),
        lambda: books.make("change-impacts", "manager", **more),
        lambda: books.delete("change-impacts", str(impact["id"]), "manager"),
    ]
    assert [refusal(act) for act in tried] == ["not_allowed"] * len(tried)
    books.edit("changes", change, "planner", **edit)
    books.delete("change-impacts", str(impact["id"]), "planner")
    assert refusal(lambda: books.step("changes", change, "submitted", "planner")) == "answers_missing"
    restore = lambda who: books.delete("change-impacts", str(impact["id"]), who, is_deleted=False)  # noqa: E731
    assert refusal(lambda: restore("manager")) == "not_allowed"
    restore("planner")
    books.step("changes", change, "submitted", "manager")
    decide(books, change, "manager")
    assert state(books, change) == "approved"


def test_decisions_are_only_ever_added_to(books: Books) -> None:
    change = submitted(books, needed_approvals=2)
    decision = decide(books, change, "supervisor")
    assert refusal(lambda: books.delete("change-approvals", decision)) == "append_only"
    assert refusal(lambda: books.edit("change-approvals", decision, decision=("approved", "rejected"))) == "append_only"
    with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        books.organization.ask("update change_approval set decision = 'rejected', reason = 'x' where id = %s", decision)
    with pytest.raises(psycopg.errors.RaiseException, match="never removed"):
        books.organization.ask("delete from change_approval where id = %s", decision)


def test_of_approvals_at_once_the_last_one_moves_it_and_none_is_lost(books: Books) -> None:
    """Four people for three places: one of them comes too late, and is told."""
    change = submitted(books, needed_approvals=3)
    people = ["supervisor", "manager", "admin", "manager 2"]
    for who in people:
        books.person(who)

    def approve(who: str) -> str | None:
        return insisting(lambda: decide(books, change, who))

    with ThreadPoolExecutor(4) as threads:
        done = sorted(map(str, threads.map(approve, people)))
    assert done == ["None", "None", "None", "record_locked"]
    assert state(books, change) == "approved"
    assert len(books.listed("change-approvals", within=change)) == 3


def test_of_two_decisions_of_one_person_at_once_one_counts(books: Books) -> None:
    change = submitted(books, needed_approvals=2)
    books.person("supervisor")
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: insisting(lambda: decide(books, change, "supervisor")), range(4)))
    assert sorted(map(str, done)) == ["None", *["already_exists"] * 3]
    assert state(books, change) == "submitted"


def test_a_change_reaches_one_thing_at_a_time_that_is_there_for_him(books: Books, server: Server) -> None:
    far = books.organization.site()
    theirs = books.an_asset(far)
    part = books.organization.add("part", code=new_id(), name="Burner")
    document, (procedure, _) = (
        books.make("documents", number=new_id(), title="Oil"),
        books.procedure("manager", "draft"),
    )
    change = books.make("changes", "planner", number=new_id(), title="Other burner", reason="It smokes.")
    assert refusal(lambda: books.step("changes", change, "submitted", "planner")) == "answers_missing"
    named = {
        "asset_id": str(books.asset["id"]),
        "part_id": str(part["id"]),
        "document_id": document,
        "procedure_id": procedure,
    }
    for column, value in named.items():
        books.make("change-impacts", "planner", change_request_id=change, **{column: value}, note="It is newer.")
    foreign = Books(server.organization()).make("documents", number=new_id(), title="Oil")
    wrong: list[tuple[dict[str, str], set[str]]] = [
        ({}, {"invalid_value"}),
        ({"asset_id": named["asset_id"], "part_id": named["part_id"]}, {"invalid_value"}),
        ({"asset_id": str(theirs["id"])}, {"not_found"}),
        ({"document_id": foreign}, {"not_found"}),
        *(({column: NOTHING}, {"not_found", "conflicting_reference"}) for column in named),
    ]
    for values, codes in wrong:
        make = lambda values=values: books.make("change-impacts", "planner", change_request_id=change, **values)  # noqa: E731
        assert refusal(make) in codes, values
    everywhere = books.make("changes", number=new_id(), title="Other burners", reason="They smoke.")
    for asset in (books.asset, theirs):
        books.make("change-impacts", change_request_id=everywhere, asset_id=str(asset["id"]))
    assert len(books.listed("change-impacts", within=everywhere)) == 2
    assert len(books.listed("change-impacts", "planner", within=everywhere)) == 1, "not the one at another site"


@pytest.mark.parametrize("needed", [0, -1, 10, "many", True, 1.5])
def test_a_change_needs_one_to_nine_approvals(books: Books, needed: object) -> None:
    said = {"number": new_id(), "title": "Burner", "reason": "Smoke", "needed_approvals": needed}
    assert refusal(lambda: books.make("changes", **said)) == "invalid_value"

"""Versions of controlled documents: approved by somebody else than their author, and unchanged ever after."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.office_books import ROLES, Books, insisting, refusal
from tests.support.server_side import Server, new_id

NOTHING = "00000000-0000-7000-8000-000000000007"


@pytest.fixture(scope="module")
def books(server: Server) -> Books:
    return Books(server.organization())


def test_nobody_approves_what_he_has_written_and_only_one_version_holds(books: Books) -> None:
    document = books.make("documents", number=new_id(), title="Lubrication")
    first = books.version(document, "manager", "in_review")
    assert refusal(lambda: books.step("document-versions", first, "approved", "manager")) == "own_work"
    books.step("document-versions", first, "approved", "manager 2")
    second = books.version(document, "manager", "approved")
    rows = {row["id"]: row for row in books.listed("document-versions", within=document)}
    assert [(rows[each]["number"], rows[each]["state"]) for each in (first, second)] == [
        (1, "withdrawn"),
        (2, "approved"),
    ]
    assert rows[first]["state_reason"] == "Version 2 took its place."
    assert rows[first]["approved_by"] == rows[second]["approved_by"] == books.person("manager 2")["id"]
    told = [act for act, row, _ in books.lines() if row == first]
    assert told == ["document_version.in_review", "document_version.approved", "document_version.withdrawn"]


def test_of_two_versions_approved_at_once_one_holds(books: Books) -> None:
    document = books.make("documents", number=new_id(), title="Lubrication")
    versions = [books.version(document, "manager", "in_review") for _ in range(4)]
    books.person("manager 2")

    def approve(version: str) -> str | None:
        return insisting(lambda: books.step("document-versions", version, "approved", "manager 2"))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(approve, versions)) == [None] * 4
    states = [row["state"] for row in books.listed("document-versions", within=document)]
    assert sorted(states) == ["approved", "withdrawn", "withdrawn", "withdrawn"]


def test_an_approved_version_never_changes_whoever_writes(books: Books) -> None:
    organization = books.organization
    document = books.make("documents", number=new_id(), title="Lubrication")
    version = books.version(document, "manager", "approved")
    other = books.file("manager")
    stands = books.row("document-versions", version)
    changed = {"sha256": (stands["sha256"], other)}
    assert refusal(lambda: books.edit("document-versions", version, "manager", **changed)) == "record_locked"
    assert refusal(lambda: books.delete("document-versions", version)) == "append_only"
    assert (
        refusal(lambda: books.step("document-versions", version, "draft", "manager 2", "Again."))
        == "illegal_transition"
    )
    for set_ in (
        f"sha256 = '{other}'",
        "file_name = 'other.pdf'",
        "change_note = 'Nothing.'",
        "number = 7",
        f"approved_by = '{books.person('admin')['id']}'",
        "approved_by = NULL, approved_at = NULL, state = 'draft'",
        "state = 'in_review'",
        "approved_at = now()",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            organization.ask(f"update document_version set {set_} where id = %s", version)
    with pytest.raises(psycopg.errors.RaiseException, match="never removed"):
        organization.ask("delete from document_version where id = %s", version)
    assert books.row("document-versions", version) == stands


def test_a_version_names_a_file_that_its_author_has_sent_whole(books: Books) -> None:
    document = books.make("documents", number=new_id(), title="Lubrication")
    others, never = books.file("supervisor"), hashlib.sha256(new_id().encode()).hexdigest()
    half = hashlib.sha256(b"half a file").hexdigest()
    headers = {"Upload-Offset": "0", "Upload-Length": "11"}
    books.client("manager").request("PATCH", f"/v1/blobs/{half}", content=b"half", headers=headers)
    said = {"document_id": document, "file_name": "a.pdf"}
    codes = {
        refusal(lambda each=each: books.make("document-versions", sha256=each, **said))
        for each in (others, never, half)
    }
    assert codes == {"not_found"}
    for wrong in ("", "X" * 64, "0" * 63):
        assert refusal(lambda wrong=wrong: books.make("document-versions", sha256=wrong, **said)) == "invalid_value"
    draft = books.version(document, "manager")
    standing = books.row("document-versions", draft)["sha256"]
    assert refusal(lambda: books.edit("document-versions", draft, sha256=(standing, others))) == "not_found"
    assert (
        refusal(lambda: books.edit("document-versions", draft, "supervisor", sha256=(standing, others)))
        == "not_allowed"
    )
    mine = books.file("manager")
    books.edit("document-versions", draft, sha256=(standing, mine))
    assert books.row("document-versions", draft)["sha256"] == mine


def test_the_office_reads_the_file_of_a_document_and_nobody_else_does(books: Books, server: Server) -> None:
    document = books.make("documents", number=new_id(), title="Lubrication")
    digest = str(books.row("document-versions", books.version(document, "manager"))["sha256"])
    loose = books.file("manager")
    stranger = Books(server.organization())
    read = {who: books.client(who).request("GET", f"/v1/blobs/{digest}").status_code for who in ROLES}
    assert read == {who: 404 if who in {"technician", "customer"} else 200 for who in ROLES}
    assert books.client("planner").request("GET", f"/v1/blobs/{loose}").status_code == 404
    assert stranger.client("admin").request("GET", f"/v1/blobs/{digest}").status_code == 404


def test_documents_belong_together_and_none_with_itself_or_nothing(books: Books, server: Server) -> None:
    one, two = (books.make("documents", number=new_id(), title="Lubrication") for _ in range(2))
    theirs = Books(server.organization()).make("documents", number=new_id(), title="Lubrication")
    books.make("document-relations", document_id=one, other_document_id=two, kind="replaces")
    for other, kind, code in ((one, "replaces", "invalid_value"), (two, "likes", "invalid_value")):
        said = {"document_id": one, "other_document_id": other, "kind": kind}
        assert refusal(lambda said=said: books.make("document-relations", **said)) == code
    for other in (theirs, NOTHING):
        said = {"document_id": one, "other_document_id": other, "kind": "replaces"}
        assert refusal(lambda said=said: books.make("document-relations", **said)) == "not_found"
    found = books.client("planner").request("GET", f"/v1/office/records/documents/{one}").json()
    assert [row["other_document_id"] for row in found["document-relations"]] == [two]

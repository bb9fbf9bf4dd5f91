"""Records of the office name only what is there: nothing new hangs on what was deleted, and what hung there stays."""

from collections.abc import Callable

import pytest

from sync_server.contract.fields import Scalar
from tests.support.office_books import Books, refusal
from tests.support.server_side import NOW, Server, new_id

NAMED = {
    "the asset of an inspection": "asset",
    "the asset that a change reaches": "asset",
    "the part that a change reaches": "part",
    "the order of a project": "work_order",
    "the manager of a project": "person",
    "the owner of a document": "person",
    "the kind of asset of a procedure": "asset_type",
}


@pytest.fixture(scope="module")
def books(server: Server) -> Books:
    return Books(server.organization())


def row_of(books: Books, entity: str) -> str:
    """Something that can be named, of any entity."""
    made = {
        "asset": lambda: books.an_asset(books.site),
        "part": lambda: books.organization.add("part", code=new_id(), name="Seal"),
        "work_order": lambda: books.organization.order(books.site),
        "person": lambda: books.organization.person("planner", books.site),
        "asset_type": lambda: books.organization.add("asset_type", code=new_id(), name="Boiler"),
    }
    return str(made[entity]()["id"])


def naming(books: Books, what: str) -> Callable[[str], object]:
    """Give the act that names something."""

    def made(kind: str, **values: Scalar) -> Callable[[str, str], object]:
        return lambda column, id_: books.make(kind, **{**values, column: id_})

    change = {"change_request_id": books.make("changes", number=new_id(), title="Seals", reason="They leak.")}
    acts: dict[str, tuple[str, Callable[[str, str], object]]] = {
        "the asset of an inspection": (
            "asset_id",
            made("procedure-executions", procedure_version_id=books.procedure()[1]),
        ),
        "the asset that a change reaches": ("asset_id", made("change-impacts", **change)),
        "the part that a change reaches": ("part_id", made("change-impacts", **change)),
        "the order of a project": (
            "work_order_id",
            made("project-work-orders", project_id=books.make("projects", code=new_id(), name="P")),
        ),
        "the manager of a project": ("manager_id", made("projects", code=new_id(), name="P")),
        "the owner of a document": ("owner_id", made("documents", number=new_id(), title="D")),
        "the kind of asset of a procedure": ("asset_type_id", made("procedures", code=new_id(), name="P")),
    }
    column, act = acts[what]
    return lambda id_: act(column, id_)


@pytest.mark.parametrize("what", NAMED)
def test_what_was_deleted_is_named_like_nothing_until_it_is_there_again(books: Books, what: str) -> None:
    entity, name = NAMED[what], naming(books, what)
    id_ = row_of(books, entity)
    books.organization.change(entity, id_, deleted_at=NOW)
    refused = refusal(lambda: name(id_))
    assert refused in {"not_found", "conflicting_reference"}
    assert refused == refusal(lambda: name(new_id())), "whether it ever was there is not told"
    books.organization.change(entity, id_, deleted_at=None)
    assert refusal(lambda: name(id_)) is None


@pytest.mark.parametrize(("kind", "column"), [("projects", "manager_id"), ("documents", "owner_id")])
def test_a_record_is_not_given_to_somebody_who_was_deleted_but_stays_his(books: Books, kind: str, column: str) -> None:
    codes: dict[str, Scalar] = (
        {"code": new_id(), "name": "P"} if kind == "projects" else {"number": new_id(), "title": "D"}
    )
    before, after = row_of(books, "person"), row_of(books, "person")
    record = books.make(kind, **{**codes, column: before})
    for person in (before, after):
        books.organization.change("person", person, deleted_at=NOW)
    assert refusal(lambda: books.edit(kind, record, **{column: (before, after)})) == "conflicting_reference"
    other = "name" if kind == "projects" else "title"
    books.edit(kind, record, **{other: (codes.get(other), "Another")})
    assert books.row(kind, record)[column] == before


def test_a_procedure_that_was_deleted_is_not_carried_out_until_it_is_there_again(books: Books) -> None:
    procedure, version = books.procedure()
    values = {"procedure_version_id": version, "asset_id": str(books.asset["id"])}
    running = books.make("procedure-executions", "supervisor", **values)
    books.delete("procedures", procedure)
    assert refusal(lambda: books.make("procedure-executions", "supervisor", **values)) == "record_locked"
    books.step("procedure-executions", running, "abandoned", "supervisor", "The procedure is gone.")
    books.delete("procedures", procedure, is_deleted=False)
    assert refusal(lambda: books.make("procedure-executions", "supervisor", **values)) is None


def test_an_inspection_ends_though_its_asset_was_deleted_meanwhile(books: Books) -> None:
    _, version = books.procedure()
    asset = row_of(books, "asset")
    running = books.make("procedure-executions", "supervisor", procedure_version_id=version, asset_id=asset)
    books.organization.change("asset", asset, deleted_at=NOW)
    results = '{"tight": {"result": "pass"}, "pressure": {"value": "2"}}'
    books.edit("procedure-executions", running, "supervisor", results=("{}", results))
    books.step("procedure-executions", running, "finished", "supervisor")
    assert books.row("procedure-executions", running)["outcome"] == "passed"

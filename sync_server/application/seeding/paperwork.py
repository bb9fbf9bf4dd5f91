"""Records of the office for demonstrations: a project, documents, a procedure and a change, with their parts.

Each is written as it stands in the end. Takes nothing from chance.
"""

import msgspec

from sync_server.application.seeding.extensions import first_order
from sync_server.application.seeding.files import paper
from sync_server.application.seeding.sheet import Sheet, Values
from sync_server.application.seeding.templates import check, reading
from sync_server.contract.problems import Problem
from sync_server.contract.rules.procedures import judged, outcome, steps_of
from sync_server.errors import Bug

STEPS = [check("tight", "No bubbles at the joints"), reading("drop", "Pressure drop in ten minutes", "bar", "0", "0.2")]
RESULTS = {"tight": {"result": "pass"}, "drop": {"value": "0.1"}}


def add_paperwork(sheet: Sheet) -> None:
    """Add all of it. What was approved, another one has approved than who wrote it."""
    _add_project(sheet)
    document_id = _add_documents(sheet)
    procedure_id = _add_procedure(sheet)
    _add_change(sheet, {"document_id": document_id, "procedure_id": procedure_id, "asset_id": _asset(sheet)})


def _made(sheet: Sheet, *, days: int, login: str = "planner") -> Values:
    at, by = sheet.content.at(days=days, minutes=10 * 60), sheet.content.id_of("person", login)
    return {"created_at": at, "created_by": by, "updated_at": at, "updated_by": by}


def _approved(sheet: Sheet, *, days: int) -> Values:
    at = sheet.content.at(days=days, minutes=15 * 60)
    return {"approved_by": sheet.content.id_of("person", "manager"), "approved_at": at}


def _asset(sheet: Sheet) -> str:
    """Give the first chiller."""
    chiller = sheet.content.id_of("asset_type", "CHILLER")
    return next(str(row["id"]) for row in sheet.content.rows("asset") if row["asset_type_id"] == chiller)


def _add_project(sheet: Sheet) -> None:
    content, made = sheet.content, _made(sheet, days=-40)
    project_id = sheet.add(
        "project",
        "PRJ-01",
        code="PRJ-01",
        name="Renewal of the worn equipment",
        manager_id=content.id_of("person", "manager"),
        from_on=content.on(days=-30),
        until_on=content.on(days=60),
        state="active",
        **made,
    )
    for status in ("closed", "assigned"):
        order_id = first_order(content, status)["id"]
        sheet.add("project_work_order", status, project_id=project_id, work_order_id=order_id, **made)


def _add_documents(sheet: Sheet) -> str:
    """Add a document with a version that was replaced and one that is valid, and a draft; give the first one's id."""
    owner = sheet.content.id_of("person", "manager")
    ids = [
        sheet.add("controlled_document", number, number=number, title=title, owner_id=owner, **_made(sheet, days=-200))
        for number, title in (("DOC-01", "Lock and tag out"), ("DOC-02", "Work permit"))
    ]
    _add_version(sheet, ids[0], 1, state="withdrawn", days=-190)
    _add_version(sheet, ids[0], 2, state="approved", days=-50)
    _add_version(sheet, ids[1], 1, state="draft", days=-5)
    named: Values = {"document_id": ids[0], "other_document_id": ids[1], "kind": "refers_to"}
    sheet.add("document_relation", "DOC-01 DOC-02", **named, **_made(sheet, days=-5))
    return ids[0]


def _add_version(sheet: Sheet, document_id: str, number: int, *, state: str, days: int) -> None:
    made = _made(sheet, days=days)
    name = f"{document_id} {number}"
    sha256 = sheet.keep(
        paper(f"Version {number} of {document_id}"), author_id=str(made["created_by"]), at=str(made["created_at"])
    )
    approved = {} if state == "draft" else _approved(sheet, days=days + 1)
    named: Values = {
        "document_id": document_id,
        "number": number,
        "sha256": sha256,
        "file_name": f"version-{number}.pdf",
    }
    sheet.add("document_version", name, **named, state=state, change_note="As agreed.", **approved, **made)


def _add_procedure(sheet: Sheet) -> str:
    """Add a procedure with its valid version, which was carried out once; give its id."""
    content, made = sheet.content, _made(sheet, days=-120)
    procedure_id = sheet.add(
        "inspection_procedure",
        "PROC-01",
        code="PROC-01",
        name="Leak test",
        asset_type_id=content.id_of("asset_type", "CHILLER"),
        **made,
    )
    steps = msgspec.json.encode(STEPS).decode()
    version: Values = {"procedure_id": procedure_id, "number": 1, "steps": steps, "state": "approved"}
    version_id = sheet.add("procedure_version", "PROC-01 1", **version, **_approved(sheet, days=-118), **made)
    results, ended = _found(steps)
    sheet.add(
        "procedure_execution",
        "PROC-01 1",
        procedure_version_id=version_id,
        asset_id=_asset(sheet),
        results=results,
        state="finished",
        outcome=ended,
        finished_at=content.at(days=-15, minutes=11 * 60),
        **_made(sheet, days=-15, login="supervisor"),
    )
    return procedure_id


def _found(steps: str) -> tuple[str, str]:
    """Judge the results as those of anybody; give them as they are kept, and how it ended."""
    rows = steps_of(steps)
    kept = judged(rows, msgspec.json.encode(RESULTS).decode())
    ended = kept if isinstance(kept, Problem) else outcome(rows, kept)
    if isinstance(kept, Problem) or isinstance(ended, Problem):
        raise Bug(f"A demonstration result was refused: {kept if isinstance(kept, Problem) else ended}")
    return msgspec.json.encode(kept).decode(), ended


def _add_change(sheet: Sheet, reached: Values) -> None:
    """Add a change that was approved, with what it reaches."""
    made = _made(sheet, days=-20)
    change_id = sheet.add(
        "change_request",
        "CHG-01",
        number="CHG-01",
        title="Test for leaks twice a year",
        reason="Two leaks were found late.",
        round=1,
        state="approved",
        **made,
    )
    for column, row_id in reached.items():
        sheet.add(
            "change_impact",
            column,
            change_request_id=change_id,
            note="Comes with the next version.",
            **{column: row_id},
            **made,
        )
    at, by = sheet.content.at(days=-18, minutes=9 * 60), sheet.content.id_of("person", "manager")
    said: Values = {"round": 1, "decision": "approved", "created_at": at, "created_by": by}
    sheet.add("change_approval", "CHG-01", change_request_id=change_id, **said)

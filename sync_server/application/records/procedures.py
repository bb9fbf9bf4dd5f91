"""What inspections ask: a version that is valid, results by who carries it out, and an end that stays."""

from sync_server.application.access import not_found
from sync_server.application.records.desk import Desk
from sync_server.application.records.versions import require_file
from sync_server.contract.fields import Row
from sync_server.contract.problems import Problem
from sync_server.contract.rules.procedures import StepResult, judged, outcome, photos_of, steps_of, text_of
from sync_server.errors import Refused
from sync_server.storage import office_records
from sync_server.storage.record_kinds import BY_NAME


def begin(desk: Desk, row: Row, version: Row | None) -> None:
    """Refuse a version that does not count, and an order of another asset's site."""
    is_valid = version is not None and version["state"] == "approved" and _is_there(desk, version)
    if not is_valid:
        raise Refused("record_locked", "Only the version of a procedure that is valid is carried out.")
    site_id = desk.site_of("asset", row["asset_id"])
    if row.get("work_order_id") is not None and desk.site_of("work_order", row["work_order_id"]) != site_id:
        raise not_found()


def _is_there(desk: Desk, version: Row) -> bool:
    """Whether what this is a version of was not deleted: its versions stay as they are, for whoever asks later."""
    table, id_ = "inspection_procedure", version["procedure_id"]
    return office_records.is_live(desk.connection, desk.organization_id, table, id_)


def note_results(desk: Desk, row: Row, values: Row) -> None:
    """Judge what somebody found, and keep it as it is to be read."""
    _require_performer(desk, row)
    if "results" in values:
        found = _judged(desk, row, str(values["results"]))
        for digest in photos_of(found) - photos_of(_judged(desk, row, str(row["results"]))):
            require_file(desk, digest)
        values["results"] = text_of(found)


def end(desk: Desk, row: Row, values: Row) -> None:
    """Say how it ended, once every result that is asked is there. The office may give up what another one began."""
    if values["state"] != "finished":
        return
    _require_performer(desk, row)
    ended = outcome(_steps(desk, row), _judged(desk, row, str(row["results"])))
    if isinstance(ended, Problem):
        raise Refused(ended.code, ended.sentence)
    values |= {"outcome": ended, "finished_at": desk.at}


def _judged(desk: Desk, row: Row, results: str) -> dict[str, StepResult]:
    found = judged(_steps(desk, row), results)
    if isinstance(found, Problem):
        raise Refused(found.code, found.sentence)
    return found


def _steps(desk: Desk, row: Row) -> list[Row]:
    version = desk.seen(BY_NAME["procedure_version"], row["procedure_version_id"])
    return steps_of(str(version["steps"]))


def _require_performer(desk: Desk, row: Row) -> None:
    if row["created_by"] != desk.actor.person_id:
        raise Refused("not_allowed", "Only who carries out an inspection writes what came of it.")

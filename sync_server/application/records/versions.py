"""What versions of documents and procedures ask: an author who changes only his own, and another who approves."""

from collections.abc import Callable

from sync_server.application.records.desk import Desk
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.procedures import steps_of
from sync_server.errors import Refused
from sync_server.storage import blobs, office_records
from sync_server.storage.blobs import SHA256, Owned
from sync_server.storage.record_kinds import BY_NAME


def write_document(desk: Desk, row: Row, _: Row | None) -> None:
    """Number a new version; its file was sent by who writes it (a digest alone is no capability, D-19)."""
    require_file(desk, row["sha256"])
    _number(desk, "document_version", "document_id", row)


def rewrite_document(desk: Desk, row: Row, values: Row) -> None:
    """Let the author exchange the file."""
    _require_author(desk, row)
    if "sha256" in values:
        require_file(desk, values["sha256"])


def write_procedure(desk: Desk, row: Row, _: Row | None) -> None:
    """Number a new version whose steps can be carried out."""
    _require_steps(row["steps"])
    _number(desk, "procedure_version", "procedure_id", row)


def rewrite_procedure(desk: Desk, row: Row, values: Row) -> None:
    """Let the author write other steps."""
    _require_author(desk, row)
    if "steps" in values:
        _require_steps(values["steps"])


def relate(desk: Desk, row: Row, _: Row | None) -> None:
    """Refuse a document that would belong together with itself, or with nothing."""
    if row["other_document_id"] == row["document_id"]:
        raise Refused("invalid_value", "A document belongs together with another one, not with itself.")
    desk.seen(BY_NAME["controlled_document"], row["other_document_id"])


def approving(name: str, parent: str) -> Callable[[Desk, Row, Row], None]:
    """Give the rule of a kind of version: it counts when somebody else than its author says so, the one before no more.

    Whoever calls it holds what these are versions of.
    """

    def before_step(desk: Desk, row: Row, values: Row) -> None:
        if values["state"] != "approved":
            return
        if row["created_by"] == desk.actor.person_id:
            raise Refused("own_work", "Nobody approves what he has written himself.")
        kind = BY_NAME[name]
        valid: Row = {parent: row[parent], "state": "approved"}
        for older in office_records.rows(desk.connection, desk.organization_id, kind, valid, limit=1):
            reason = f"Version {row['number']} took its place."
            desk.change(kind, older, state="withdrawn", state_reason=reason)
            desk.tell(f"{name}.withdrawn", older, old={"state": "approved"}, new={"state": "withdrawn"})
        values |= {"approved_by": desk.actor.person_id, "approved_at": desk.at}

    return before_step


def require_file(desk: Desk, sha256: Scalar) -> None:
    """Refuse a file that the person has not sent himself, whole."""
    digest = str(sha256)
    if not SHA256.fullmatch(digest):
        raise Refused("invalid_value", "A file is named by its SHA-256, in small letters.")
    found = blobs.find(desk.connection, Owned(desk.organization_id, desk.actor.person_id, digest))
    if found is None or not found.is_complete:
        raise Refused("not_found", "This file was not sent by you, or not all of it.")


def _require_author(desk: Desk, row: Row) -> None:
    if row["created_by"] != desk.actor.person_id:
        raise Refused("not_allowed", "Only who wrote a version changes it. Write another one.")


def _require_steps(text: Scalar) -> None:
    try:
        steps_of(str(text))
    except ValueError as error:
        raise Refused("invalid_value", str(error)) from error


def _number(desk: Desk, name: str, parent: str, row: Row) -> None:
    """Give it the next number; who asks holds what it is a version of."""
    last = office_records.greatest(desk.connection, desk.organization_id, BY_NAME[name], "number", parent, row)
    row["number"] = last + 1

"""Records of the office, as an administrator keeps them: written in somebody's name, with his rights."""

from collections.abc import Sequence

from sync_server.application import office_records
from sync_server.application.permissions import person_with_login
from sync_server.authz.visibility import Caller
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.record_states import STEPS, states_of
from sync_server.errors import Refused
from sync_server.storage.engine import Database
from sync_server.storage.record_kinds import KINDS, RecordKind

FIRST = ("id", "code", "number", "name", "title", "file_name", "state")
"""Fields of a line, where the kind has them."""


def kinds() -> Answer:
    """List what kinds of records there are."""
    said = {path: {"fields": list(kind.given), "states": _states(kind)} for path, kind in KINDS.items()}
    lines = [
        "; ".join(filter(None, (f"{path}  {', '.join(kind.given)}", ", ".join(_states(kind)))))
        for path, kind in KINDS.items()
    ]
    return {"kinds": said}, lines_of(lines)


def list_all(path: str, slug: str, *, within: str | None) -> Answer:
    """List live records, one a line."""
    kind = _known(path)
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = office_records.listed_for_all_sites(
            database, known_organization(database, slug), kind.path, within=within
        )
    return {path: found}, lines_of(map(_line, found)) or f"{slug} has none of these."


def show(path: str, record_id: str, slug: str) -> Answer:
    """Show a record with its parts."""
    kind = _known(path)
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = office_records.shown_for_all_sites(database, known_organization(database, slug), kind.path, record_id)
    (record,) = found[path]
    lines = [f"{name}: {value}" for name, value in record.items() if value is not None]
    lines += [f"{part}: {_line(row)}" for part, rows in found.items() if part != path for row in rows]
    return dict(found), lines_of(lines)


def make(path: str, words: Sequence[str], slug: str, *, login: str) -> Answer:
    """Make a record."""
    values = _values(_known(path), words)
    with ready_database(ServerSettings.from_environment()) as (database, _):
        record_id = office_records.make(database, _author(database, slug, login), path, values)
    return {"id": record_id}, record_id


def change(path: str, record_id: str, words: Sequence[str], slug: str, *, login: str) -> Answer:
    """Change fields of a record, whatever stands there."""
    values = _values(_known(path), words)
    with ready_database(ServerSettings.from_environment()) as (database, _):
        author = _author(database, slug, login)
        (stands,) = office_records.shown_for_all_sites(database, author.organization_id, path, record_id)[path]
        changes = {name: (stands.get(name), value) for name, value in values.items()}
        office_records.edit(database, author, path, record_id, changes)
    return {"id": record_id}, "It is changed."


def move(path: str, record_id: str, slug: str, *, login: str, state: str, reason: str | None) -> Answer:
    """Take a record to another state."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        office_records.step(database, _author(database, slug, login), _known(path).path, record_id, state, reason)
    return {"id": record_id, "state": state}, f"It is {state.replace('_', ' ')}."


def set_deleted(path: str, record_id: str, slug: str, *, login: str, is_deleted: bool) -> Answer:
    """Delete a record or bring it back."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        author = _author(database, slug, login)
        office_records.set_deleted(database, author, _known(path).path, record_id, is_deleted=is_deleted)
    return {"id": record_id, "is_deleted": is_deleted}, "It is deleted." if is_deleted else "It is there again."


def _known(path: str) -> RecordKind:
    found = KINDS.get(path)
    if found is None:
        raise Refused("not_found", f"There is no kind {path}. There are: {', '.join(KINDS)}.")
    return found


def _author(database: Database, slug: str, login: str) -> Caller:
    organization_id = known_organization(database, slug)
    return Caller(organization_id, person_with_login(database, organization_id, login), "")


def _values(kind: RecordKind, words: Sequence[str]) -> Row:
    """Read FIELD=VALUE; a number where the field is one. Raises Refused for anything else."""
    values: Row = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or name not in kind.columns:
            raise Refused("invalid_value", f"{word} is no FIELD=VALUE of {kind.path}. `record kinds` names the fields.")
        values[name] = _value(kind.columns[name].kind, text)
    return values


def _value(kind: str, text: str) -> Scalar:
    if text == "":
        return None
    return int(text) if kind == "integer" and text.isascii() and text.lstrip("-").isdigit() else text


def _states(kind: RecordKind) -> list[str]:
    return list(states_of(kind.name)) if kind.name in STEPS else []


def _line(row: Row) -> str:
    first = [str(row[name]) for name in FIRST if row.get(name) is not None]
    if first[1:]:
        return "  ".join(first)
    others = [f"{name}={value}" for name, value in row.items() if value is not None and name.endswith("_id")]
    return "  ".join([*first, *others])

"""Running a routine by hand: at once, for one organization or all, whether it was run for this night or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep

from sync_server.app import blob_store, server_key_of
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.contract.column_types import instant_of
from sync_server.errors import Refused
from sync_server.routines import recompute
from sync_server.routines.activity_signing import signing
from sync_server.routines.nightly import ROUTINES, Result, Routine, with_files
from sync_server.storage import routine_runs
from sync_server.storage.engine import Database

WORDS = {
    "orders": "{} orders left scopes",
    "told": "{} papers that expire were told",
    "cleared": "{} old notifications left",
    "left": "{} records that left scopes were forgotten",
    "commits": "{} commits",
    "verdicts": "{} verdicts",
    "uploads": "{} uploads that were given up",
    "nameless": "{} files that no record names",
    "made": "{} orders made",
    "held_back": "{} schedules held back",
    "lines": "{} lines of the activity log",
    "people": "{} people",
    "devices": "{} devices",
    "sites": "{} sites",
    "open_orders": "{} open orders",
    "file_bytes": "{} bytes of files",
    "numbers": "{} numbers of sites",
    "differences": "{} differences",
    "repaired": "{} put right",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a routine did in one organization, in numbers, and the first differences by name."""

    result: Result
    named: tuple[str, ...] = ()


def run(name: str, *, at: str | None, slug: str | None, repair: bool) -> tuple[Answer, bool]:
    """Run a routine; give what to say, and whether everything is well.

    Raises:
        Refused: the moment cannot be read, there is no such organization, or only `recompute` repairs.
        EnvironmentFailure: the database cannot be used, or for `files` the store of photos.
    """
    if repair and name != "recompute":
        raise Refused("bad_request", "Only recompute repairs.")
    moment = _moment(at)
    settings = ServerSettings.from_environment()
    routines = with_files(blob_store(settings)) if name == "files" else ROUTINES  # the others work without the store
    routines = {**routines, "activity": signing(server_key_of(settings))}
    with ready_database(settings) as (database, _):
        organizations = _organizations(database, slug)
        done = {each: _run(database, each, name, moment, routines=routines, repair=repair) for each in organizations}
    is_well = all(outcome.result.get("differences", 0) == 0 for outcome in done.values())
    answer: dict[str, object] = {
        "routine": name,
        "organizations": {each: outcome.result for each, outcome in done.items()},
        "first": {each: outcome.named for each, outcome in done.items() if outcome.named},
    }
    return (answer, lines_of(_sentence(each, outcome) for each, outcome in done.items())), is_well


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        return instant_of(text)
    except ValueError as error:
        raise Refused("bad_request", "Write the moment like 2026-03-01T01:00:00.000000Z.") from error


def _organizations(database: Database, slug: str | None) -> list[str]:
    if slug is not None:
        return [known_organization(database, slug)]
    with database.transaction("worker", None, read_only=True) as connection:
        return routine_runs.organizations(connection)


def _run(
    database: Database, organization_id: str, name: str, at: datetime, *, routines: Mapping[str, Routine], repair: bool
) -> Outcome:
    """Run one routine of one organization; what was put right is compared again."""
    if name != "recompute":
        return Outcome(routines[name](database, organization_id, at, sleep))
    repaired = {"repaired": recompute.repair(database, organization_id).count} if repair else {}
    compared = recompute.compare(database, organization_id)
    return Outcome({"differences": compared.count, **repaired}, tuple(map(str, compared.first)))


def _sentence(organization_id: str, outcome: Outcome) -> str:
    numbers = ", ".join(WORDS[name].format(count) for name, count in outcome.result.items())
    return "\n  ".join((f"{organization_id}: {numbers}.", *outcome.named))

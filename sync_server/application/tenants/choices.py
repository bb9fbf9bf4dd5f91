"""What an organization chooses for itself, as whoever runs the server writes it down: domains, time, windows, codes.

Each is a column that something reads: domains find it at the sign-in, its time says when its night is, its windows how
long orders that ended stay on devices, and whether a new device needs a code. Nothing here writes a synced row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import available_timezones

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from sync_server.application.tenants.plans import as_owner
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from sync_server.storage import activity_log, organization_domains
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.organization_domains import Domain, checked_domain

MOST_DAYS_WITH_PEOPLE = 90
MOST_DAYS_IN_REVIEW = 365
"""Less than after how many days it is forgotten who had an order (D-102)."""
MOST_DOMAINS = 50


@dataclass(frozen=True, slots=True)
class Choices:
    """What is to be chosen anew. None: as it was.

    Attributes:
        time_zone: A name of the IANA list.
        days_with_people: 1 to 90.
        days_in_review: No fewer than with people, at most 365.
        enrols_by_code: Whether a new device needs an enrolment code.
    """

    time_zone: str | None = None
    days_with_people: int | None = None
    days_in_review: int | None = None
    enrols_by_code: bool | None = None


def choose(database: Database, organization_id: str, said: Choices) -> None:
    """Write choices down; the same again changes nothing.

    Raises:
        Refused: nothing was said, or a value cannot be.
    """
    wanted = {name: value for name, value in asdict(said).items() if value is not None}
    if not wanted:
        raise Refused("invalid_value", "Say what is to be set, such as --time-zone.")
    with _owner(database, organization_id) as connection:
        with connection.cursor(row_factory=dict_row) as cursor:
            stood = cursor.execute(
                "select time_zone, days_with_people, days_in_review, enrols_by_code from organization where id = %s"
                " for no key update",
                (organization_id,),
            ).fetchone()
        before: dict[str, Any] = stood or {}
        after = before | wanted
        _check(after)
        changed = [name for name in after if after[name] != before.get(name)]
        if changed:
            connection.execute(
                "update organization set time_zone = %(time_zone)s, days_with_people = %(days_with_people)s,"
                " days_in_review = %(days_in_review)s, enrols_by_code = %(enrols_by_code)s,"
                " updated_at = clock_timestamp() where id = %(id)s",
                {**after, "id": organization_id},
            )
            old, new = ({each: values[each] for each in changed} for values in (before, after))
            activity_log.append(connection, [Entry("organization.chose", row_id=organization_id, old=old, new=new)])


def _check(values: dict[str, Any]) -> None:
    with_people, in_review = int(values["days_with_people"]), int(values["days_in_review"])
    if values["time_zone"] not in available_timezones() | {"UTC"}:
        raise Refused("invalid_value", "A time zone is written like Europe/Berlin.")
    if not 1 <= with_people <= MOST_DAYS_WITH_PEOPLE:
        raise Refused("invalid_value", f"Orders stay with their people for 1 to {MOST_DAYS_WITH_PEOPLE} days.")
    if not with_people <= in_review <= MOST_DAYS_IN_REVIEW:
        said = (
            f"Orders stay in the review for at most {MOST_DAYS_IN_REVIEW} days, and no shorter than with their people."
        )
        raise Refused("invalid_value", said)


def domains(database: Database, organization_id: str) -> list[Domain]:
    """Give the mail domains of an organization, the primary one first."""
    with database.transaction("readonly", organization_id) as connection:
        return organization_domains.listed(connection, organization_id)


def add_domain(database: Database, organization_id: str, text: str, *, is_verified: bool, is_primary: bool) -> str:
    """Give an organization a domain, or say more of one that it has; give it as it is kept.

    Args:
        is_verified: Whoever runs the server knows that it is the organization's own: it is found by it.
        is_primary: It is named first from now on.

    Raises:
        Refused: It is no domain, there are too many, or it is known to be another's, of which nothing is said.
    """
    domain = checked_domain(text)
    try:
        with _owner(database, organization_id) as connection:
            there = {each.domain for each in organization_domains.listed(connection, organization_id)}
            if domain not in there and len(there) >= MOST_DOMAINS:
                raise Refused("not_allowed", f"An organization has at most {MOST_DOMAINS} domains.")
            organization_domains.put(connection, organization_id, domain, is_verified=is_verified)
            if is_primary:
                organization_domains.lead(connection, organization_id, domain)
            new: Row = {"domain": domain, "is_verified": is_verified, "is_primary": is_primary}
            activity_log.append(connection, [Entry("organization.domain_added", row_id=organization_id, new=new)])
    except Refused as refused:
        if refused.code == "conflicting_reference":
            raise Refused("already_exists", f"The domain {domain} cannot be added.") from refused
        raise
    return domain


def remove_domain(database: Database, organization_id: str, text: str) -> str:
    """Take a domain from an organization; give it as it was kept. Raises Refused when it has none of that name."""
    domain = checked_domain(text)
    with _owner(database, organization_id) as connection:
        if not organization_domains.take(connection, organization_id, domain):
            raise Refused("not_found", f"The organization has no domain {domain}.")
        told = Entry("organization.domain_removed", row_id=organization_id, old={"domain": domain})
        activity_log.append(connection, [told])
    return domain


@contextmanager
def _owner(database: Database, organization_id: str) -> Iterator[Connection[TupleRow]]:
    """One transaction as the owner of the tables; whoever chooses at the same time waits."""
    with database.transaction("migrator", organization_id) as connection:
        as_owner(connection)
        connection.execute("select from organization where id = %s for no key update", (organization_id,))
        yield connection

"""Plans, subscriptions and invoices: records that whoever runs the server keeps. Nothing here moves money."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from sync_server.application.organizations import SLUG
from sync_server.errors import Refused
from sync_server.storage import activity_log, subscriptions
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.plan_limits import WORDS

FEATURE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
CURRENCY = re.compile(r"[A-Z]{3}")
MOST = 2**31 - 1
MOST_AMOUNT = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be ordered. `limits`: kind → how many; a kind that is missing has no limit."""

    code: str
    name: str
    limits: Mapping[str, int]
    features: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Invoice:
    """What an organization is asked to pay. `amount`: taxes included, at most four decimals."""

    number: str
    period_from: date
    period_until: date
    due_on: date
    amount: Decimal
    currency: str
    state: str = "issued"
    paid_on: date | None = None


def put_plan(database: Database, plan: Plan) -> None:
    """Make a plan, or change it for all who have it. Raises Refused when something of it cannot be."""
    name = plan.name.strip()
    if not SLUG.fullmatch(plan.code):
        raise Refused("invalid_value", "The code of a plan has small letters, digits and hyphens, at most 63.")
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise Refused("invalid_value", "The name must have 1 to 200 characters.")
    if not all(0 <= most <= MOST for most in plan.limits.values()):
        raise Refused("invalid_value", f"A limit is a number from 0 to {MOST:,}.")
    if not all(FEATURE.fullmatch(each) for each in plan.features):
        raise Refused("invalid_value", "A feature is a word of small letters, digits and hyphens.")
    limits = {f"most_{kind}": plan.limits.get(kind) for kind in WORDS}
    with database.transaction("migrator", None) as connection:
        connection.execute(
            "insert into subscription_plan (code, name, most_people, most_devices, most_sites, most_open_orders,"
            " features, created_at, updated_at) values (%(code)s, %(name)s, %(most_people)s, %(most_devices)s,"
            " %(most_sites)s,"
            " %(most_open_orders)s, %(features)s, clock_timestamp(), clock_timestamp())"
            " on conflict (code) do update set name = excluded.name, most_people = excluded.most_people,"
            " most_devices = excluded.most_devices,"
            " most_sites = excluded.most_sites, most_open_orders = excluded.most_open_orders,"
            " features = excluded.features, updated_at = excluded.updated_at",
            {"code": plan.code, "name": name, "features": json.dumps(sorted(set(plan.features))), **limits},
        )


def plans(database: Database) -> list[Plan]:
    """Give all plans by code."""
    with database.transaction("worker", None, read_only=True) as connection:
        found = connection.execute(
            "select code, name, most_people, most_devices, most_sites, most_open_orders, features"
            " from subscription_plan order by code"
        ).fetchall()
    return [_plan(line) for line in found]


def _plan(line: TupleRow) -> Plan:
    code, name, *limits, features = line
    known = {kind: most for kind, most in zip(WORDS, limits, strict=True) if most is not None}
    return Plan(code, name, known, tuple(json.loads(features)))


def subscribe(database: Database, organization_id: str, plan_code: str, *, on: date) -> None:
    """Let an organization have a plan from a day on, in place of the one before; the same plan again changes nothing.

    What it has beyond the plan stays: only new things are refused.

    Raises:
        Refused: There is no such plan, or the one before began later.
    """
    with database.transaction("migrator", organization_id) as connection:
        as_owner(connection)
        if subscriptions.begin(connection, organization_id, plan_code, on=on):
            given = Entry("organization.given_plan", row_id=organization_id, new={"plan_code": plan_code})
            activity_log.append(connection, [given])


def issue(database: Database, organization_id: str, invoice: Invoice) -> None:
    """Write down an invoice for what the organization has ordered now.

    Raises:
        Refused: Its number is taken, it has ordered nothing, or a value cannot be.
    """
    _check(invoice)
    with database.transaction("migrator", organization_id) as connection:
        as_owner(connection)
        taken = connection.execute(
            "select from invoice where organization_id = %s and number = %s", (organization_id, invoice.number)
        ).fetchone()
        if taken is not None:
            raise Refused("already_exists", f"There is an invoice {invoice.number} already.")
        done = connection.execute(
            "insert into invoice (organization_id, id, number, subscription_id, period_from, period_until, due_on,"
            " amount, currency, created_at, updated_at)"
            " select organization_id, %(id)s, %(number)s, id, %(from)s, %(until)s,"
            " %(due)s, %(amount)s, %(currency)s, clock_timestamp(), clock_timestamp() from subscription"
            " where organization_id = %(organization)s and ended_on is null",
            {
                "id": str(uuid.uuid4()),
                "number": invoice.number,
                "from": invoice.period_from,
                "until": invoice.period_until,
                "due": invoice.due_on,
                "amount": invoice.amount,
                "currency": invoice.currency,
                "organization": organization_id,
            },
        )
        if not done.rowcount:
            raise Refused("not_found", "The organization has no plan that an invoice could be for.")


def settle(database: Database, organization_id: str, number: str, *, paid_on: date | None) -> None:
    """Note that an invoice was paid on a day, or, without one, that it counts no more. Again changes nothing.

    Raises:
        Refused: There is no such invoice, or something else has become of it.
    """
    state = "void" if paid_on is None else "paid"
    with database.transaction("migrator", organization_id) as connection:
        as_owner(connection)
        found = connection.execute(
            "select state, paid_on from invoice where organization_id = %s and number = %s for update",
            (organization_id, number),
        ).fetchone()
        if found is None:
            raise Refused("not_found", f"There is no invoice {number}.")
        if found[0] != "issued" and tuple(found) != (state, paid_on):
            raise Refused("not_allowed", f"The invoice {number} is {found[0]} already.")
        connection.execute(
            "update invoice set state = %s, paid_on = %s, updated_at = clock_timestamp()"
            " where organization_id = %s and number = %s and state = 'issued'",
            (state, paid_on, organization_id, number),
        )


def invoices(database: Database, organization_id: str) -> list[Invoice]:
    """Give the invoices of an organization, by day and number."""
    with database.transaction("readonly", organization_id, row_factory=class_row(Invoice)) as connection:
        return connection.execute(
            "select number, period_from, period_until, due_on, amount, currency, state, paid_on from invoice"
            " where organization_id = %s order by period_from, number",
            (organization_id,),
        ).fetchall()


def as_owner(connection: Connection[TupleRow]) -> None:
    """Go on as the owner of the tables, whom row security binds to the one organization of the transaction."""
    connection.execute("set local role cmms_owner")


def _check(invoice: Invoice) -> None:
    if not (
        1 <= len(invoice.number) <= 60 and invoice.number.isprintable() and invoice.number.strip() == invoice.number
    ):
        raise Refused("invalid_value", "The number of an invoice has 1 to 60 characters.")
    if invoice.period_until < invoice.period_from:
        raise Refused("invalid_value", "The period ends before it begins.")
    if not CURRENCY.fullmatch(invoice.currency):
        raise Refused("invalid_value", "A currency has three large letters, such as EUR.")
    if not (invoice.amount.is_finite() and 0 <= invoice.amount < MOST_AMOUNT and _decimals(invoice.amount) <= 4):
        raise Refused("invalid_value", "The amount is no sum of money with at most four decimals.")


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0

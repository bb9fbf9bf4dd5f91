"""The commands about plans and invoices, as they are typed. What they need is imported when one runs."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from sync_server.cli.parsing import Answer, Parser, answering

LIMITS = {
    "people": "active people",
    "devices": "devices",
    "sites": "sites",
    "open-orders": "open orders",
}


def add_plans(actions: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with plans."""
    put = actions.add_parser("set", help="make a plan, or change it for all who have it")
    put.add_argument("code", metavar="CODE", help="small letters, digits and hyphens")
    put.add_argument("--name", required=True, help="name for people")
    for name, what in LIMITS.items():
        put.add_argument(f"--{name}", type=_number, metavar="N", help=f"room for so many {what} (else any number)")
    put.add_argument("--feature", action="append", default=[], metavar="WORD", help="what it opens; may be repeated")
    answering(put, _set)
    answering(actions.add_parser("list", help="list plans with their limits"), _list)
    give = actions.add_parser("give", help="let an organization have a plan, in place of the one before")
    give.add_argument("code", metavar="CODE")
    give.add_argument("--organization", required=True, metavar="SLUG")
    give.add_argument("--on", type=_day, metavar="DATE", help="from this day on (else today)")
    answering(give, _give)


def add_invoices(actions: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with invoices."""
    issue = actions.add_parser("issue", help="write down an invoice for the present plan")
    issue.add_argument("number", metavar="NUMBER")
    issue.add_argument("--organization", required=True, metavar="SLUG")
    issue.add_argument("--from", required=True, type=_day, dest="period_from", metavar="DATE", help="first day")
    issue.add_argument("--until", required=True, type=_day, dest="period_until", metavar="DATE", help="last day")
    issue.add_argument("--due", required=True, type=_day, dest="due_on", metavar="DATE", help="when it is to be paid")
    issue.add_argument("--amount", required=True, type=_amount, help="taxes included, such as 120.50")
    issue.add_argument("--currency", required=True, help="three large letters, such as EUR")
    answering(issue, _issue)
    for name, said in (("paid", "note that an invoice was paid"), ("void", "note that an invoice counts no more")):
        parser = actions.add_parser(name, help=said)
        parser.add_argument("number", metavar="NUMBER")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        if name == "paid":
            parser.add_argument("--on", required=True, type=_day, metavar="DATE", help="when")
        answering(parser, _settle)
    listed = actions.add_parser("list", help="list the invoices of an organization")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _invoices)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ArgumentTypeError("a limit is a number from 0 on")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("a day is written like 2026-03-01") from error


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError("an amount is written like 120.50") from error


def _set(options: Namespace) -> Answer:
    from sync_server.cli import plans

    limits = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name in LIMITS}
    known = {kind: most for kind, most in limits.items() if most is not None}
    return plans.put(options.code, options.name, limits=known, features=options.feature)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import plans

    return plans.list_all()


def _give(options: Namespace) -> Answer:
    from sync_server.cli import plans

    return plans.give(options.code, options.organization, on=options.on or datetime.now(UTC).date())


def _issue(options: Namespace) -> Answer:
    from sync_server.application.tenants.plans import Invoice
    from sync_server.cli import plans

    invoice = Invoice(
        number=options.number,
        period_from=options.period_from,
        period_until=options.period_until,
        due_on=options.due_on,
        amount=options.amount,
        currency=options.currency,
    )
    return plans.issue(options.organization, invoice)


def _settle(options: Namespace) -> Answer:
    from sync_server.cli import plans

    return plans.settle(options.organization, options.number, paid_on=getattr(options, "on", None))


def _invoices(options: Namespace) -> Answer:
    from sync_server.cli import plans

    return plans.invoices(options.organization)

"""The commands about planned maintenance, as they are typed. What they need is imported when one runs."""

import re
from argparse import ArgumentTypeError, Namespace, _SubParsersAction
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from sync_server.cli.parsing import Answer, Parser, answering
from sync_server.errors import Refused

NAMED = (
    ("pause", "let one make no orders until it is resumed"),
    ("resume", "let one make orders again, from now on"),
    ("remove", "delete one; its orders and its history stay"),
)


def add_schedules(actions: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with schedules."""
    _describe_add(actions.add_parser("add", help="let orders of a template come again and again"))
    listed = actions.add_parser("list", help="list schedules with what comes next, and what holds one back")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _list)
    for name, said in NAMED:
        parser = actions.add_parser(name, help=said)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        answering(parser, _switch)
    run = actions.add_parser("run", help="make the orders that are due; again makes none twice")
    run.add_argument("--organization", metavar="SLUG", help="else all of them")
    run.add_argument("--at", type=_instant, metavar="INSTANT", help="as of this moment (UTC), else now")
    answering(run, _run)


def _describe_add(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--organization", required=True, metavar="SLUG")
    parser.add_argument("--template", required=True, metavar="NAME", help="what its orders say")
    parser.add_argument("--site", required=True, metavar="CODE", help="where")
    parser.add_argument("--asset", metavar="CODE", help="on what")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--rule", metavar="RRULE", help="by the calendar, such as FREQ=MONTHLY;BYMONTHDAY=1")
    kind.add_argument("--meter", metavar="NAME", help="by this meter of the asset")
    parser.add_argument("--from", type=_day, dest="starts_on", metavar="DATE", help="the rule counts from (else today)")
    parser.add_argument("--at", type=_time, dest="minute", metavar="HH:MM", help="when on the day (else 08:00)")
    parser.add_argument("--lead", type=int, metavar="DAYS", help="make its orders so many days ahead (else 1)")
    parser.add_argument("--every", type=_number, metavar="N", help="when the meter has counted up so much")
    parser.add_argument("--last", type=_number, metavar="VALUE", help="what it showed at the last time (else now)")
    answering(parser, _add)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("a day is written like 2026-03-01") from error


def _time(text: str) -> int:
    read = re.fullmatch("([01][0-9]|2[0-3]):([0-5][0-9])", text)
    if read is None:
        raise ArgumentTypeError("a time of day is written like 08:30")
    return int(read[1]) * 60 + int(read[2])


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError("a number is written like 250 or 0.5") from error


def _instant(text: str) -> datetime:
    from sync_server.contract.column_types import instant_of

    try:
        return instant_of(text)
    except ValueError as error:
        raise ArgumentTypeError("a moment is written like 2026-03-01T01:00:00.000000Z") from error


def _add(options: Namespace) -> Answer:
    from sync_server.application.maintenance.schedules import ByCalendar, ByMeter, Place
    from sync_server.cli import schedules

    of_calendar, of_meter = (options.starts_on, options.minute, options.lead), (options.every, options.last)
    when: ByCalendar | ByMeter
    if options.meter is not None:
        if options.every is None or any(each is not None for each in of_calendar):
            raise Refused("bad_request", "A meter goes with --every and --last; --from, --at and --lead with a rule.")
        when = ByMeter(options.meter, options.every, options.last)
    else:
        if any(each is not None for each in of_meter):
            raise Refused("bad_request", "A rule goes with --from, --at and --lead; --every and --last with a meter.")
        minute = 8 * 60 if options.minute is None else options.minute
        lead_days = 1 if options.lead is None else options.lead  # the night before: at night they are made
        when = ByCalendar(options.rule, options.starts_on or _today(), minute, lead_days)
    return schedules.add(options.name, options.organization, Place(options.template, options.site, options.asset), when)


def _today() -> date:
    return datetime.now(UTC).date()


def _list(options: Namespace) -> Answer:
    from sync_server.cli import schedules

    return schedules.list_all(options.organization)


def _switch(options: Namespace) -> Answer:
    from sync_server.cli import schedules

    return schedules.switch(options.action, options.name, options.organization)


def _run(options: Namespace) -> Answer:
    from sync_server.cli import schedules

    return schedules.run(options.organization, at=options.at or datetime.now(UTC))

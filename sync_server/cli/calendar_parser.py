"""The commands about the calendars of people and teams. What they need is imported when one runs."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction
from datetime import date, datetime

from sync_server.cli.parsing import Answer, Parser, answering


def add_calendar(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    calendar = commands.add_parser("calendar", help="plan trainings, leave and on-call duty of people and teams")
    actions = calendar.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="put an event on a calendar; who it concerns sees it on My day")
    add.add_argument("title", metavar="TITLE")
    add.add_argument("--organization", required=True, metavar="SLUG")
    add.add_argument("--site", required=True, metavar="CODE", help="whose office plans it, and whose clock counts")
    whose = add.add_mutually_exclusive_group(required=True)
    whose.add_argument("--login", help="on whose calendar")
    whose.add_argument("--team", metavar="NAME", help="on whose calendars: everybody's in this team")
    add.add_argument("--kind", required=True, metavar="training|leave|on_call|meeting|other")
    add.add_argument("--from", type=_moment, required=True, dest="begins", metavar="WHEN", help="2026-03-01[T08:00]")
    add.add_argument("--until", type=_moment, required=True, dest="ends", metavar="WHEN", help="a day: with all of it")
    answering(add, _add)
    listed = actions.add_parser("list", help="list what is not over, with the orders that are planned into absences")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _list)
    cancel = actions.add_parser("cancel", help="take an event off its calendar")
    cancel.add_argument("event", metavar="ID")
    cancel.add_argument("--organization", required=True, metavar="SLUG")
    answering(cancel, _cancel)


def _moment(text: str) -> date | datetime:
    """Read a day or a wall clock; what says its zone is refused, for the site's counts."""
    try:
        if len(text) <= len("2026-03-01"):
            return date.fromisoformat(text)
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            return read
    except ValueError:
        pass
    raise ArgumentTypeError("a moment is written like 2026-03-01 or 2026-03-01T08:00, by the clock of the site")


def _add(options: Namespace) -> Answer:
    from sync_server.application.calendars import Span
    from sync_server.cli import calendars

    return calendars.add(
        options.organization,
        options.title,
        Span(options.begins, options.ends),
        site_code=options.site,
        kind=options.kind,
        login=options.login,
        team=options.team,
    )


def _list(options: Namespace) -> Answer:
    from sync_server.cli import calendars

    return calendars.list_all(options.organization)


def _cancel(options: Namespace) -> Answer:
    from sync_server.cli import calendars

    return calendars.cancel(options.event, options.organization)

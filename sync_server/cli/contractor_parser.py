"""The commands about companies whose people work on orders. What they need is imported when one runs."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction
from datetime import date

from sync_server.cli.parsing import Answer, Parser, answering


def add_contractors(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    contractor = commands.add_parser("contractor", help="keep contractors, whose people work on orders")
    actions = contractor.add_subparsers(dest="action", required=True, metavar="ACTION")
    put = actions.add_parser("set", help="make a contractor, or change the one with this code")
    put.add_argument("code", metavar="CODE")
    put.add_argument("--name", help="what people call it")
    put.add_argument("--insured-until", type=_day, metavar="DATE", help="last day on which its people are insured")
    put.add_argument("--organization", required=True, metavar="SLUG")
    answering(put, _set)
    for name, said in (("add", "let a person or a team belong to a contractor"), ("drop", "let one belong to none")):
        member = actions.add_parser(name, help=said)
        if name == "add":
            member.add_argument("code", metavar="CODE")
        who = member.add_mutually_exclusive_group(required=True)
        who.add_argument("--login", help="whom")
        who.add_argument("--team", metavar="NAME", help="which team, with everybody in it")
        member.add_argument("--organization", required=True, metavar="SLUG")
        answering(member, _add if name == "add" else _drop)
    ended = actions.add_parser("remove", help="let a contractor get no orders any more; what it did stays")
    ended.add_argument("code", metavar="CODE")
    ended.add_argument("--organization", required=True, metavar="SLUG")
    answering(ended, _remove)
    listed = actions.add_parser("list", help="see contractors with their open orders, and whose insurance ends before")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _list)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("a day is written like 2026-03-01") from error


def _set(options: Namespace) -> Answer:
    from sync_server.cli import contractors

    return contractors.put(options.organization, options.code, name=options.name, until=options.insured_until)


def _add(options: Namespace) -> Answer:
    from sync_server.cli import contractors

    return contractors.add(options.organization, options.code, login=options.login, team=options.team)


def _drop(options: Namespace) -> Answer:
    from sync_server.cli import contractors

    return contractors.drop(options.organization, login=options.login, team=options.team)


def _remove(options: Namespace) -> Answer:
    from sync_server.cli import contractors

    return contractors.remove(options.organization, options.code)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.contractors(options.organization)

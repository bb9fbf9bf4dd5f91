"""The commands about the activity log, as they are typed. What they need is imported when one runs."""

import re
from argparse import ArgumentTypeError, Namespace, _SubParsersAction
from datetime import date

from sync_server.cli.parsing import Answer, Parser, answering

MOST_LINES = 10_000


def add_activity(actions: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    listed = actions.add_parser("list", help="show what was done: the newest lines, the oldest of them first")
    verify = actions.add_parser("verify", help="check that all lines are there as they were written; else exit code 2")
    forget = actions.add_parser("forget", help="forget the personal values that the log has of a person")
    for parser in (listed, verify, forget):
        parser.add_argument("--organization", required=True, metavar="SLUG")
    listed.add_argument("--act", metavar="ACT", help="what was done, or how that begins: device, device.revoked")
    listed.add_argument("--id", metavar="ID", help="of what it was done to, or of who did it")
    listed.add_argument("--since", type=_day, metavar="DAY", help="from this day on (UTC), such as 2026-03-01")
    listed.add_argument("--lines", type=_count, default=50, help="at most so many (else 50)")
    verify.add_argument("--known", type=_mark, metavar="LINE:HASH", help="a line that was written down elsewhere")
    forget.add_argument("login", metavar="LOGIN", help="of the person")
    answering(listed, _list)
    answering(verify, _verify)
    answering(forget, _forget)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ArgumentTypeError("a day is written 2026-03-01") from error


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_LINES):
        raise ArgumentTypeError(f"lines are a number from 1 to {MOST_LINES}")
    return int(text)


def _mark(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", text)
    if found is None:
        raise ArgumentTypeError("a line is written as verify prints it: its number, a colon, its hash")
    return int(found[1]), found[2]


def _list(options: Namespace) -> Answer:
    from sync_server.cli import activity

    return activity.show(
        options.organization, act=options.act, concerning=options.id, since=options.since, count=options.lines
    )


def _verify(options: Namespace) -> Answer:
    from sync_server.cli import activity

    return activity.verify(options.organization, known=options.known)


def _forget(options: Namespace) -> Answer:
    from sync_server.cli import activity

    return activity.forget(options.organization, login=options.login)

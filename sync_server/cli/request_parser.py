"""The commands about service requests: list them, accept or decline one, forget who asked."""

from argparse import Namespace, _SubParsersAction
from collections.abc import Callable

from sync_server.cli.parsing import Answer, Parser, answering
from sync_server.contract.entities.requests import REQUEST_STATES


def add_requests(actions: "_SubParsersAction[Parser]") -> None:
    """Describe them. What each needs is imported when it runs."""
    shown = actions.add_parser("list", help="list requests, the newest first")
    shown.add_argument("--organization", required=True, metavar="SLUG")
    shown.add_argument("--status", choices=REQUEST_STATES, help="else all of them")
    answering(shown, _list)
    accept = _of_one(actions, "accept", _accept, help_="accept a request: its order is made at once")
    accept.add_argument("--reason", help="what to say to it")
    decline = _of_one(actions, "decline", _decline, help_="decline a request")
    decline.add_argument("--reason", required=True, help="why, in words for who asked")
    _of_one(actions, "forget", _forget, help_="forget who asked without an account; the request stays")


def _of_one(
    actions: "_SubParsersAction[Parser]", name: str, act: Callable[[Namespace], Answer], *, help_: str
) -> Parser:
    parser = actions.add_parser(name, help=help_)
    parser.add_argument("request", metavar="REQUEST", help="its id, as `request list` says it")
    parser.add_argument("--organization", required=True, metavar="SLUG")
    answering(parser, act)
    return parser


def _list(options: Namespace) -> Answer:
    from sync_server.cli import requesting

    return requesting.list_requests(options.organization, status=options.status)


def _accept(options: Namespace) -> Answer:
    from sync_server.cli import requesting

    return requesting.take_step(options.request, options.organization, verb="accept", reason=options.reason)


def _decline(options: Namespace) -> Answer:
    from sync_server.cli import requesting

    return requesting.take_step(options.request, options.organization, verb="decline", reason=options.reason)


def _forget(options: Namespace) -> Answer:
    from sync_server.cli import requesting

    return requesting.forget(options.request, options.organization)

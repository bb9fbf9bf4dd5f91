"""The commands that look for something in an organization, as its office would, on all of its sites."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering


def add_finding(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them. What each needs is imported when it runs."""
    search = commands.add_parser("search", help="find orders, assets, papers and remarks by words")
    search.add_argument("words", nargs="+", metavar="WORD", help="all have to be there; three letters begin a word")
    search.add_argument("--organization", required=True, metavar="SLUG")
    search.add_argument("--limit", type=int, default=20, help="how many of the best, at most 100")
    answering(search, _search)


def _search(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.search(options.organization, " ".join(options.words), limit=options.limit)

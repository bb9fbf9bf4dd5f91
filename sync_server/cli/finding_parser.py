"""The commands that look for something in an organization, as its office would, on all of its sites."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering
from sync_server.cli.prediction_parser import add_predictions


def add_finding(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them. What each needs is imported when it runs."""
    search = commands.add_parser("search", help="find orders, assets, papers and remarks by words")
    search.add_argument("asked", nargs="+", metavar="WORD", help="all have to be there; three letters begin a word")
    search.add_argument("--organization", required=True, metavar="SLUG")
    search.add_argument("--limit", type=int, default=20, help="how many of the best, at most 100")
    answering(search, _search)
    nearest = commands.add_parser("nearest", help="find the assets nearest to a position")
    nearest.add_argument("latitude", type=float, metavar="LATITUDE", help="degrees, -90 to 90 (after -- when negative)")
    nearest.add_argument("longitude", type=float, metavar="LONGITUDE", help="degrees, -180 to 180")
    nearest.add_argument("--organization", required=True, metavar="SLUG")
    nearest.add_argument("--limit", type=int, default=20, help="how many, at most 100")
    answering(nearest, _nearest)
    metrics = commands.add_parser("metrics", help="see the numbers of each site, as they were counted last")
    metrics.add_argument("--organization", required=True, metavar="SLUG")
    answering(metrics, _metrics)
    add_predictions(commands)


def _search(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.search(options.organization, " ".join(options.asked), limit=options.limit)


def _nearest(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.nearest(options.organization, options.latitude, options.longitude, limit=options.limit)


def _metrics(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.metrics(options.organization)

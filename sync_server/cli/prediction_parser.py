"""The commands about what models expect of assets. What they need is imported when one runs."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering, path_of


def add_predictions(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    prediction = commands.add_parser("prediction", help="take over and see what models expect of assets")
    actions = prediction.add_subparsers(dest="action", required=True, metavar="ACTION")
    taken = actions.add_parser("import", help="take over the predictions of a CSV file, all of them or none")
    taken.add_argument("file", type=path_of, metavar="FILE")
    taken.add_argument("--organization", required=True, metavar="SLUG")
    answering(taken, _import)
    listed = actions.add_parser("list", help="see what is expected, the likeliest first")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    listed.add_argument("--limit", type=int, default=50, help="how many, at most 200")
    answering(listed, _list)


def _import(options: Namespace) -> Answer:
    from sync_server.cli import predictions

    return predictions.take_over(options.file, options.organization)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.predictions(options.organization, limit=options.limit)

"""The commands about plugins, as they are typed. What they need is imported when one runs."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering, path_of

JUDGED = {
    "approve": ("approved", "say that a plugin is wanted"),
    "block": ("blocked", "say that a plugin is not wanted"),
}


def add_plugins(actions: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with the register."""
    add = actions.add_parser("add", help="write a plugin down as its manifest says; nothing of it is run")
    add.add_argument("file", type=path_of, metavar="FILE", help="its manifest: JSON with name, version and publisher")
    add.add_argument("--organization", required=True, metavar="SLUG")
    answering(add, _add)
    listed = actions.add_parser("list", help="list plugins with the digests of their manifests")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _list)
    for name, (_, said) in JUDGED.items():
        parser = actions.add_parser(name, help=said)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        answering(parser, _judge)


def _add(options: Namespace) -> Answer:
    from sync_server.cli import plugins

    return plugins.register(options.organization, options.file)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import plugins

    return plugins.list_all(options.organization)


def _judge(options: Namespace) -> Answer:
    from sync_server.cli import plugins

    state, _ = JUDGED[options.action]
    return plugins.judge(options.organization, options.name, options.version, state=state)

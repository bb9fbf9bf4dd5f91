"""The commands about records of the office, as they are typed. What they need is imported when one runs."""

from argparse import ArgumentParser, Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering

KIND = "a kind of record, such as projects; `record kinds` says which there are"


def add_records(actions: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with records."""
    answering(actions.add_parser("kinds", help="list the kinds of records with their fields and states"), _kinds)
    listing = _one_kind(actions.add_parser("list", help="list records of a kind"))
    listing.add_argument("--within", metavar="ID", help="only those that are a part of this record")
    answering(listing, _list)
    answering(_one_record(actions.add_parser("show", help="show a record with its parts")), _show)
    make = _one_kind(actions.add_parser("make", help="make a record, in somebody's name"))
    change = _one_record(actions.add_parser("change", help="change fields of a record"))
    for parser, act in ((make, _make), (change, _change)):
        parser.add_argument("values", nargs="+", metavar="FIELD=VALUE", help="an empty value empties the field")
        answering(_in_the_name_of(parser), act)
    move = _one_record(actions.add_parser("state", help="take a record to another state"))
    move.add_argument("state", metavar="STATE")
    move.add_argument("--because", metavar="REASON", help="why; some steps ask for it")
    answering(_in_the_name_of(move), _move)
    for name, what in (("delete", "delete a record; it can be restored"), ("restore", "bring a deleted record back")):
        answering(_in_the_name_of(_one_record(actions.add_parser(name, help=what))), _delete)


def _one_kind(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("kind", metavar="KIND", help=KIND)
    parser.add_argument("--organization", required=True, metavar="SLUG")
    return parser


def _one_record(parser: ArgumentParser) -> ArgumentParser:
    _one_kind(parser).add_argument("id", metavar="ID")
    return parser


def _in_the_name_of(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("--as", required=True, dest="login", metavar="LOGIN", help="who does it: his rights count")
    return parser


def _kinds(_: Namespace) -> Answer:
    from sync_server.cli import records

    return records.kinds()


def _list(options: Namespace) -> Answer:
    from sync_server.cli import records

    return records.list_all(options.kind, options.organization, within=options.within)


def _show(options: Namespace) -> Answer:
    from sync_server.cli import records

    return records.show(options.kind, options.id, options.organization)


def _make(options: Namespace) -> Answer:
    from sync_server.cli import records

    return records.make(options.kind, options.values, options.organization, login=options.login)


def _change(options: Namespace) -> Answer:
    from sync_server.cli import records

    return records.change(options.kind, options.id, options.values, options.organization, login=options.login)


def _move(options: Namespace) -> Answer:
    from sync_server.cli import records

    return records.move(
        options.kind, options.id, options.organization, login=options.login, state=options.state, reason=options.because
    )


def _delete(options: Namespace) -> Answer:
    from sync_server.cli import records

    is_deleted = options.action == "delete"
    return records.set_deleted(
        options.kind, options.id, options.organization, login=options.login, is_deleted=is_deleted
    )

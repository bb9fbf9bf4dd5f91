"""The commands about what an organization chooses for itself, as they are typed. Imports late."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering

NEW_DEVICES = ("code", "password")
KINDS = ("status", "priority", "type")


def add_choices(actions: "_SubParsersAction[Parser]") -> None:
    """Describe them, among the actions on organizations."""
    choose = actions.add_parser("set", help="set what an organization chooses for itself")
    choose.add_argument("slug", metavar="SLUG")
    choose.add_argument("--time-zone", metavar="NAME", help="such as Europe/Berlin: when its night is")
    for name, where in (("people", "with the people of an order"), ("review", "in the review")):
        prefix = "days-with" if name == "people" else "days-in"
        choose.add_argument(f"--{prefix}-{name}", type=_days, metavar="N", help=f"days {where} after it ended")
    choose.add_argument(
        "--new-devices", choices=NEW_DEVICES, help="what enrols one: a code besides the password, or not"
    )
    answering(choose, _choose)
    _add_words(actions)
    domain = actions.add_parser("domain", help="keep the mail domains by which an organization is found")
    _add_domains(domain.add_subparsers(dest="domain_action", required=True, metavar="ACTION"))


def _add_words(actions: "_SubParsersAction[Parser]") -> None:
    call = actions.add_parser("word", help="call a status, priority or type of orders by a name of its own")
    call.add_argument("slug", metavar="SLUG")
    call.add_argument("kind", choices=KINDS, metavar="|".join(KINDS))
    call.add_argument("word", metavar="WORD", help="as it is stored, such as in_progress")
    call.add_argument("--says", required=True, metavar="TEXT", help='what people read; "" for the program\'s own word')
    call.add_argument("--language", default="en", help="such as en or pt-BR (else en)")
    answering(call, _call)
    listed = actions.add_parser("words", help="list the words that an organization has of its own")
    listed.add_argument("slug", metavar="SLUG")
    answering(listed, _words)


def _add_domains(actions: "_SubParsersAction[Parser]") -> None:
    add = actions.add_parser("add", help="give an organization a domain; again says more of it")
    add.add_argument("slug", metavar="SLUG")
    add.add_argument("domain", metavar="DOMAIN", help="such as north.example")
    add.add_argument("--unverified", action="store_true", help="nobody knows yet that it is its own: it is not found")
    add.add_argument("--primary", action="store_true", help="name it first from now on")
    answering(add, _add)
    listed = actions.add_parser("list", help="list its domains, the primary one first")
    listed.add_argument("slug", metavar="SLUG")
    answering(listed, _list)
    remove = actions.add_parser("remove", help="take a domain from an organization")
    remove.add_argument("slug", metavar="SLUG")
    remove.add_argument("domain", metavar="DOMAIN")
    answering(remove, _remove)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise ArgumentTypeError("days are a number from 1 on")
    return int(text)


def _choose(options: Namespace) -> Answer:
    from sync_server.application.tenants.choices import Choices
    from sync_server.cli import choices

    by_code = None if options.new_devices is None else options.new_devices == "code"
    said = Choices(options.time_zone, options.days_with_people, options.days_in_review, by_code)
    return choices.choose(options.slug, said)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import choices

    return choices.domains(options.slug)


def _call(options: Namespace) -> Answer:
    from sync_server.application.tenants.own_words import OwnWord
    from sync_server.cli import own_words

    return own_words.call(options.slug, OwnWord(options.language, options.kind, options.word, options.says))


def _words(options: Namespace) -> Answer:
    from sync_server.cli import own_words

    return own_words.words(options.slug)


def _add(options: Namespace) -> Answer:
    from sync_server.cli import choices

    return choices.add_domain(
        options.slug, options.domain, is_verified=not options.unverified, is_primary=options.primary
    )


def _remove(options: Namespace) -> Answer:
    from sync_server.cli import choices

    return choices.remove_domain(options.slug, options.domain)

"""The commands about organizations, as they are typed. What they need is imported when one runs."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction

from sync_server.cli.choice_parser import add_choices
from sync_server.cli.parsing import Answer, Parser, answering, path_of

MOST_DAYS = 90


def add_organization(actions: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    create = actions.add_parser("create", help="make an organization")
    create.add_argument("slug", metavar="SLUG", help="small letters, digits and hyphens; typed at every sign-in")
    create.add_argument("--name", required=True, help="name for people")
    create.add_argument("--domain", help="mail domain by which it may be found")
    create.add_argument("--plan", metavar="CODE", help="what it has ordered (else nothing is limited)")
    answering(create, _create)

    answering(actions.add_parser("list", help="list organizations with what is in them"), _list)
    show = actions.add_parser("show", help="say what there is of one organization")
    show.add_argument("slug", metavar="SLUG")
    answering(show, _show)
    brand = actions.add_parser("brand", help="say how an organization appears on its devices")
    brand.add_argument("slug", metavar="SLUG")
    brand.add_argument("--name", help="what its people call it")
    brand.add_argument("--colour", metavar="#RRGGBB", help='its colour; "" for none')
    brand.add_argument("--help-text", metavar="WORDS", help='whom to ask for help, and how; "" for nobody')
    answering(brand, _brand)
    add_choices(actions)
    _add_ends(actions)
    export = actions.add_parser(
        "export", help="write everything of an organization into a new archive; exit code 1 when photos are missing"
    )
    export.add_argument("slug", metavar="SLUG")
    export.add_argument("file", type=path_of, metavar="FILE", help="new file, such as north.tar.gz")
    answering(export, _export, left="lost")

    archived = actions.add_parser("archives", help="list what was detached or handed out of an organization")
    archived.add_argument("slug", metavar="SLUG")
    answering(archived, _list_archives)

    key = actions.add_parser("recovery-key", help="make the key that rescue files are sealed to")
    key.add_argument("slug", metavar="SLUG")
    key.add_argument("--out", type=path_of, required=True, metavar="FILE", help="new file for the private half")
    key.add_argument("--replace", action="store_true", help="though there is one; keep the old one for older files")
    answering(key, _make_recovery_key)

    removals = actions.add_parser("let-removals-pass", help="say that a deletion which devices keep back was meant")
    removals.add_argument("slug", metavar="SLUG")
    removals.add_argument("--days", type=_days, default=7, help="for so long; 0 ends it (else 7)")
    answering(removals, _let_removals_pass)


def _add_ends(actions: "_SubParsersAction[Parser]") -> None:
    suspend = actions.add_parser("suspend", help="let nobody sign in anew; what is signed in goes on sending")
    suspend.add_argument("slug", metavar="SLUG")
    suspend.add_argument("--reason", required=True, metavar="SENTENCE", help="why")
    answering(suspend, _suspend)

    resume = actions.add_parser("resume", help="let people sign in again")
    resume.add_argument("slug", metavar="SLUG")
    answering(resume, _resume)

    remove = actions.add_parser(
        "remove", help="remove an organization with everything that it has; asks for its slug on standard input"
    )
    remove.add_argument("slug", metavar="SLUG")
    remove.add_argument("--lose-unsent", metavar="SENTENCE", help="why work that devices have not sent may be lost")
    answering(remove, _remove)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_DAYS):
        raise ArgumentTypeError(f"days are a number from 0 to {MOST_DAYS}")
    return int(text)


def _create(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.create(options.slug, options.name, domain=options.domain, plan_code=options.plan)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.list_all()


def _show(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.show(options.slug)


def _brand(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.brand(options.slug, name=options.name, colour=options.colour, help_text=options.help_text)


def _export(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.export(options.slug, options.file)


def _list_archives(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.list_archives(options.slug)


def _suspend(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.suspend(options.slug, reason=options.reason)


def _resume(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.resume(options.slug)


def _remove(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.remove(options.slug, lose_unsent=options.lose_unsent)


def _let_removals_pass(options: Namespace) -> Answer:
    from sync_server.cli import organizations

    return organizations.let_removals_pass(options.slug, days=options.days)


def _make_recovery_key(options: Namespace) -> Answer:
    from sync_server.cli import rescuing

    return rescuing.make_key(options.slug, options.out, replace=options.replace)

"""The commands about what devices could not send, as they are typed. What they need is imported when one runs."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering, path_of

PAST_GAPS = "also where the server misses changes of the device before it, or has others in their place"


def add_rescue(actions: "_SubParsersAction[Parser]") -> None:
    """Describe how it is taken over: from a file that a device wrote, or as a revoked one handed it in."""
    taken = actions.add_parser("import", help="take over a rescue file; a second time changes nothing")
    taken.add_argument("file", type=path_of, metavar="FILE")
    taken.add_argument("--organization", required=True, metavar="SLUG")
    taken.add_argument("--recovery-key", type=path_of, required=True, metavar="FILE", help="the private half")
    taken.add_argument("--dry-run", action="store_true", help="only say what is in it")
    taken.add_argument("--past-gaps", action="store_true", help=PAST_GAPS)
    answering(taken, _import_rescue)

    sealed = actions.add_parser(
        "import-sealed", help="take over what revoked devices have handed in; exit code 1 when some stays"
    )
    sealed.add_argument("--organization", required=True, metavar="SLUG")
    sealed.add_argument("--recovery-key", type=path_of, required=True, metavar="FILE", help="the private half")
    sealed.add_argument("--again", action="store_true", help="also tell again what could not be applied before")
    sealed.add_argument("--past-gaps", action="store_true", help=PAST_GAPS)
    answering(sealed, _import_sealed, left="failed")


def _import_rescue(options: Namespace) -> Answer:
    from sync_server.cli import rescuing

    return rescuing.import_rescue(
        options.file,
        options.organization,
        private_key_file=options.recovery_key,
        dry_run=options.dry_run,
        past_gaps=options.past_gaps,
    )


def _import_sealed(options: Namespace) -> Answer:
    from sync_server.cli import rescuing

    return rescuing.import_sealed(
        options.organization,
        private_key_file=options.recovery_key,
        shows_again=options.again,
        past_gaps=options.past_gaps,
    )

"""The commands about profiles of installations, as they are typed. Imports late; none of them asks a database."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering, path_of


def add_profiles(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    profile = commands.add_parser("profile", help="sign what an installation gets with its package, file or QR code")
    actions = profile.add_subparsers(dest="action", required=True, metavar="ACTION")
    key = actions.add_parser("key", help="make the key of an organization; it stays with its administrator")
    key.add_argument("file", type=path_of, metavar="FILE", help="a new file, for nobody else to read")
    answering(key, _make_key)
    _add_sign(actions.add_parser("sign", help="sign a profile into a new file"))
    show = actions.add_parser("show", help="check a profile and say what is in it")
    show.add_argument("file", type=path_of, metavar="FILE")
    show.add_argument("--text", action="store_true", help="give the text for a QR code as well")
    show.add_argument("--qr", type=path_of, metavar="PICTURE", help="draw its QR code into a new file, .png or .svg")
    answering(show, _show)


def _add_sign(sign: Parser) -> None:
    sign.add_argument("--organization", required=True, metavar="SLUG")
    sign.add_argument("--server", required=True, metavar="ADDRESS", help="https:// and a host, perhaps with a port")
    sign.add_argument("--key", type=path_of, required=True, metavar="FILE", help="of `profile key`")
    sign.add_argument(
        "--former-key", type=path_of, action="append", default=[], metavar="FILE", help="the key before this one"
    )
    sign.add_argument("--out", type=path_of, required=True, metavar="FILE", help="a new file")
    sign.add_argument("--days", type=_number, default=365, metavar="N", help="in which it may be taken (else 365)")
    sign.add_argument("--serial", type=_number, metavar="N", help="higher than the one before (else seconds of now)")
    sign.add_argument(
        "--certificate", type=path_of, action="append", default=[], metavar="FILE", help="pin the server's key, PEM"
    )
    sign.add_argument("--pin", action="append", default=[], metavar="PIN", help="pin a key by its SHA-256, base64url")
    sign.add_argument("--authority", type=path_of, metavar="FILE", help="trust only this certificate, PEM")
    sign.add_argument("--channel", choices=["stable", "early"], default="stable", help="of updates (else stable)")
    sign.add_argument("--name", default="", help="what the program is called")
    sign.add_argument("--colour", default="", metavar="#RRGGBB")
    sign.add_argument("--dark-colour", default="", metavar="#RRGGBB", help="on the dark theme (else --colour)")
    sign.add_argument("--logo", type=path_of, metavar="FILE", help="a small PNG")
    sign.add_argument("--policy", action="append", default=[], metavar="NAME=VALUE", help=POLICIES)
    answering(sign, _sign)


POLICIES = (
    "offline_lease_days=7, unlock=password, photos_on_metered=wait|send, minimum_version=0.1.0, training=yes, or"
    " positioning=none, network:HOST:PORT, serial:LINE:SPEED; may be repeated"
)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17):
        raise ArgumentTypeError("a whole number is needed")
    return int(text)


def _make_key(options: Namespace) -> Answer:
    from sync_server.cli import profiles

    return profiles.make_key(options.file)


def _sign(options: Namespace) -> Answer:
    from sync_server.application.profiles import Draft
    from sync_server.cli import profiles

    draft = Draft(
        options.organization,
        options.server,
        options.days,
        serial=options.serial,
        pins=options.pin,
        certificates=options.certificate,
        authority=options.authority,
        channel=options.channel,
        name=options.name,
        colour=options.colour,
        dark_colour=options.dark_colour,
        logo=options.logo,
        policies=profiles.policies_of(options.policy),
    )
    return profiles.sign(draft, key_files=[options.key, *options.former_key], out=options.out)


def _show(options: Namespace) -> Answer:
    from sync_server.cli import profiles

    return profiles.show(options.file, with_text=options.text, picture=options.qr)

"""The commands about devices, as they are typed. What they need is imported when one runs."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering


def add_device(actions: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    listed = actions.add_parser("list", help="list devices with what they have not sent")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _list_devices)
    helps = {
        "lock": "close it until its person unlocks it again",
        "verify": "let it compare everything it holds",
        "wipe": "let it hand in what it has not sent, and destroy keys and files",
        "revoke": "let it count no more: it hands in sealed and is wiped",
    }
    for name, said in helps.items():
        parser = actions.add_parser(name, help=said)
        parser.add_argument("device_id", metavar="DEVICE", help="its id, or how it begins")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        if name == "revoke":
            parser.add_argument("--stolen", action="store_true", help="wipe it at once; what it has not sent is lost")
        answering(parser, _revoke_device if name == "revoke" else _command_device)


def add_enrolling(commands: "_SubParsersAction[Parser]") -> None:
    """Describe how a new device is let in."""
    parser = commands.add_parser("enrol-code", help="make a one-time code for a person's new device; 15 minutes")
    parser.add_argument("--user", required=True, metavar="LOGIN", help="whose device it will be")
    parser.add_argument("--organization", required=True, metavar="SLUG")
    parser.add_argument(
        "--new-password", action="store_true", help="he has or knows no password: the one he types with the code is his"
    )
    parser.add_argument("--server", metavar="URL", help="also give a link that shows the code")
    answering(parser, _enrol_code)


def _enrol_code(options: Namespace) -> Answer:
    from sync_server.cli import devices

    return devices.enrol_code(
        options.user, options.organization, sets_password=options.new_password, server_url=options.server
    )


def _list_devices(options: Namespace) -> Answer:
    from sync_server.cli import devices

    return devices.list_devices(options.organization)


def _command_device(options: Namespace) -> Answer:
    from sync_server.cli import devices

    return devices.command_device(options.device_id, options.organization, kind=options.action)


def _revoke_device(options: Namespace) -> Answer:
    from sync_server.cli import devices

    return devices.revoke_device(options.device_id, options.organization, is_stolen=options.stolen)

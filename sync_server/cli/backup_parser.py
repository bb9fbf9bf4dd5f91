"""The commands about backups and restored databases, as they are typed. What they need is imported when one runs."""

from argparse import Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering, path_of


def add_backups(commands: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with backups, and after one was restored."""
    backup = commands.add_parser("backup", help="write a backup into a new folder below FOLDER")
    backup.add_argument("folder", type=path_of, metavar="FOLDER")
    answering(backup, _back_up)
    verify = commands.add_parser("verify", help="prove a backup by a test restore, and tell the devices of it")
    verify.add_argument("backup", type=path_of, metavar="BACKUP")
    answering(verify, _verify)
    restore = commands.add_parser("restore", help="put a backup in place of the database; the server is stopped")
    restore.add_argument("backup", type=path_of, metavar="BACKUP")
    answering(restore, _restore)
    answering(commands.add_parser("rotate-epoch", help="tell the devices of a restore by other means"), _rotate_epoch)


def _back_up(options: Namespace) -> Answer:
    from sync_server.cli import backing_up

    return backing_up.back_up(options.folder)


def _verify(options: Namespace) -> Answer:
    from sync_server.cli import backing_up

    return backing_up.verify(options.backup)


def _restore(options: Namespace) -> Answer:
    from sync_server.cli import backing_up

    return backing_up.restore(options.backup)


def _rotate_epoch(options: Namespace) -> Answer:
    from sync_server.cli import backing_up

    return backing_up.rotate_epoch()

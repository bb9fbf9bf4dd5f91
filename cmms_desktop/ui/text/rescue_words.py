"""What became of a rescue file, as a plain sentence."""

from cmms_desktop.application.rescue import Rescued
from sync_server.contract.rules.profile import TRAINING


def rescued_words(rescued: Rescued) -> str:
    """Say what is in the file, and what is not."""
    inside = f"{_counted(rescued.changes, 'change')} and {_counted(rescued.files, 'photo')}"
    missing = f" {_counted(rescued.missing, 'photo')} could not be read." if rescued.missing else ""
    training = f" {TRAINING}" if rescued.is_training else ""
    return f"{inside} saved as {rescued.path}.{missing} Hand it to your administrator; it stays here too.{training}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

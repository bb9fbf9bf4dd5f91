"""A refused step as a file that a person may keep or hand on. It changes nothing, and overwrites nothing.

Only its writer may read it: what stands in it lies encrypted everywhere else on this device.
"""

from datetime import date

import msgspec

from cmms_desktop.application.new_file import folder_for_documents, new_file, target_of
from cmms_desktop.application.session import Session
from cmms_desktop.errors import Refused
from sync_server.contract.rules.profile import TRAINING


def export_path(name: str, on: date, *, is_training: bool = False) -> str:
    """Suggest where to: in the person's documents, or at home where there are none."""
    kind = "training-" if is_training else ""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name).strip("-")
    return str(folder_for_documents() / f"{kind}{plain or 'change'}-refused-{on.isoformat()}.json")


def export_refused(session: Session, mutation_id: str, path: str) -> str:
    """Write a refused mutation, with those that were refused with it, as JSON; give the path.

    Raises:
        Refused: it is not there any more, the name is no file's name, or such a file exists.
        EnvironmentFailure: the disk or the folder does not take it; nothing is left behind.
    """
    parked = session.outbox.parked()
    chosen = next((entry for entry in parked if entry.mutation_id == mutation_id), None)
    if chosen is None:
        raise Refused("not_found", "This change is not kept here any more.")
    target = target_of(path)
    step = [entry for entry in parked if entry.group_id == chosen.group_id]
    note = {"note": TRAINING} if session.signed_in.is_training else {}
    content = {"format": "cmms-field/refused/1", **note, "signed_in": session.signed_in, "changes": step}
    with new_file(target) as file:
        file.write(msgspec.json.format(msgspec.json.encode(content)))
    return str(target)

"""Another password for somebody at work: at the server first, then around his keys here; no work is touched (D-269).

Whatever stops it on the way leaves both secrets known to him: the same again goes on from there.
"""

from typing import Final

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.app.signing_in import take
from cmms_desktop.application.new_password import NewPassword
from cmms_desktop.credentials.unlock_rules import may_be_password, require_no_pin, require_strong_enough
from cmms_desktop.errors import Refused
from sync_server.contract.messages import SessionAnswer

NEEDED: Final = "server_password_needed"
AT_SERVER: Final = (
    "The server takes another password than this device. Enter that one, or a code of your administrator."
)
WRONG_THERE: Final = (
    "The server does not take this password. After several wrong tries wait some minutes, or ask your administrator for"
    " a code."
)
WRONG_CODE: Final = (
    "This code lets nobody choose a password: it is wrong, used, older than 15 minutes, or only for a new device. Ask"
    " your administrator for another one."
)
OLD_SERVER: Final = (
    "Your server cannot take a new password from here yet. Ask your administrator for a code; what you have now goes on"
    " to count."
)


def choose_password(desk: Desk, workplace: Workplace, wanted: NewPassword) -> None:
    """Let a new password count at the server and unlock this device. Slow, asks the server.

    Raises:
        Refused: the new one is too weak, the old one is wrong (a counted try), or ``server_password_needed``: the
            server takes another one than this device.
        ServerUnreachable: nothing has changed.
        ReplicaUnavailable: the server has it, this device could not write it; the old one goes on to unlock.
    """
    person = workplace.identity.person
    require_no_pin(wanted.new)
    require_strong_enough(wanted.new, person.role)
    desk.installation.unlock(person.person_id, wanted.now)  # before the server hears anything
    take(workplace, _at_server(desk, workplace, wanted))
    desk.installation.change_secret(person.person_id, wanted.now, new=wanted.new)


def _at_server(desk: Desk, workplace: Workplace, wanted: NewPassword) -> SessionAnswer:
    if wanted.code is not None:
        return _with_code(desk, workplace, wanted)
    there = wanted.now if wanted.at_server is None else wanted.at_server
    if not may_be_password(there):
        raise Refused(NEEDED, AT_SERVER)
    if there == wanted.new:
        return _again(desk, workplace, wanted)
    try:
        answer = desk.ask_for_session(workplace, there, new_password=wanted.new)
    except Refused as refused:
        if refused.code != "sign_in_failed":
            raise
        return _again(desk, workplace, wanted)
    if not answer.password_set:
        raise Refused("server_too_old", OLD_SERVER)
    return answer


def _with_code(desk: Desk, workplace: Workplace, wanted: NewPassword) -> SessionAnswer:
    try:
        return desk.ask_for_session(workplace, wanted.new, code=wanted.code)
    except Refused as refused:
        if refused.code != "sign_in_failed":
            raise
        raise Refused("code_needed", WRONG_CODE) from refused


def _again(desk: Desk, workplace: Workplace, wanted: NewPassword) -> SessionAnswer:
    """Sign in with the new one: the answer to an earlier try may have been lost, or it counts there anyway."""
    try:
        return desk.ask_for_session(workplace, wanted.new)
    except Refused as refused:
        if refused.code != "sign_in_failed":
            raise
        raise Refused(NEEDED, AT_SERVER if wanted.at_server is None else WRONG_THERE) from refused

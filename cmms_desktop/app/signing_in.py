"""Parts of signing in at the server: which device asks, what may be said, and what comes of the answer."""

from cmms_desktop.app.workplace import Workplace
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.unlock_rules import may_be_password
from cmms_desktop.errors import Refused
from cmms_desktop.version import app_version
from sync_server.contract.messages import DeviceIdentity, SessionAnswer


def identity_of(signer: DeviceSigner, name: str) -> DeviceIdentity:
    """Say which device asks."""
    return DeviceIdentity(id=signer.device_id, public_key=signer.public_key, name=name, app_version=app_version())


def require_password(secret: str) -> None:
    """Keep a secret of this device alone on it, with the server's own refusal. Raises Refused."""
    if not may_be_password(secret):
        raise Refused("sign_in_failed", "The server takes no PIN. Enter the password that you have there.")


def take(workplace: Workplace, answer: SessionAnswer) -> None:
    """Use a sign-in's session, and let the store know whose it is."""
    identity = workplace.identity
    workplace.session.take(answer)
    workplace.replica.identify(
        organization_id=answer.organization_id,
        person_id=identity.person.person_id,
        device_id=identity.device_signer.device_id,
        role=answer.role,
    )
    if answer.server_public_key is not None:
        workplace.replica.remember(server_key=answer.server_public_key)

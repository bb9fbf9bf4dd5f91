"""A server's key for commands, in a test's hand: genuine commands, and those of a stranger."""

from dataclasses import dataclass, field
from uuid import uuid4

from sync_server.authz.server_key import ServerKey
from sync_server.contract.standing import DeviceCommand, command_input
from tests.support.replicas import DEVICE


@dataclass
class CommandKey:
    """Signs commands for a device as the server does."""

    key: ServerKey = field(default_factory=lambda: ServerKey(uuid4().bytes * 2))

    @property
    def public_key(self) -> str:
        return self.key.public_key

    def command(self, kind: str, *, nonce: str, device_id: str = DEVICE, recovery: str | None = None) -> DeviceCommand:
        command_id = str(uuid4())
        message = command_input(device_id, nonce=nonce, command_id=command_id, kind=kind, recovery=recovery)
        return DeviceCommand(id=command_id, kind=kind, recovery_public_key=recovery, sig=self.key.sign(message))

"""The people enrolled on this installation, and the way from a person's secret to an opened identity.

Each person's enrolment is a device of its own: two people on a tablet are two devices. Nothing here talks to the
server; whoever enrols has signed in there first.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from cmms_desktop.config import ClientSettings, is_canonical_uuid
from cmms_desktop.credentials import enrolment_keys, keys
from cmms_desktop.credentials.attempts import Clock
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.enrolment_secrets import EnrolmentSecrets
from cmms_desktop.credentials.key_file import KeyFile, KeyFileDamaged, delete_key_file, read_key_file, write_key_file
from cmms_desktop.credentials.secret_store import SecretStore
from cmms_desktop.credentials.tokens import RefreshTokens
from cmms_desktop.credentials.unlock_rules import is_pin, may_unlock_with_pin, require_strong_enough
from cmms_desktop.errors import CmmsError, KeyringUnavailable, Refused, ReplicaUnavailable
from cmms_desktop.uptime import UptimeClock, system_uptime


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """Somebody who may unlock a store here. Of a damaged key file only ``person_id`` is known."""

    person_id: str
    login: str
    role: str
    device_id: str
    is_damaged: bool = False
    public_key: str = ""
    """Of his device (base64url)."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the server's sign-in answered about a person, and the recovery key of the organization (base64url)."""

    person_id: str
    login: str
    role: str
    recovery_public_key: str | None = None


@dataclass(frozen=True, slots=True)
class UnlockedIdentity:
    """An opened enrolment. Lives in memory only; its text form shows no key."""

    person: EnrolledPerson
    replica_key: bytes = field(repr=False)
    device_signer: DeviceSigner
    refresh_tokens: RefreshTokens = field(repr=False)
    must_choose_password: bool
    """The role or the organization has come to need a password, and this was a PIN."""


class Installation:
    """Everybody enrolled for one organization in this data folder. Calls may come from any thread."""

    def __init__(
        self,
        settings: ClientSettings,
        store: SecretStore,
        *,
        clock: Clock,
        profile: keys.Argon2Profile = keys.STANDARD,
        uptime: UptimeClock = system_uptime,
    ) -> None:
        """Wire the doors; ``profile`` is the cost of new wraps, old ones keep the cost they were written with."""
        self._takes_pins = settings.policies.unlock != "password"
        self._settings = settings
        self._store = store
        self._clock = clock
        self._profile = profile
        self._uptime = uptime
        self._one_at_a_time = threading.Lock()

    def people(self) -> tuple[EnrolledPerson, ...]:
        """List the enrolled by login; one damaged key file does not hide the others.

        Raises:
            ReplicaUnavailable: the data folder cannot be read.
        """
        folder = self._settings.organization_folder
        try:
            ids = [entry.name for entry in folder.iterdir() if is_canonical_uuid(entry.name)]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ReplicaUnavailable("The data folder of this program cannot be read.") from error
        found = [self._listed(person_id) for person_id in ids if self._settings.keys_path(person_id).exists()]
        return tuple(sorted(found, key=lambda person: (person.login, person.person_id)))

    def enrol(self, enrolment: Enrolment, secret: str, *, signer: DeviceSigner) -> UnlockedIdentity:
        """Make a new replica key for a person who is not enrolled here, and keep it wrapped.

        Args:
            enrolment: Who, as the server says.
            secret: Password or PIN to unlock with from now on.
            signer: A key made for this enrolment, which the server has been told of.

        Raises:
            Refused: ``already_enrolled``, or a secret that is too weak.
            KeyringUnavailable: nothing was written to disk.
            ReplicaUnavailable: the key file could not be written.
        """
        with self._one_at_a_time:
            if self._settings.keys_path(enrolment.person_id).exists():
                raise Refused("already_enrolled", "You are already set up on this device. Unlock instead.")
            return self._enrol(enrolment, secret, signer=signer, replica_key=keys.new_key())

    def enrol_again(
        self, enrolment: Enrolment, secret: str, *, signer: DeviceSigner, replica_key: bytes
    ) -> UnlockedIdentity:
        """Wrap a recovered replica key anew, for a new device, after the keyring or the secret was lost.

        A crash on the way leaves the old key file, which the recovery key still opens.

        Raises:
            Refused: a secret that is too weak.
            KeyringUnavailable: nothing was written to disk.
            ReplicaUnavailable: the key file could not be written.
        """
        with self._one_at_a_time:
            before = self._listed(enrolment.person_id)
            identity = self._enrol(enrolment, secret, signer=signer, replica_key=replica_key)
            if before.device_id not in {"", signer.device_id}:
                with suppress(KeyringUnavailable):  # left-overs that open nothing any more
                    self._secrets_of(before.person_id, before.device_id).forget()
            return identity

    def unlock(self, person_id: str, secret: str) -> UnlockedIdentity:
        """Open a person's enrolment with his own secret, whoever else is working here.

        Raises:
            Refused: ``wrong_secret`` (with the tries left), ``wait``, ``server_sign_in_required``.
            KeyFileDamaged: no try was counted.
            KeyringUnavailable: the keyring does not answer, or was emptied.
        """
        with self._one_at_a_time:
            file = self._read(person_id)
            opened = self._try_secret(file, secret)
            return _identity(file, opened, entries=self._secrets(file), secret=secret, takes_pins=self._takes_pins)

    def change_secret(self, person_id: str, old: str, *, new: str) -> None:
        """Wrap the same keys under a new secret; a wrong old one counts as a try.

        Raises:
            Refused: as ``unlock``, or the new secret is too weak.
            ReplicaUnavailable: it could not be written; the old secret stays.
        """
        with self._one_at_a_time:
            file = self._read(person_id)
            require_strong_enough(new, file.role, takes_pins=self._takes_pins)
            opened = self._try_secret(file, old)
            keyring_secret = self._secrets(file).keyring_secret()
            self._write(
                enrolment_keys.with_secret(
                    file, opened, secret=new, keyring_secret=keyring_secret, profile=self._profile
                )
            )

    def record_role(self, person_id: str, role: str) -> None:
        """Remember a role that the server changed; it decides whether a PIN is enough."""
        with self._one_at_a_time:
            file = self._read(person_id)
            if file.role != role:
                self._write(msgspec.structs.replace(file, role=role))

    def permit_tries_again(self, person_id: str) -> None:
        """Reset the count. Only after the server accepted a sign-in of this very person."""
        with self._one_at_a_time:
            self._secrets(self._read(person_id)).tries(self._clock, self._uptime).reset()

    def sealed_replica_key(self, person_id: str) -> bytes | None:
        """Return the second wrap for the organization to open, or None when it had no recovery key."""
        file = self._read(person_id)
        return None if file.recovery is None else keys.from_base64url(file.recovery.sealed)

    def recovery_public_key(self, person_id: str) -> str | None:
        """Return the recovery key (base64url) that this enrolment was last sealed to, or None when it was to none."""
        file = self._read(person_id)
        return None if file.recovery is None else file.recovery.recipient

    def seal_again(self, identity: UnlockedIdentity, *, recovery_public_key: str) -> None:
        """Seal an opened enrolment to a recovery key that the organization made, or changed, since.

        Raises:
            Refused: ``recovery_key_invalid``; what was sealed before stays.
            ReplicaUnavailable: it could not be written.
        """
        with self._one_at_a_time:
            file = self._read(identity.person.person_id)
            if file.recovery is None or file.recovery.recipient != recovery_public_key:
                sealed = enrolment_keys.sealed_to_organization(
                    file, identity.replica_key, recovery_public_key=recovery_public_key
                )
                self._write(msgspec.structs.replace(file, recovery=sealed))

    def forget(self, person_id: str) -> None:
        """Destroy the wraps first, then the keyring's entries. The replica's own files are the caller's next step.

        Raises:
            KeyringUnavailable: the wraps are gone all the same.
        """
        with self._one_at_a_time:
            person = self._listed(person_id)
            delete_key_file(self._settings.keys_path(person_id))
            if not person.is_damaged:
                self._secrets_of(person_id, person.device_id).forget()

    def _enrol(
        self, enrolment: Enrolment, secret: str, *, signer: DeviceSigner, replica_key: bytes
    ) -> UnlockedIdentity:
        """Write the keyring's entries first and the key file last: its rename is the moment of enrolment."""
        require_strong_enough(secret, enrolment.role, takes_pins=self._takes_pins)
        opened = enrolment_keys.OpenedKeys(replica_key=replica_key, device_wrapping_key=keys.new_key())
        keyring_secret = keys.new_key()
        file = _unwrapped_file(self._settings.organization_slug, enrolment, signer=signer, profile=self._profile)
        file = enrolment_keys.with_secret(
            file, opened, secret=secret, keyring_secret=keyring_secret, profile=self._profile
        )
        sealed = enrolment_keys.sealed_to_organization(
            file, replica_key, recovery_public_key=enrolment.recovery_public_key
        )
        entries = self._secrets(file)
        wrapped = signer.wrapped(opened.device_wrapping_key, context=enrolment_keys.context_of("device-key", file))
        entries.keep(keyring_secret=keyring_secret, wrapped_device_key=wrapped)
        entries.tries(self._clock, self._uptime).reset()
        file = msgspec.structs.replace(file, recovery=sealed)
        self._write(file)
        return _identity(file, opened, entries=entries, secret=secret, takes_pins=self._takes_pins)

    def _try_secret(self, file: KeyFile, secret: str) -> enrolment_keys.OpenedKeys:
        """Open the keys at the cost of one counted try, given back when they open."""
        entries = self._secrets(file)
        keyring_secret = entries.keyring_secret()
        tries = entries.tries(self._clock, self._uptime)
        left = tries.begin()
        try:
            opened = enrolment_keys.open_with_secret(file, secret, keyring_secret=keyring_secret)
        except Refused as error:
            raise keys.wrong_secret(left) from error
        tries.reset()
        return opened

    def _listed(self, person_id: str) -> EnrolledPerson:
        try:
            return _person(self._read(person_id))
        except CmmsError:
            return EnrolledPerson(person_id=person_id, login="", role="", device_id="", is_damaged=True)

    def _read(self, person_id: str) -> KeyFile:
        """Read the key file and refuse one that was moved here from somebody else's folder."""
        file = read_key_file(self._settings.keys_path(person_id))
        if (file.organization, file.person_id) != (self._settings.organization_slug, person_id):
            raise KeyFileDamaged("The key file of your local store belongs to somebody else.")
        return file

    def _write(self, file: KeyFile) -> None:
        write_key_file(self._settings.keys_path(file.person_id), file)

    def _secrets(self, file: KeyFile) -> EnrolmentSecrets:
        return self._secrets_of(file.person_id, file.device_id)

    def _secrets_of(self, person_id: str, device_id: str) -> EnrolmentSecrets:
        return EnrolmentSecrets(
            self._store,
            organization_slug=self._settings.organization_slug,
            person_id=person_id,
            device_id=device_id,
        )


def _person(file: KeyFile) -> EnrolledPerson:
    return EnrolledPerson(
        person_id=file.person_id,
        login=file.login,
        role=file.role,
        device_id=file.device_id,
        public_key=file.device_public_key,
    )


def _unwrapped_file(
    organization: str, enrolment: Enrolment, *, signer: DeviceSigner, profile: keys.Argon2Profile
) -> KeyFile:
    """Describe an enrolment before its keys are wrapped into it."""
    return KeyFile(
        organization=organization,
        person_id=enrolment.person_id,
        login=enrolment.login,
        role=enrolment.role,
        device_id=signer.device_id,
        device_public_key=signer.public_key,
        argon2=profile,
        salt="",
        wrapped="",
    )


def _identity(
    file: KeyFile, opened: enrolment_keys.OpenedKeys, *, entries: EnrolmentSecrets, secret: str, takes_pins: bool
) -> UnlockedIdentity:
    """Open the device key too, and put everything opened together."""
    try:
        signer = DeviceSigner.unwrapped(
            file.device_id,
            entries.wrapped_device_key(),
            key=opened.device_wrapping_key,
            context=enrolment_keys.context_of("device-key", file),
        )
    except Refused as error:
        raise KeyringUnavailable(
            "The device key in this computer's keyring is damaged. Ask your administrator to recover your work."
        ) from error
    if signer.public_key != file.device_public_key:
        raise KeyFileDamaged("The key file of your local store names another device. Tell your administrator.")
    return UnlockedIdentity(
        person=_person(file),
        replica_key=opened.replica_key,
        device_signer=signer,
        refresh_tokens=entries.tokens(),
        must_choose_password=is_pin(secret) and not may_unlock_with_pin(file.role, takes_pins=takes_pins),
    )

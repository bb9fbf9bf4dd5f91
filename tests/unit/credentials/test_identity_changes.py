"""Changing a secret, recovering by the organization, enrolling again and forgetting: on one installation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cmms_desktop.credentials import enrolment_keys, key_file
from cmms_desktop.credentials.identity import Enrolment
from cmms_desktop.credentials.recovery import open_sealed
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import KeyringUnavailable, Refused, ReplicaUnavailable
from tests.unit.credentials.bench import PASSWORD, PIN, SUPERVISOR, TECHNICIAN, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "data")


def test_a_changed_secret_opens_the_same_keys_and_the_old_one_nothing(bench: Bench) -> None:
    identity = bench.enrol()
    bench.installation.change_secret(TECHNICIAN, PIN, new=PASSWORD)
    unlocked = bench.after_restart().unlock(TECHNICIAN, PASSWORD)
    assert unlocked.replica_key == identity.replica_key
    assert unlocked.device_signer.public_key == identity.device_signer.public_key
    assert bench.refusal(TECHNICIAN, PIN) == "wrong_secret"


def test_a_change_with_a_wrong_old_secret_counts_as_a_try(bench: Bench) -> None:
    bench.enrol()
    for _ in range(3):
        with pytest.raises(Refused):
            bench.installation.change_secret(TECHNICIAN, "493028", new=PASSWORD)
    assert bench.refusal(TECHNICIAN, PIN) == "wait"


def test_a_change_that_cannot_be_written_keeps_the_old_secret(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.enrol()

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ReplicaUnavailable):
            bench.installation.change_secret(TECHNICIAN, PIN, new=PASSWORD)
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key


class RefusingStore(MemoryStore):
    """A keyring that is locked from the n-th call of ``set`` on."""

    def __init__(self, allowed: int) -> None:
        super().__init__()
        self.allowed = allowed

    def set(self, service: str, name: str, secret: bytes) -> None:
        if self.allowed == 0:
            raise KeyringUnavailable("The keyring is locked.")
        self.allowed -= 1
        super().set(service, name, secret)


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_a_keyring_that_locks_in_mid_enrolment_leaves_no_key_file(bench: Bench, allowed: int) -> None:
    bench.store = RefusingStore(allowed)
    bench.installation = bench.after_restart()
    with pytest.raises(KeyringUnavailable):
        bench.enrol()
    assert bench.on_disk() == {}
    bench.store.allowed = 100
    assert bench.enrol().replica_key == bench.after_restart().unlock(TECHNICIAN, PIN).replica_key


def test_a_keyring_that_discards_is_noticed_before_a_key_file_exists(bench: Bench) -> None:
    class Discarding(MemoryStore):
        def set(self, service: str, name: str, secret: bytes) -> None:
            return None

    bench.store = Discarding()
    bench.installation = bench.after_restart()
    with pytest.raises(KeyringUnavailable):
        bench.enrol()
    assert bench.on_disk() == {}


def test_a_lost_keyring_loses_no_work_because_the_organization_opens_the_second_wrap(bench: Bench) -> None:
    identity = bench.enrol()
    bench.store = MemoryStore()
    with pytest.raises(KeyringUnavailable) as caught:
        bench.after_restart().unlock(TECHNICIAN, PIN)
    assert "still on this device" in caught.value.sentence
    installation = bench.after_restart()
    sealed = installation.sealed_replica_key(TECHNICIAN)
    assert sealed is not None
    file = key_file.read_key_file(bench.settings.keys_path(TECHNICIAN))
    opened = open_sealed(bench.recovery, sealed, context=enrolment_keys.context_of("replica-key-recovery", file))
    assert opened == identity.replica_key
    again = installation.enrol_again(bench.enrolment(TECHNICIAN), PASSWORD, signer=bench.signer(), replica_key=opened)
    assert again.device_signer.public_key != identity.device_signer.public_key
    assert bench.after_restart().unlock(TECHNICIAN, PASSWORD).replica_key == identity.replica_key


def test_a_recovery_that_cannot_be_written_leaves_the_old_enrolment_working(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = bench.enrol()

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ReplicaUnavailable):
            bench.installation.enrol_again(
                bench.enrolment(TECHNICIAN), PASSWORD, signer=bench.signer(), replica_key=identity.replica_key
            )
    unlocked = bench.after_restart().unlock(TECHNICIAN, PIN)
    assert unlocked.device_signer.public_key == identity.device_signer.public_key


def test_enrolling_again_removes_the_old_devices_entries(bench: Bench) -> None:
    identity = bench.enrol()
    before = set(bench.store._secrets)
    bench.installation.enrol_again(
        bench.enrolment(TECHNICIAN), PASSWORD, signer=bench.signer(), replica_key=identity.replica_key
    )
    assert before.isdisjoint(bench.store._secrets)


def test_an_organization_without_a_recovery_key_has_no_second_wrap(bench: Bench) -> None:
    enrolment = Enrolment(person_id=TECHNICIAN, login="technician@north", role="technician")
    bench.installation.enrol(enrolment, PIN, signer=bench.signer())
    assert bench.installation.sealed_replica_key(TECHNICIAN) is None


def test_forgetting_leaves_neither_wraps_nor_entries_and_touches_nobody_else(bench: Bench) -> None:
    bench.enrol().refresh_tokens.keep("refresh")
    bench.enrol(SUPERVISOR, PASSWORD, "supervisor").refresh_tokens.keep("refresh")
    bench.installation.forget(TECHNICIAN)
    assert not bench.settings.keys_path(TECHNICIAN).exists()
    assert not [name for _, name in bench.store._secrets if name.startswith(TECHNICIAN)]
    assert bench.after_restart().unlock(SUPERVISOR, PASSWORD).refresh_tokens.current() == "refresh"


def test_forgetting_destroys_the_wraps_even_when_the_keyring_is_gone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.enrol()

    def gone(service: str, name: str) -> None:
        raise KeyringUnavailable("The keyring is locked.")

    monkeypatch.setattr(bench.store, "delete", gone)
    with pytest.raises(KeyringUnavailable):
        bench.installation.forget(TECHNICIAN)
    assert not bench.settings.keys_path(TECHNICIAN).exists()


def test_a_refresh_token_is_kept_per_enrolment_and_forgotten_alone(bench: Bench) -> None:
    technician = bench.enrol()
    supervisor = bench.enrol(SUPERVISOR, PASSWORD, "supervisor")
    assert technician.refresh_tokens.current() is None
    technician.refresh_tokens.keep("first")
    technician.refresh_tokens.keep("second")
    supervisor.refresh_tokens.keep("other")
    assert bench.after_restart().unlock(TECHNICIAN, PIN).refresh_tokens.current() == "second"
    technician.refresh_tokens.forget()
    assert (technician.refresh_tokens.current(), supervisor.refresh_tokens.current()) == (None, "other")
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key == technician.replica_key

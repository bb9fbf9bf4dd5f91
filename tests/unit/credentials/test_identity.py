"""Enrolling and unlocking people on one installation. Changes and recovery: test_identity_changes.py."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from cmms_desktop.credentials import enrolment_keys, key_file
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import Installation
from cmms_desktop.credentials.key_file import KeyFileDamaged
from cmms_desktop.credentials.keys import STANDARD, Argon2Profile, to_base64url
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import KeyringUnavailable, Refused
from tests.unit.credentials.bench import MANAGER, PASSWORD, PIN, SUPERVISOR, TECHNICIAN, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "data")


def test_a_person_unlocks_the_same_keys_after_a_restart(bench: Bench) -> None:
    enrolled = bench.enrol()
    unlocked = bench.after_restart().unlock(TECHNICIAN, PIN)
    assert unlocked.replica_key == enrolled.replica_key
    assert len(unlocked.replica_key) == 32
    assert unlocked.device_signer.public_key == enrolled.device_signer.public_key
    assert unlocked.device_signer.sign(b"cmms/seal/v1", b"x") == enrolled.device_signer.sign(b"cmms/seal/v1", b"x")
    assert not unlocked.must_choose_password


def test_the_wraps_cost_what_was_promised_unless_a_test_says_otherwise(bench: Bench) -> None:
    installation = Installation(bench.settings, bench.store, clock=lambda: bench.now)
    installation.enrol(bench.enrolment(TECHNICIAN), PIN, signer=bench.signer())
    written = json.loads(bench.settings.keys_path(TECHNICIAN).read_text())["keys"]["argon2"]
    assert Argon2Profile(**written) == STANDARD
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key


def test_no_key_and_no_secret_lies_readable_on_disk_or_in_a_representation(bench: Bench) -> None:
    identity = bench.enrol(secret=PASSWORD)
    private = identity.device_signer._private.private_bytes_raw()
    entries = b"\n".join(bench.store._secrets.values())
    on_disk = b"\n".join(bench.on_disk().values())
    shown = repr(identity).encode()
    for secret in (identity.replica_key, private, PASSWORD.encode()):
        spellings = (secret, secret.hex().encode(), to_base64url(secret).encode())
        assert not any(spelling in place for spelling in spellings for place in (entries, on_disk, shown))


def test_each_half_alone_opens_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.enrol()
    disk_only, keyring_only = Bench(tmp_path / "data"), Bench(tmp_path / "elsewhere")
    keyring_only.store = bench.store
    with pytest.raises(KeyringUnavailable):
        disk_only.after_restart().unlock(TECHNICIAN, PIN)
    with pytest.raises(KeyFileDamaged):
        keyring_only.after_restart().unlock(TECHNICIAN, PIN)


def test_a_wrong_secret_is_refused_with_the_tries_left_and_then_made_to_wait(bench: Bench) -> None:
    bench.enrol()
    with pytest.raises(Refused) as caught:
        bench.installation.unlock(TECHNICIAN, "493028")
    assert (caught.value.code, "9 tries" in caught.value.sentence) == ("wrong_secret", True)
    assert [bench.refusal(TECHNICIAN, "493028") for _ in range(3)] == ["wrong_secret", "wrong_secret", "wait"]
    assert bench.refusal(TECHNICIAN, PIN) == "wait"
    bench.now += timedelta(seconds=5)
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key
    assert bench.refusal(TECHNICIAN, "493028") == "wrong_secret"


def test_after_ten_wrong_tries_even_the_right_pin_waits_for_the_server(bench: Bench) -> None:
    identity = bench.enrol()
    for _ in range(10):
        bench.now += timedelta(hours=1)
        assert bench.refusal(TECHNICIAN, "493028") == "wrong_secret"
    bench.now += timedelta(days=30)
    assert bench.refusal(TECHNICIAN, PIN) == "server_sign_in_required"
    bench.after_restart().permit_tries_again(TECHNICIAN)
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key == identity.replica_key


class MeetingStore(MemoryStore):
    """Lets two threads that look at the tries at the same time both look before either writes."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting: threading.Barrier | None = None

    def get(self, service: str, name: str) -> bytes | None:
        found = super().get(service, name)
        if self.meeting is not None and name.endswith("tries"):
            with suppress(threading.BrokenBarrierError):
                self.meeting.wait(timeout=0.2)
        return found


def test_two_tries_at_the_same_time_are_two_tries(bench: Bench) -> None:
    bench.store = store = MeetingStore()
    bench.installation = bench.after_restart()
    bench.enrol()
    store.meeting = threading.Barrier(2)

    def attempt() -> None:
        with suppress(Refused):
            bench.installation.unlock(TECHNICIAN, "493028")

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    store.meeting = None
    with pytest.raises(Refused) as caught:
        bench.installation.unlock(TECHNICIAN, "493028")
    assert "7 tries" in caught.value.sentence


def test_putting_an_older_folder_back_does_not_give_tries_back(bench: Bench) -> None:
    bench.enrol()
    before = bench.on_disk()
    for _ in range(10):
        bench.now += timedelta(hours=1)
        assert bench.refusal(TECHNICIAN, "493028") == "wrong_secret"
    for name, content in before.items():
        Path(name).write_bytes(content)
    assert bench.refusal(TECHNICIAN, PIN) == "server_sign_in_required"


def test_one_persons_tries_do_not_slow_another_down(bench: Bench) -> None:
    bench.enrol()
    bench.enrol(SUPERVISOR, PASSWORD, "supervisor")
    for _ in range(3):
        assert bench.refusal(TECHNICIAN, "493028") == "wrong_secret"
    assert bench.after_restart().unlock(SUPERVISOR, PASSWORD).person.role == "supervisor"


def test_a_flipped_byte_in_the_key_file_is_damage_and_costs_no_try(bench: Bench) -> None:
    bench.enrol()
    path = bench.settings.keys_path(TECHNICIAN)
    content = path.read_bytes()
    at = content.index(b'"wrapped":"') + 20
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    for _ in range(12):
        with pytest.raises(KeyFileDamaged):
            bench.after_restart().unlock(TECHNICIAN, PIN)
    path.write_bytes(content)
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key


@pytest.mark.parametrize("field", ["wrapped", "salt", "device_id", "argon2"])
def test_a_forged_key_file_with_a_right_digest_still_opens_nothing(bench: Bench, field: str) -> None:
    bench.enrol()
    path = bench.settings.keys_path(TECHNICIAN)
    file = key_file.read_key_file(path)
    forged = {
        "wrapped": to_base64url(bytes(92)),
        "salt": to_base64url(bytes(16)),
        "device_id": "0198f000-0000-7000-8000-0000000000ff",
        "argon2": Argon2Profile(memory_kib=16, time_cost=1, lanes=1),
    }
    key_file.write_key_file(path, msgspec.structs.replace(file, **{field: forged[field]}))
    with pytest.raises((Refused, KeyringUnavailable)):
        bench.after_restart().unlock(TECHNICIAN, PIN)


def test_another_persons_key_file_in_ones_own_folder_is_refused(bench: Bench) -> None:
    bench.enrol()
    bench.enrol(SUPERVISOR, PASSWORD, "supervisor")
    theirs = bench.settings.keys_path(SUPERVISOR).read_bytes()
    bench.settings.keys_path(TECHNICIAN).write_bytes(theirs)
    with pytest.raises(KeyFileDamaged):
        bench.after_restart().unlock(TECHNICIAN, PASSWORD)


def test_nobody_opens_anothers_device_key_or_replica_with_his_own_secret(bench: Bench) -> None:
    technician = bench.enrol()
    supervisor = bench.enrol(SUPERVISOR, PASSWORD, "supervisor")
    assert technician.replica_key != supervisor.replica_key
    assert technician.device_signer.public_key != supervisor.device_signer.public_key
    assert bench.refusal(SUPERVISOR, PIN) == "wrong_secret"
    entries = bench.store._secrets
    wrapped = {name: secret for (_, name), secret in entries.items() if name.endswith("device-key")}
    file = key_file.read_key_file(bench.settings.keys_path(SUPERVISOR))
    theirs = next(secret for name, secret in wrapped.items() if name.startswith(SUPERVISOR))
    with pytest.raises(Refused):
        DeviceSigner.unwrapped(
            file.device_id,
            theirs,
            key=technician.replica_key,
            context=enrolment_keys.context_of("device-key", file),
        )


def test_a_supervisor_signs_on_the_technicians_installation_while_the_technician_works(bench: Bench) -> None:
    technician = bench.enrol()
    bench.enrol(SUPERVISOR, PASSWORD, "supervisor")
    supervisor = bench.installation.unlock(SUPERVISOR, PASSWORD)
    signature = supervisor.device_signer.sign(b"cmms/sign-off/v1", b"approved")
    assert signature != technician.device_signer.sign(b"cmms/sign-off/v1", b"approved")
    assert technician.replica_key == bench.installation.unlock(TECHNICIAN, PIN).replica_key


def test_people_are_listed_without_a_secret_and_a_damaged_one_hides_nobody(bench: Bench) -> None:
    assert bench.installation.people() == ()
    bench.enrol()
    bench.enrol(SUPERVISOR, PASSWORD, "supervisor")
    (bench.settings.organization_folder / "not-a-person").mkdir()
    (bench.settings.organization_folder / MANAGER).mkdir()
    assert [person.login for person in bench.after_restart().people()] == ["supervisor@north", "technician@north"]
    bench.settings.keys_path(TECHNICIAN).write_bytes(b"{")
    assert [(p.person_id, p.is_damaged) for p in bench.after_restart().people()] == [
        (TECHNICIAN, True),
        (SUPERVISOR, False),
    ]


def test_enrolling_twice_is_refused_and_keeps_the_first_keys(bench: Bench) -> None:
    first = bench.enrol()
    with pytest.raises(Refused) as caught:
        bench.enrol(secret="582046")
    assert caught.value.code == "already_enrolled"
    assert bench.after_restart().unlock(TECHNICIAN, PIN).replica_key == first.replica_key


def test_a_manager_is_not_enrolled_with_digits_and_nothing_is_left_behind(bench: Bench) -> None:
    with pytest.raises(Refused):
        bench.enrol(MANAGER, PIN, "manager")
    assert bench.on_disk() == {}
    assert bench.store._secrets == {}


def test_a_technician_who_becomes_manager_is_asked_for_a_password(bench: Bench) -> None:
    bench.enrol()
    bench.installation.record_role(TECHNICIAN, "manager")
    unlocked = bench.after_restart().unlock(TECHNICIAN, PIN)
    assert unlocked.must_choose_password
    with pytest.raises(Refused):
        bench.installation.change_secret(TECHNICIAN, PIN, new="582046")
    bench.installation.change_secret(TECHNICIAN, PIN, new=PASSWORD)
    assert not bench.after_restart().unlock(TECHNICIAN, PASSWORD).must_choose_password

"""The keyring's door refuses every backend that keeps nothing, whoever points to it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from cmms_desktop.credentials.keyring_store import ALLOWED, AllowedBackend, KeyringStore
from cmms_desktop.errors import KeyringUnavailable


class Forgetful(KeyringBackend):
    """Says yes to everything and keeps nothing, like the null backend."""

    priority = 9.0

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        return None

    def delete_password(self, service: str, username: str) -> None:
        return None


class Constant(Forgetful):
    """Answers with the same text whatever was kept."""

    def get_password(self, service: str, username: str) -> str | None:
        return "always the same"


class Undeletable(Forgetful):
    """Keeps, and never lets go."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password


class Working(Undeletable):
    """Keeps until told not to; its collection can be set from the environment, as the real one's."""

    collection = "login"

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


class Locked(Working):
    """Raises in its own words, as D-Bus does."""

    def get_password(self, service: str, username: str) -> str | None:
        raise ConnectionError("org.freedesktop.DBus.Error.NoReply")


@pytest.fixture(autouse=True)
def backends(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("backends_for_tests")
    for kind in (Forgetful, Constant, Undeletable, Working, Locked):
        setattr(module, kind.__name__, kind)
    monkeypatch.setitem(sys.modules, "backends_for_tests", module)


def open_with(*names: str) -> KeyringStore:
    return KeyringStore.open([AllowedBackend("backends_for_tests", name, "any") for name in names], platform="any")


def test_the_danger_is_real_the_null_keyring_swallows_a_key() -> None:
    """The control: what a program meets that asks keyring for its choice."""
    backend = null.Keyring()  # type: ignore[no-untyped-call]
    backend.set_password("service", "replica-key", "secret")  # type: ignore[no-untyped-call]
    assert backend.get_password("service", "replica-key") is None  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("name", ["Forgetful", "Constant", "Undeletable", "Locked", "NotThere"])
def test_a_backend_that_fails_the_round_trip_is_refused_in_words(name: str) -> None:
    with pytest.raises(KeyringUnavailable) as caught:
        open_with(name)
    assert "keyring" in caught.value.sentence
    assert "DBus" not in caught.value.sentence


def test_the_next_backend_of_the_list_is_taken_when_one_fails() -> None:
    store = open_with("Locked", "Forgetful", "Working")
    store.set("service", "name", b"secret")
    assert store.get("service", "name") == b"secret"


def test_the_round_trip_leaves_nothing_behind() -> None:
    store = open_with("Working")
    assert store._backend.kept == {}  # type: ignore[attr-defined]


def test_neither_environment_nor_keyringrc_can_choose_a_backend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configuration = tmp_path / "python_keyring" / "keyringrc.cfg"
    configuration.parent.mkdir()
    configuration.write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody-listens")
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    assert isinstance(keyring.get_keyring(), null.Keyring)
    with pytest.raises(KeyringUnavailable):
        KeyringStore.open(platform="linux")


def test_the_list_names_no_backend_that_discards_fails_chains_or_writes_plaintext() -> None:
    refused = {null.Keyring.__module__, fail.Keyring.__module__, chainer.ChainerBackend.__module__}
    assert refused.isdisjoint(allowed.module for allowed in ALLOWED)
    assert all(allowed.module.startswith("keyring.backends.") for allowed in ALLOWED)
    assert {allowed.platform for allowed in ALLOWED} == {"linux", "win32", "darwin"}


def test_a_backend_of_another_platform_is_never_tried() -> None:
    with pytest.raises(KeyringUnavailable):
        KeyringStore.open([AllowedBackend("backends_for_tests", "Working", "win32")], platform="linux")


def test_properties_from_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYRING_PROPERTY_COLLECTION", "session")
    assert Working().collection == "session"
    assert open_with("Working")._backend.collection == "login"  # type: ignore[attr-defined]


def test_a_keyring_that_stops_keeping_later_is_noticed_at_once() -> None:
    store = open_with("Working")
    store._backend.kept = _Emptying()  # type: ignore[attr-defined]
    with pytest.raises(KeyringUnavailable):
        store.set("service", "name", b"secret")


def test_a_keyring_that_breaks_later_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_with("Working")
    monkeypatch.setattr(store, "_backend", Locked())
    for call in (
        lambda: store.get("service", "name"),
        lambda: store.set("service", "name", b"secret"),
        lambda: store.delete("service", "name"),
    ):
        with pytest.raises(KeyringUnavailable):
            call()  # type: ignore[no-untyped-call]


def test_foreign_text_in_the_keyring_is_refused_and_never_quoted() -> None:
    store = open_with("Working")
    store._backend.set_password("service", "name", "not base64 at all!")
    with pytest.raises(KeyringUnavailable) as caught:
        store.get("service", "name")
    assert caught.value.__cause__ is None
    assert "base64 at all" not in str(caught.value)


class _Emptying(dict[str, str]):
    """Drops what is put in, as a keyring does whose file system is full."""

    def __setitem__(self, key: str, value: str) -> None:
        return None

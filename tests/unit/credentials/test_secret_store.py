"""One set of laws for every secret store: the one in memory and the keyring's door over a backend that works."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from cmms_desktop.credentials.keyring_store import AllowedBackend, KeyringStore
from cmms_desktop.credentials.secret_store import SECRET_BYTES_MAX, MemoryStore, SecretStore
from cmms_desktop.errors import Bug


class DictionaryBackend(KeyringBackend):
    """A keyring that keeps what it is given, as the real ones do, and complains like them."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        try:
            del self.kept[service, username]
        except KeyError as error:
            raise PasswordDeleteError("No such password!") from error


@pytest.fixture(params=["memory", "keyring"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SecretStore:
    if request.param == "memory":
        return MemoryStore()
    module = types.ModuleType("working_keyring")
    module.DictionaryBackend = DictionaryBackend  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "working_keyring", module)
    return KeyringStore.open([AllowedBackend("working_keyring", "DictionaryBackend", "any")], platform="any")


class TestEveryStore:
    def test_what_was_never_kept_is_none(self, store: SecretStore) -> None:
        assert store.get("service", "name") is None

    @pytest.mark.parametrize("secret", [b"\x00", bytes(range(256)), b"\xff" * SECRET_BYTES_MAX, b"text"])
    def test_every_byte_comes_back(self, store: SecretStore, secret: bytes) -> None:
        store.set("service", "name", secret)
        assert store.get("service", "name") == secret

    def test_keeping_again_replaces(self, store: SecretStore) -> None:
        store.set("service", "name", b"first")
        store.set("service", "name", b"second")
        assert store.get("service", "name") == b"second"

    def test_services_and_names_do_not_meet(self, store: SecretStore) -> None:
        store.set("one/two", "three", b"a")
        store.set("one", "two/three", b"b")
        assert (store.get("one/two", "three"), store.get("one", "two/three")) == (b"a", b"b")

    def test_deleting_forgets_and_deleting_nothing_is_quiet(self, store: SecretStore) -> None:
        store.set("service", "name", b"secret")
        store.set("service", "other", b"stays")
        store.delete("service", "name")
        store.delete("service", "name")
        assert (store.get("service", "name"), store.get("service", "other")) == (None, b"stays")

    @pytest.mark.parametrize(
        "keep",
        [
            lambda store: store.set("", "name", b"secret"),
            lambda store: store.set("service", "", b"secret"),
            lambda store: store.set("service", "name", b""),
            lambda store: store.set("service", "name", b"x" * (SECRET_BYTES_MAX + 1)),
        ],
    )
    def test_what_some_keyring_would_lose_is_a_bug(
        self, store: SecretStore, keep: Callable[[SecretStore], None]
    ) -> None:
        with pytest.raises(Bug):
            keep(store)
        assert store.get("service", "name") is None

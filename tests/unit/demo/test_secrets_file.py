"""The file in place of a keyring: small, private, and never half written."""

import stat
import sys
from pathlib import Path

import pytest

from cmms_desktop.demo.secrets_file import SecretsFile
from cmms_desktop.errors import Bug, KeyringUnavailable


def test_it_keeps_replaces_and_forgets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    SecretsFile(path).set("service", "name", b"\x00one")
    SecretsFile(path).set("service", "name", b"two")
    SecretsFile(path).set("service", "other", b"three")
    store = SecretsFile(path)
    assert (store.get("service", "name"), store.get("service", "other")) == (b"two", b"three")
    store.delete("service", "name")
    store.delete("service", "name")
    assert (store.get("service", "name"), store.get("elsewhere", "other")) == (None, None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_this_account_reads_it(tmp_path: Path) -> None:
    SecretsFile(tmp_path / "secrets.json").set("service", "name", b"secret")
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.json"]


def test_rubbish_is_told_with_a_way_out_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("{half")
    with pytest.raises(KeyringUnavailable, match="--fresh"):
        SecretsFile(path).get("service", "name")
    with pytest.raises(KeyringUnavailable):
        SecretsFile(path).set("service", "name", b"secret")
    assert path.read_text() == "{half"


def test_it_takes_what_every_keyring_takes_and_no_more(tmp_path: Path) -> None:
    with pytest.raises(Bug):
        SecretsFile(tmp_path / "secrets.json").set("service", "name", bytes(5_000))

"""`cmms-sync-server profile`: what is signed is what a device takes, and what would not be taken is not signed."""

import json
import os
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.taking import Profiles
from sync_server.authz.profile_key import MARK
from sync_server.cli import main
from sync_server.cli.profiles import NO_PLACE, TOO_LARGE_FOR_QR
from sync_server.contract.rules.profile import TRAINING
from sync_server.contract.rules.profile_checks import CONTRAST, LEASE, NO_HTTPS, NO_LOGO
from sync_server.contract.rules.profile_reading import fingerprint
from tests.support.profiles import NOW, png, profile
from tests.support.tls_server import Authority, new_key, pin_of

Run = Callable[..., tuple[int, str, str]]
SIGN = ("profile", "sign", "--organization", "north-works", "--server", "https://sync.north.example/")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CMMS_")]:
        monkeypatch.delenv(name)

    def ran(*words: str) -> tuple[int, str, str]:
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    assert ran("profile", "key", "key")[0] == 0
    return ran


def refused(run: Run, *words: str) -> str:
    """Run what must be refused: exit code 2, one sentence, no file."""
    before = sorted(Path().iterdir())
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    return err.strip()


def test_a_key_is_for_its_owner_alone_and_never_written_over(run: Run) -> None:
    content = Path("key").read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(Path("key").stat().st_mode) == 0o600
    assert "choose another name" in refused(run, "profile", "key", "key")
    assert Path("key").read_bytes() == content
    code, out, _ = run("profile", "key", "second", "--json")
    told = json.loads(out)
    assert (code, told["fingerprint"]) == (0, fingerprint(told["public_key"]))
    assert content.split()[1].decode() not in out


def test_what_is_signed_is_what_a_device_takes(run: Run, tmp_path: Path) -> None:
    Path("logo.png").write_bytes(png(64, 32))
    key, own = new_key(), Authority()
    Path("server.pem").write_bytes(own.certify(key))
    Path("own.pem").write_bytes(own.certificate.public_bytes(Encoding.PEM))
    words = ["--certificate", "server.pem", "--authority", "own.pem", "--name", "Nordwerke", "--logo", "logo.png"]
    words += ["--colour", "#0A5E70", "--dark-colour", "#56bbcd", "--channel", "early", "--serial", "12"]
    policies = ["offline_lease_days=7", "unlock=password", "photos_on_metered=wait", "minimum_version=0.1.0"]
    policies += ["positioning=network:::1:2947"]
    words += [word for policy in policies for word in ("--policy", policy)]
    code, out, _ = run(*SIGN, "--key", "key", "--out", "p", *words)
    assert code == 0
    assert "may be taken until" in out
    offer = Profiles(tmp_path / "data", (), clock=lambda: datetime.now(UTC)).offer(Path("p").read_bytes())
    taken = offer.profile
    assert (taken.organization, taken.server_url, taken.serial) == ("north-works", "https://sync.north.example", 12)
    assert taken.certificate_pins == (pin_of(key),)
    assert taken.policies.positioning is not None
    assert (taken.policies.positioning.host, taken.policies.offline_lease_days) == ("::1", 7)
    assert offer.fingerprint in run("profile", "show", "p")[1]


def test_a_profile_for_training_says_so_to_whoever_signs_or_shows_it(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(*SIGN, "--key", "key", "--out", "p", "--policy", "training=yes")
    assert code == 0
    assert TRAINING in out
    shown = run("profile", "show", "p")[1]
    assert shown.startswith(f"{TRAINING}\n")
    assert "Policy training: yes" in shown
    assert json.loads(run("profile", "show", "p", "--json")[1])["profile"]["policies"] == {"training": True}
    offer = Profiles(tmp_path / "data", (), clock=lambda: datetime.now(UTC)).offer(Path("p").read_bytes())
    assert offer.profile.policies.training
    run(*SIGN, "--key", "key", "--out", "real")
    assert TRAINING not in run("profile", "show", "real")[1]


def test_no_secret_of_the_key_is_in_a_profile(run: Run) -> None:
    run(*SIGN, "--key", "key", "--out", "p")
    secret = Path("key").read_text("ascii").removeprefix(MARK).strip()
    assert secret not in Path("p").read_text("ascii")


def test_serials_rise_by_themselves(run: Run) -> None:
    run(*SIGN, "--key", "key", "--out", "p")
    assert genuine(Path("p").read_bytes()).profile.serial > NOW.timestamp()


def test_a_change_of_keys_carries_the_seals_of_both(run: Run) -> None:
    run("profile", "key", "next")
    assert run(*SIGN, "--key", "next", "--former-key", "key", "--out", "p")[0] == 0
    signed = genuine(Path("p").read_bytes())
    assert len({seal.key for seal in signed.seals}) == 2
    assert signed.profile.organization_key == signed.seals[0].key


def test_the_text_for_a_qr_code_is_the_same_profile_and_is_drawn(run: Run) -> None:
    run(*SIGN, "--key", "key", "--out", "p")
    code, out, _ = run("profile", "show", "p", "--json", "--text", "--qr", "code.png")
    assert code == 0
    assert genuine(json.loads(out)["text"].encode()) == genuine(Path("p").read_bytes())
    assert Path("code.png").read_bytes().startswith(b"\x89PNG")
    run("profile", "show", "p", "--qr", "code.svg")
    assert b"<svg" in Path("code.svg").read_bytes()
    assert "choose another name" in refused(run, "profile", "show", "p", "--qr", "code.svg")
    assert ".png or .svg" in refused(run, "profile", "show", "p", "--qr", "code.gif")


def test_what_no_qr_code_holds_is_said(run: Run) -> None:
    Path("logo.png").write_bytes(png(120, 120, noise=2000))
    Path("own.pem").write_bytes(Authority().certificate.public_bytes(Encoding.PEM))
    for number in range(4):
        run("profile", "key", f"k{number}")
    keys = [word for number in (1, 2, 3) for word in ("--former-key", f"k{number}")]
    more = ["--authority", "own.pem", "--logo", "logo.png", "--pin", "A" * 43]
    assert run(*SIGN, "--key", "k0", *keys, *more, "--out", "p")[0] == 0
    assert refused(run, "profile", "show", "p", "--qr", "code.png") == TOO_LARGE_FOR_QR


@pytest.mark.parametrize(("words", "sentence"), [
    (["--server", "http://sync.north.example"], NO_HTTPS),
    (["--policy", "offline_lease_days=15"], LEASE),
    (["--policy", "training_mode=on"], NO_PLACE.format("training_mode", "")[:40]),
    (["--policy", "training=on"], "The policy training cannot be on."),
    (["--policy", "training=no"], "The policy training cannot be no."),
    (["--policy", "training"], "The policy training cannot be nothing."),
    (["--policy", "unlock=face"], "The policy unlock cannot be face."),
    (["--policy", "unlock=password", "--policy", "unlock=password"], "The policy unlock was given twice."),
    (["--policy", "positioning=nmea_file:x"], "The policy positioning cannot be nmea_file:x."),
    (["--policy", "minimum_version=soon"], "policies.minimum_version"),
    (["--colour", "#eeeeee", "--dark-colour", "#56bbcd"], CONTRAST.format("#eeeeee", "light")),
    (["--colour", "#0a5e70", "--dark-colour", "#182329"], CONTRAST.format("#182329", "dark")),
    (["--logo", "key"], NO_LOGO),
    (["--logo", "nowhere"], "nowhere cannot be read."),
    (["--certificate", "key"], "key holds no certificate in PEM."),
    (["--pin", "short"], "certificate_pins"),
    (["--key", "nowhere"], "The file nowhere cannot be read, or holds no key of profiles."),
    (["--days", "0"], "at most 3660 days"),
    (["--days", "-1"], "argument"),
    (["--serial", "0"], "serial"),
    (["--organization", "North Works"], "organization"),
    (["--former-key", "key"], "seals"),
    (["--former-key", "nowhere"], "The file nowhere cannot be read, or holds no key of profiles."),
    (["--authority", "key"], "key holds no certificate in PEM."),
    (["--authority", "nowhere"], "nowhere cannot be read."),
    (["--channel", "nightly"], "invalid choice: 'nightly'"),
    (["--serial", "soon"], "a whole number is needed"),
    (["--days", "3661"], "at most 3660 days"),
    (["--out", "nowhere/p"], "cannot be written"),
    (["--out"], "expected one argument"),
    (["--training"], "unrecognized arguments"),
    (["--name", "x" * 41], "branding.name"),
])  # fmt: skip
def test_what_no_device_would_take_is_not_signed(run: Run, words: list[str], sentence: str) -> None:
    assert sentence.casefold() in refused(run, *SIGN, "--key", "key", "--out", "p", *words).casefold()


def test_no_profile_is_written_over(run: Run) -> None:
    run(*SIGN, "--key", "key", "--out", "p")
    before = Path("p").read_bytes()
    assert "choose another name" in refused(run, *SIGN, "--key", "key", "--out", "p")
    assert Path("p").read_bytes() == before


def test_a_recovery_key_is_no_key_of_profiles(run: Run) -> None:
    Path("recovery").write_text("A" * 43 + "\n")
    assert "holds no key of profiles" in refused(run, *SIGN, "--key", "recovery", "--out", "p")


@pytest.mark.parametrize("content", [
    b"", b"x" * 300_000, profile()[:-9], profile().replace(b"works.example", b"works.exampla"),
])  # fmt: skip
def test_what_is_no_profile_is_told_from_one(run: Run, content: bytes) -> None:
    Path("p").write_bytes(content)
    refused(run, "profile", "show", "p")
    refused(run, "profile", "show", "nowhere")


@pytest.mark.parametrize("words", [
    ("key", "nowhere/key"), ("key",), ("key", "a", "b"), ("show", "p", "--qr", "nowhere/code.png"), ("show",),
    ("sign",), (), ("lend",), ("sign", "--organization", "north", "--server", "https://sync.example", "--key", "key"),
])  # fmt: skip
def test_a_command_that_is_not_whole_or_leads_nowhere_makes_nothing(run: Run, words: tuple[str, ...]) -> None:
    run(*SIGN, "--key", "key", "--out", "p")
    refused(run, "profile", *words)

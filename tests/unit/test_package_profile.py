"""The profile in a package: one that devices take, or a demonstration's where none was given."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import build_packages
import pytest
from client_packages import demonstration
from client_packages.beside import put_beside, verify_file
from client_packages.demonstration import demonstration_profile, pilot_here
from client_packages.failures import PackagingError
from client_packages.profile import organization_of, profile_to_bake
from client_packages.release import Release
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cmms_desktop.errors import ServerNotTrusted, ServerUnreachable
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.places import Place
from cmms_desktop.profile.taking import Profiles
from cmms_desktop.sync.transport import Transport
from sync_server.cli.certificates import put_pilot
from sync_server.contract.instants import instant_text
from sync_server.contract.rules.profile import DEMONSTRATION
from tests.support.profiles import NOW, OTHER_KEY, facts, profile, sealed
from tests.support.tls_server import tls_server

RELEASE = Release("1.2.3", 7, int(NOW.timestamp()), "x86_64")
LATER = Release("1.2.3", 8, RELEASE.epoch_s + 60, "x86_64")
WELL_FORMED = {
    "unsigned": json.dumps({"profile": facts(), "seals": []}).encode(),
    "changed": profile().replace(b"works.example", b"works.exampla"),
    "http": profile(server_url="http://sync.north-works.example"),
    "foreign": sealed(facts(), OTHER_KEY),
}
"""Each is JSON, and none is taken by any device."""


def made(tmp_path: Path, release: Release = RELEASE, *, authority: Path | None = None) -> bytes:
    return demonstration_profile(release, key_file=tmp_path / "key", authority=authority)


def test_the_clients_own_reader_takes_it_and_sees_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "baked").write_bytes(made(tmp_path))
    start = Profiles(tmp_path / "data", (Place(tmp_path / "baked"),), clock=lambda: NOW).start()
    taken = start.in_force or (start.offered and start.offered.profile)
    assert taken is not None
    assert taken.is_demonstration
    assert taken.policies.training, "every page says so"
    assert (taken.server_url, taken.branding.name) == ("https://localhost", "Demonstration")
    assert start.notes == ()


def test_two_builds_of_a_commit_have_the_same_and_a_later_commit_a_newer_one(tmp_path: Path) -> None:
    first = made(tmp_path)
    assert made(tmp_path) == first
    before, after = genuine(first).profile, genuine(made(tmp_path, LATER)).profile
    assert after.serial > before.serial
    assert after.organization_key == before.organization_key
    (tmp_path / "elsewhere").mkdir()
    assert genuine(made(tmp_path / "elsewhere")).profile.organization_key != before.organization_key


def test_its_key_is_for_whoever_builds_and_no_secret_is_in_the_profile(tmp_path: Path) -> None:
    content = made(tmp_path)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert (tmp_path / "key").read_bytes().split()[1] not in content


def test_it_trusts_the_pilot_of_this_machine_and_nobody_else(tmp_path: Path) -> None:
    put_pilot(tmp_path / "tls", host="localhost")
    put_pilot(tmp_path / "foreign", host="localhost")
    authority = pilot_here(tmp_path / "tls/ca.crt")
    assert authority is not None
    trial = genuine(made(tmp_path, authority=authority)).profile
    for folder, is_trusted in (("tls", True), ("foreign", False)):
        pem = b"".join((tmp_path / folder / name).read_bytes() for name in ("server.key", "server.crt"))
        with tls_server(tmp_path, pem) as heard:
            url = heard.url.replace("127.0.0.1", "localhost")
            with (
                closing(Transport(url, prove=str, profile=trial)) as transport,
                pytest.raises(ServerUnreachable) as caught,
            ):
                transport.refresh("a token")  # what answers is none of our servers
            assert isinstance(caught.value, ServerNotTrusted) != is_trusted
            assert bool(heard.paths) == is_trusted


@pytest.mark.parametrize("there", ["nothing", "a folder", "rubbish", "a pilot of another address"])
def test_what_is_no_pilot_of_this_computer_is_not_trusted(tmp_path: Path, there: str) -> None:
    place = tmp_path / "tls" / "ca.crt"
    if there == "a folder":
        place.mkdir(parents=True)
    elif there == "rubbish":
        place.parent.mkdir()
        place.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    elif there != "nothing":
        put_pilot(place.parent, host="sync.north.example")
    assert pilot_here(place) is None


@pytest.mark.parametrize("wrong", ["a key that is none", "a folder that is not there", "a date before 1970"])
def test_a_demonstration_that_cannot_be_made_is_one_sentence_and_no_file(tmp_path: Path, wrong: str) -> None:
    if wrong == "a key that is none":
        (tmp_path / "key").write_text("nothing")
    folder = tmp_path / "nowhere" if "folder" in wrong else tmp_path
    release = Release("1.2.3", 7, 0, "x86_64") if "date" in wrong else RELEASE
    with pytest.raises(PackagingError, match=r"^No profile of a demonstration can be made: [^\n]+\.$") as caught:
        made(folder, release)
    assert caught.value.code == 2


@pytest.mark.parametrize("name", WELL_FORMED)
def test_a_profile_that_no_device_takes_is_put_into_no_package(tmp_path: Path, name: str) -> None:
    file = tmp_path / "given"
    file.write_bytes(WELL_FORMED[name])
    with pytest.raises(PackagingError, match=r"^[^\n]+\.$") as caught:
        profile_to_bake(file, now=NOW)
    assert caught.value.code == 2


def test_an_organizations_profile_goes_in_as_it_is_until_its_last_day(tmp_path: Path) -> None:
    file = tmp_path / "given"
    file.write_bytes(profile())
    assert profile_to_bake(file, now=NOW) == profile()
    assert organization_of(profile()) == "north-works"
    with pytest.raises(PackagingError, match="could be taken until"):
        profile_to_bake(file, now=NOW + timedelta(days=31))
    with pytest.raises(PackagingError, match="could be taken until"):
        profile_to_bake(file)  # today


def test_whose_profile_is_in_a_package_is_signed_with_it(tmp_path: Path) -> None:
    key, file = Ed25519PrivateKey.generate(), tmp_path / "a.deb"
    file.write_bytes(b"package")
    put_beside(file, [], RELEASE, key, organization=DEMONSTRATION)
    (tmp_path / "pub").write_text(build_packages.signing.public_text(key))
    assert f"profile:{DEMONSTRATION}" in verify_file(file, tmp_path / "pub").split("\t")
    signature = tmp_path / "a.deb.minisig"
    signature.write_text(signature.read_text().replace(DEMONSTRATION, "north-works"))
    with pytest.raises(PackagingError, match="does not belong to this file"):
        verify_file(file, tmp_path / "pub")


class Building:
    """The command with all of it but the minutes: what would go into a package, and what is signed of it, is noted."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.baked: list[bytes | None] = []
        self.serials: list[int | None] = []
        self.signed: list[str | None] = []
        bundle = SimpleNamespace(sources=(), folder=folder)
        for name, instead in {
            "DEMONSTRATION_KEY": folder / "demonstration.pem",
            "DEMONSTRATION_PROFILE_KEY": folder / "demonstration.key",
            "PILOT_AUTHORITY": folder / "tls" / "ca.crt",
            "make_bundle": lambda *_: bundle,
            "parts_of": lambda _: ["a part"],
            "make_portable": self._make,
        }.items():
            monkeypatch.setattr(build_packages, name, instead)
        monkeypatch.setattr(build_packages.beside, "put_beside", self._sign)

    def _make(self, _program: object, release: Release, *, profile: bytes | None, target: Path) -> Path:
        self.baked.append(profile)
        self.serials.append(release.profile_serial)
        (target / "made.tar.gz").write_bytes(b"made")
        return target / "made.tar.gz"

    def _sign(self, *_: object, organization: str | None) -> None:
        self.signed.append(organization)

    def run(self, *words: str) -> int:
        return build_packages.main(["--only", "portable", "--out", str(self.folder / "out"), *words])


@pytest.fixture
def building(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Building:
    return Building(tmp_path, monkeypatch)


def test_without_a_profile_a_demonstrations_goes_in_and_the_command_says_so(
    building: Building, capsys: pytest.CaptureFixture[str]
) -> None:
    assert building.run() == building.run() == 0
    first, second = building.baked
    assert first is not None
    assert first == second
    assert genuine(first).profile.is_demonstration
    assert building.signed == [DEMONSTRATION] * 2
    assert building.serials == [None] * 2, "any package of an organization is newer"
    said = capsys.readouterr().err
    assert f"{demonstration.CARRIED} {demonstration.NO_PILOT}" in said


def test_where_a_pilot_is_set_up_the_demonstration_trusts_it(
    building: Building, capsys: pytest.CaptureFixture[str]
) -> None:
    put_pilot(building.folder / "tls", host="localhost")
    assert building.run() == 0
    (baked,) = building.baked
    assert baked is not None
    assert genuine(baked).profile.certificate_authority
    assert demonstration.NO_PILOT not in capsys.readouterr().err


def test_with_a_profile_there_is_no_demonstration(building: Building, capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    given = profile(signed_at=instant_text(now), not_after=instant_text(now + timedelta(days=9)))
    (building.folder / "given").write_bytes(given)
    assert building.run("--profile", str(building.folder / "given")) == 0
    assert (building.baked, building.signed, building.serials) == ([given], ["north-works"], [5])
    assert "demonstration, for" not in capsys.readouterr().err
    assert not (building.folder / "demonstration.key").exists()


def test_a_folder_that_gets_full_keeps_what_it_had(
    building: Building, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert building.run() == 0
    out = building.folder / "out"
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    copied: list[object] = []

    def fill(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        copied.append(target)
        if len(copied) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(build_packages.shutil, "copyfile", fill)
    assert building.run() == 2
    assert len(copied) == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert capsys.readouterr().err.splitlines()[-1] == f"{out} does not take the packages: No space left on device."

"""Settings refuse what could leave the data folder or send a password in the clear."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cmms_desktop.config import ClientSettings, default_data_folder, settings_from_environment
from cmms_desktop.errors import Bug, Refused

PERSON = "0198f000-0000-7000-8000-00000000000a"
HOME = Path("home")


def settings(url: str = "https://cmms.example", slug: str = "north-works") -> ClientSettings:
    return ClientSettings(data_folder=Path("data"), server_url=url, organization_slug=slug)


def test_each_person_has_a_folder_of_their_own() -> None:
    folder = Path("data") / "north-works" / PERSON
    assert settings().person_folder(PERSON) == folder
    assert settings().replica_path(PERSON) == folder / "replica.db"
    assert settings().keys_path(PERSON) == folder / "keys.json"
    assert settings().blobs_folder(PERSON) == folder / "blobs"


@pytest.mark.parametrize("person", ["", "..", "../x", PERSON.upper(), PERSON.replace("-", ""), PERSON + "/.."])
def test_nothing_but_an_id_becomes_a_folder(person: str) -> None:
    with pytest.raises(Bug):
        settings().person_folder(person)


@pytest.mark.parametrize("slug", ["", "..", "a/b", "North", "-north", "north-", "a" * 64, "nörd", "north\n"])
def test_a_short_name_that_is_none_is_refused(slug: str) -> None:
    with pytest.raises(Refused):
        settings(slug=slug)


@pytest.mark.parametrize("url", ["https://cmms.example", "https://cmms.example:8443", "http://127.0.0.1:8000"])
def test_https_and_this_machine_are_accepted(url: str) -> None:
    assert settings(url).server_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://cmms.example",
        "http://127.0.0.1.cmms.example",
        "ftp://cmms.example",
        "cmms.example",
        "https://",
        "https://cmms.example/path",
        "https://cmms.example?x=1",
        "https://someone:secret@cmms.example",
        "https://cmms.example:99999",
        "https://[::1",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        settings(url)


def test_the_environment_names_server_organization_and_folder() -> None:
    read = settings_from_environment(
        {"CMMS_SERVER_URL": "https://cmms.example/", "CMMS_ORGANIZATION": "north-works", "CMMS_DATA_FOLDER": "there"},
        home=HOME,
    )
    assert read == ClientSettings(
        data_folder=Path("there"), server_url="https://cmms.example", organization_slug="north-works"
    )


def test_what_is_missing_is_said_by_name() -> None:
    with pytest.raises(Refused) as caught:
        settings_from_environment({"CMMS_SERVER_URL": "https://cmms.example"}, home=HOME)
    assert "CMMS_ORGANIZATION" in caught.value.sentence


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the folder of the freedesktop rules")
def test_the_data_folder_follows_the_operating_system() -> None:
    assert default_data_folder({}, home=HOME) == HOME / ".local" / "share" / "cmms-field"
    assert default_data_folder({"XDG_DATA_HOME": "elsewhere"}, home=HOME) == Path("elsewhere") / "cmms-field"

"""The register of plugins: what manifests say, by version and digest, and what an organization thinks of them."""

import json
from pathlib import Path

import pytest

from sync_server.application.tenants import plugins
from sync_server.errors import Refused
from tests.support.command_line import Run, commands_of
from tests.support.server_side import Organization, Server


@pytest.fixture
def organization(server: Server) -> Organization:
    return server.organization()


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def manifest(name: str = "thermal", version: str = "1.0.0", publisher: str = "North Instruments", **more: str) -> bytes:
    return json.dumps({"name": name, "version": version, "publisher": publisher, **more}).encode()


def known(organization: Organization) -> list[tuple[str, str, str]]:
    found = plugins.plugins(organization.database, organization.id)
    return [(each.name, each.version, each.state) for each in found]


def test_a_version_is_known_once_and_by_one_manifest(server: Server, organization: Organization) -> None:
    made = plugins.register(organization.database, organization.id, manifest())
    assert plugins.register(organization.database, organization.id, manifest()) == made
    with pytest.raises(Refused, match="Another thermal"):
        plugins.register(organization.database, organization.id, manifest(entry="other.py"))
    plugins.register(organization.database, organization.id, manifest(version="1.1.0"))
    assert known(organization) == [("thermal", "1.0.0", "registered"), ("thermal", "1.1.0", "registered")]
    other = server.organization()
    assert known(other) == []
    plugins.register(other.database, other.id, manifest(entry="other.py"))


def test_what_is_thought_of_a_plugin_is_kept_and_told_once(organization: Organization) -> None:
    plugins.register(organization.database, organization.id, manifest())
    for state in ("approved", "approved", "blocked"):
        plugins.judge(organization.database, organization.id, "thermal", "1.0.0", state=state)
    assert known(organization) == [("thermal", "1.0.0", "blocked")]
    assert plugins.register(organization.database, organization.id, manifest()).state == "blocked"
    query = "select act from activity_log where organization_id = %s and act like 'plugin%%' order by seq"
    assert [act for (act,) in organization.ask(query, organization.id)] == [
        *("plugin.registered", "plugin.approved", "plugin.blocked")
    ]
    for name, version in (("thermal", "2"), ("nothing", "1.0.0"), ("\0", "")):
        with pytest.raises(Refused, match="no plugin"):
            plugins.judge(organization.database, organization.id, name, version, state="approved")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        manifest(name="Thermal"),
        manifest(name="../thermal"),
        manifest(version=""),
        manifest(version="1 0"),
        manifest(publisher=" "),
        manifest(publisher="North\nInstruments"),
        manifest(publisher="x" * 201),
        b'{"name": 1, "version": "1", "publisher": "x"}',
        manifest(note="x" * plugins.MOST_BYTES),
    ],
)
def test_what_is_no_manifest_is_not_written_down(organization: Organization, content: bytes) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        plugins.register(organization.database, organization.id, content)
    assert known(organization) == []


def test_an_administrator_keeps_the_register(organization: Organization, run: Run, tmp_path: Path) -> None:
    file, at = tmp_path / "manifest.json", ("--organization", organization.slug)
    file.write_bytes(manifest())
    assert run("plugin", "list", *at)[1] == f"{organization.slug} knows no plugins.\n"
    assert run("plugin", "add", str(file), *at)[0] == 0
    assert run("plugin", "approve", "thermal", "1.0.0", *at) == (0, "thermal 1.0.0 is approved.\n", "")
    assert run("plugin", "list", *at)[1].startswith("thermal 1.0.0  approved; of North Instruments; ")
    for words in (("add", str(tmp_path / "none")), ("block", "thermal", "2"), ("add", str(tmp_path))):
        code, said, wrong = run("plugin", *words, *at)
        assert (code, said, wrong.count("\n")) == (2, "", 1)
    assert known(organization) == [("thermal", "1.0.0", "approved")]

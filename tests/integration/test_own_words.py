"""An organization calls closed words by names of its own; its devices have them with a sync, and nobody else's."""

import json

import pytest

from sync_server.application.tenants import own_words
from sync_server.application.tenants.own_words import OwnWord
from sync_server.contract.rules.own_words import WORDS
from sync_server.errors import Refused
from tests.support.command_line import Run, commands_of
from tests.support.server_side import Scene, Server


def held(scene: Scene) -> dict[str, str]:
    """What a device of the technician holds."""
    rows = [row for (entity, _), row in scene.field.sync().rows.items() if entity == "i18n_string"]
    return {f"{row['language']} {row['kind']} {row['word']}": str(row["text"]) for row in rows if not row["deleted_at"]}


def call(scene: Scene, text: str, language: str = "en") -> None:
    said = OwnWord(language, "status", "in_progress", text)
    own_words.call(scene.organization.database, scene.organization.id, said)


def test_devices_hear_what_their_organization_calls_things_and_nobody_else_does(server: Server) -> None:
    scene, other = Scene.of(server), Scene.of(server)
    call(scene, " Under way ")
    call(scene, "Em andamento", "pt-BR")
    assert held(scene) == {"en status in_progress": "Under way", "pt-BR status in_progress": "Em andamento"}
    call(scene, "Being done")
    assert held(scene)["en status in_progress"] == "Being done"
    call(scene, "")
    assert list(held(scene)) == ["pt-BR status in_progress"]
    call(scene, "Back again")
    assert held(scene)["en status in_progress"] == "Back again"
    assert held(other) == {}
    assert len(scene.organization.rows("i18n_string")) == 2


def test_no_device_changes_a_word_of_its_organization(server: Server) -> None:
    scene = Scene.of(server)
    call(scene, "Under way")
    scene.office.sync()
    (row,) = scene.organization.rows("i18n_string")
    assert scene.office.push_one(scene.office.edit("i18n_string", row, text="Mine"))["status"] == "rejected"
    assert scene.organization.rows("i18n_string") == [row]


@pytest.mark.parametrize(
    "said",
    [
        OwnWord("en", "status", "in progress", "Under way"),
        OwnWord("en", "role", "admin", "Chief"),
        OwnWord("en", "", "", "x"),
        OwnWord("english", "status", "new", "x"),
        OwnWord("", "status", "new", "x"),
        OwnWord("en", "status", "new", "x" * 41),
        OwnWord("en", "status", "new", "x\ny"),
        OwnWord("en", "status", "new", "x\u202ey"),
    ],
)
def test_what_cannot_be_said_is_not_written(server: Server, said: OwnWord) -> None:
    organization = server.organization()
    with pytest.raises(Refused, match=r"\.$"):
        own_words.call(organization.database, organization.id, said)
    assert organization.rows("i18n_string") == []


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def test_an_administrator_says_and_lists_them(server: Server, run: Run) -> None:
    slug = server.organization().slug
    assert run("organization", "words", slug)[1] == f"{slug} has no words of its own.\n"
    assert run("organization", "word", slug, "priority", "critical", "--says", "Now")[0] == 0
    assert run("organization", "words", slug)[1] == "en  priority critical: Now\n"
    (found,) = json.loads(run("organization", "words", slug, "--json")[1])["words"]
    assert found == {"language": "en", "kind": "priority", "word": "critical", "text": "Now"}
    for words in ((slug, "priority", "urgent"), (slug, "role", "admin"), ("nowhere", "priority", "low")):
        code, said, wrong = run("organization", "word", *words, "--says", "x")
        assert (code, said, wrong.count("\n")) == (2, "", 1)


def test_every_kind_has_its_closed_words() -> None:
    from sync_server.cli import choice_parser
    from sync_server.contract.entities.own_words import KINDS

    assert tuple(WORDS) == KINDS == choice_parser.KINDS

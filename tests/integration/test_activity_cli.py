"""The commands about the activity log, as an administrator types them."""

import json

import pytest

from tests.support.activity import at_liberty, said
from tests.support.command_line import Run, commands_of
from tests.support.server_side import Scene, Server


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


@pytest.fixture
def run(scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    typed = commands_of(scene.organization.server, monkeypatch, capsys)
    return lambda *words: typed(*words, "--organization", scene.organization.slug)


def test_what_was_done_is_listed_with_who_did_it_and_how_it_was(scene: Scene, run: Run) -> None:
    person = scene.technician
    scene.organization.change("person", person["id"], name="Technician 14\x1b[2J")
    login = str(person["id"])
    assert run("user", "permit", login, "work_order", "review", "--scope", "site")[0] == 0
    code, told, _ = run("activity", "list", "--act", "person")
    assert code == 0
    *_, changed, permitted = told.splitlines()
    assert "person.changed" in changed
    assert "name: Technician → Technician 14·[2J" in changed
    assert "person_permission.created" in permitted
    assert "by user permit" in permitted
    (line,) = json.loads(run("activity", "list", "--lines", "1", "--json")[1])["lines"]
    assert (line["body"]["means"], line["body"]["command"]) == ("command line", "user permit")
    assert line["body"]["account"]
    assert run("activity", "list", "--since", "2999-01-01")[1] == "Nothing of that was done.\n"
    assert run("activity", "list", "--id", str(scene.site["id"]))[1].count("site.created") == 1


def test_a_log_that_holds_is_said_so_with_its_end_and_a_broken_one_ends_with_exit_code_2(
    scene: Scene, run: Run
) -> None:
    last = said(scene.organization)[-1]
    code, told, _ = run("activity", "verify")
    mark = f"{last['seq']}:{last['hash']}"
    assert (code, told.splitlines()[-1]) == (0, mark)
    assert f"holds together, lines 1 to {last['seq']}." in told
    assert run("activity", "verify", "--known", mark)[0] == 0
    code, _, wrong = run("activity", "verify", "--known", f"{last['seq']}:{'0' * 64}")
    assert (code, "the log was written anew" in wrong) == (2, True)
    with at_liberty(scene.organization) as act:
        act("delete from activity_log where organization_id = %s and seq = 3", scene.organization.id)
    code, told, wrong = run("activity", "verify")
    slug = scene.organization.slug
    assert (code, told, wrong) == (2, "", f"The activity log of {slug} is broken. Line 3 is missing.\n")


def test_a_person_is_forgotten_and_the_log_holds_together(scene: Scene, run: Run) -> None:
    login = str(scene.technician["id"])
    assert "name: Technician" in run("activity", "list", "--id", login)[1]
    code, told, _ = run("activity", "forget", login)
    assert (code, "are forgotten" in told) == (0, True)
    told = run("activity", "list", "--id", login)[1]
    assert "name: Technician" not in told
    assert "name: (forgotten)" in told
    assert run("activity", "verify")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--lines", "0"),
        ("list", "--since", "yesterday"),
        ("list", "--id", "1; drop table"),
        ("verify", "--known", "5"),
        ("forget", "nobody"),
    ],
)
def test_a_wrong_call_is_answered_with_a_sentence(run: Run, words: tuple[str, ...]) -> None:
    code, told, wrong = run("activity", *words)
    assert (code, told) == (2, "")
    assert wrong.strip()
    assert "Traceback" not in wrong

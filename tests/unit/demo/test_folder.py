"""The folder of a demonstration: held by one, emptied only of what is its own, and found again."""

import stat
import sys
from pathlib import Path

import pytest

from cmms_desktop.demo import folder as folders
from cmms_desktop.demo.folder import ALREADY_OPEN, NAME, OPEN_TO_ALL, default_folder, held_folder
from cmms_desktop.errors import EnvironmentFailure, Refused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the embedded server does not run there")


def fill(root: Path) -> None:
    """What a demonstration leaves behind."""
    with held_folder(root, is_fresh=False) as folder:
        folder.keep_organizations([{"slug": "demo"}])
        folder.client.mkdir()
        (folder.client / "replica.db").write_text("work")
        folder.secrets.write_text("{}")


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    fill(tmp_path / "demo")
    with held_folder(tmp_path / "demo", is_fresh=False) as folder:
        assert folder.organizations() == [{"slug": "demo"}]
        assert (folder.client / "replica.db").read_text() == "work"
        assert stat.S_IMODE((folder.root / "organizations.json").stat().st_mode) == 0o600


def test_fresh_forgets_everything(tmp_path: Path) -> None:
    fill(tmp_path / "demo")
    with held_folder(tmp_path / "demo", is_fresh=True) as folder:
        assert folder.organizations() is None
        assert {entry.name for entry in folder.root.iterdir()} == {"lock", "server.lock"}


def test_what_was_left_by_a_start_that_never_ended_is_forgotten(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    (root / "server").mkdir(parents=True)
    (root / "organizations.json.partial").write_text("half")
    with held_folder(root, is_fresh=False) as folder:
        assert not folder.server.exists()


@pytest.mark.parametrize("is_fresh", [True, False])
def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, is_fresh: bool) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "server").mkdir()
    with pytest.raises(Refused, match="photos"), held_folder(tmp_path, is_fresh=is_fresh):
        pass
    assert (tmp_path / "server").exists()


def test_a_link_is_taken_away_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("keep me")
    root = tmp_path / "demo"
    root.mkdir()
    (root / "client").symlink_to(elsewhere)
    with held_folder(root, is_fresh=True):
        assert (elsewhere / "precious").read_text() == "keep me"


def test_two_demonstrations_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        held_folder(tmp_path / "demo", is_fresh=False),
        pytest.raises(Refused) as refusal,
        held_folder(tmp_path / "demo", is_fresh=True),
    ):
        pass
    assert refusal.value.sentence == ALREADY_OPEN


def test_a_server_that_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "SERVER_ENDS_S", 0.1)
    with (
        folders._locked(tmp_path / "server.lock", None),
        pytest.raises(EnvironmentFailure, match="has not ended"),
        held_folder(tmp_path, is_fresh=False),
    ):
        pass


def test_a_path_that_is_no_folder_is_told_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailure, match="--data"), held_folder(tmp_path / "file" / "demo", is_fresh=False):
        pass


def test_a_person_has_it_among_his_own_data(tmp_path: Path) -> None:
    environment = {"XDG_DATA_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    assert default_folder(environment, home=tmp_path, is_root=False).name == NAME


def test_root_whose_own_folders_are_closed_has_it_where_others_may_pass(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert default_folder({"XDG_DATA_HOME": str(closed)}, home=closed, is_root=True) == OPEN_TO_ALL

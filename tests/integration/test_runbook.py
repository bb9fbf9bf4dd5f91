"""Each command of the runbook, run as it stands there."""

import re
import shlex
from pathlib import Path
from typing import Any

from sync_server.application import hello, history_watch
from tests.integration.test_cli import REPOSITORY, Run, answer, environment, folder, run

__all__ = ["environment", "folder", "run"]

RUNBOOK = REPOSITORY / "sync_server" / "RUNBOOK.md"
BACKUPS = "/backups"
EXAMPLE = "/backups/cmms-backup-20260302T081500Z"


def commands() -> list[list[str]]:
    """The words of every command, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", RUNBOOK.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_every_command_of_the_runbook_works_in_its_order(run: Run, environment: dict[str, str], folder: Path) -> None:
    answer(run(environment, "organization", "create", "north", "--name", "North", "--json"))
    made: dict[str, Any] = {}
    ran = []
    for program, *words in commands():
        assert program == "cmms-sync-server"
        places = {EXAMPLE: str(made.get("backup")), BACKUPS: str(folder / "backups")}
        here = [places.get(word, word) for word in words]
        told = answer(run(environment, *here, "--json"))
        made = told if "clocks" in told and "backup" in told else made
        ran.append(words[0])
    assert ran == ["backup", "verify", "restore", "rotate-epoch", "organization", "routine"]


def test_the_runbook_names_what_the_server_writes() -> None:
    text = " ".join(RUNBOOK.read_text(encoding="utf-8").split())
    assert f"`{history_watch.FILE}`" in text
    for module in (history_watch, hello):
        assert "the database was restored without the runbook" in Path(str(module.__file__)).read_text(encoding="utf-8")
    assert f"every {history_watch.EVERY_S:.0f} s" in text

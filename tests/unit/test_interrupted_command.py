"""Whoever interrupts a command is told in one sentence how things stand, and sees no trace of the program."""

import pytest

from sync_server.cli import command, main
from sync_server.cli.parsing import Parser


def test_an_interrupted_command_says_so_in_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    def parser() -> Parser:
        made = Parser(prog="cmms-sync-server")
        made.set_defaults(run=interrupted, command="seed")
        return made

    monkeypatch.setattr(command, "make_parser", parser)
    assert main([]) == 130
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"{command.INTERRUPTED}\n")

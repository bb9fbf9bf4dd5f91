"""Every command of the server as its parser describes it, and calls of it in which one value is rubbish."""

from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sync_server.cli.command import make_parser
from sync_server.cli.parsing import path_of

LONG = "x" * 100_000
"""Linux takes no word of a command that is longer than 128 KiB."""
NEEDS_NO_VALUE = 0


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the words that choose it, and everything that is given a value."""

    words: tuple[str, ...]
    values: tuple[Action, ...]

    @property
    def name(self) -> str:
        return " ".join(self.words)

    def call(self, given: Mapping[str, str], *, wrong: Action | None = None, rubbish: str = "") -> list[str]:
        """Give the words of a call with what has to be said, and one value of which is rubbish."""
        named, places = [], []
        for action in self.values:
            if action is not wrong and not action.required:
                continue
            value = rubbish if action is wrong else plausible(action, given)
            if action.option_strings:
                named.append(f"{action.option_strings[0]}={value}")
            else:
                places.append(value)
        return [*self.words, *named, *(["--", *places] if places else [])]


def every_command() -> tuple[Command, ...]:
    """Give all of them, in the order of `--help`."""
    return tuple(_commands(make_parser(), ()))


def _commands(parser: ArgumentParser, words: tuple[str, ...]) -> Iterator[Command]:
    deeper = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not deeper:
        yield Command(words, tuple(action for action in parser._actions if action.nargs != NEEDS_NO_VALUE))
    for action in deeper:
        for name, below in action.choices.items():
            yield from _commands(below, (*words, name))


def plausible(action: Action, given: Mapping[str, str]) -> str:
    """Give a value that is read; what it names need not be there."""
    if action.choices is not None:
        return str(next(iter(action.choices)))
    kind = getattr(action.type, "__name__", "")
    for name in (action.dest, kind):
        if name in given:
            return given[name]
    return "north"


def rubbish_for(action: Action, folder: Path, *, few: bool = False) -> Iterator[tuple[str, str]]:
    """Give values with what is wrong with them: whatever a shell, a script or a cat on the keyboard may hand over.

    Args:
        action: What they are given to.
        folder: With a file and a socket of these names.
        few: Only those that have most often gone wrong.
    """
    if few and action.dest in {"organization", "slug"}:  # all of them look for it in one way
        yield "line break", "no\nrth"
        return
    yield "nothing", ""
    yield "bytes that are no text", "no\udcffrth"
    yield "line break", "no\nrth"
    yield "long", LONG
    if action.type is path_of:
        yield "folder", str(folder)
        yield "below a file", str(folder / "file" / "file")
    if few:
        return
    yield "blank", "   "
    yield "NUL", "no\0rth"
    yield "terminal", "no\x1b[2Jrth"
    yield "other digits", "\u0663"
    yield "option", "--json"
    if action.type is path_of:
        yield "in nothing", str(folder / "nowhere" / "file")
        yield "socket", str(folder / "socket")
    else:
        yield "huge", "9" * 5_000
        yield "negative", "-1"
        yield "no number", "nan"

"""How commands are described and answered: a parser that says what is wrong in one sentence, and `--json`."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from sync_server.errors import Refused

WRONG = 2
"""Exit code of a wrong call, wrong input, or a database that cannot be used."""

LONGEST_COMPLAINT = 600
"""Characters of what is said on standard error: of a value that is longer than this its ends are enough."""
NO_TEXT = "A value holds a NUL, or bytes that are not UTF-8. Nothing was done."

Answer = tuple[dict[str, object], str]
"""What a command did: one object for `--json`, and the same as sentences."""


class Parser(ArgumentParser):
    """A parser that answers a wrong call with one sentence instead of a usage table."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is, and leave."""
        sentence = message[:1].upper() + message[1:].rstrip(".").replace(": invalid _", ": invalid ")
        complain(f"{sentence}. `{self.prog} --help` says what can be given.")
        raise SystemExit(WRONG)


def complain(sentence: str) -> None:
    """Say on standard error what is wrong, on one line that a person can read to its end."""
    line = one_line(sentence)
    head, tail = LONGEST_COMPLAINT * 2 // 3, LONGEST_COMPLAINT // 3
    print(line if len(line) <= LONGEST_COMPLAINT else f"{line[:head]} … {line[-tail:]}", file=sys.stderr)


def path_of(text: str) -> Path:
    """Read the name of a file or folder. An empty one is a script's variable that nobody has set, not this folder."""
    if not text.strip():
        raise ArgumentTypeError("a name is needed")
    return Path(text)


def require_text(words: Iterable[str]) -> None:
    """Refuse words that no file and no database takes: NUL, and bytes that are not UTF-8. Raises Refused."""
    if any("\0" in word or any("\ud800" <= character <= "\udfff" for character in word) for word in words):
        raise Refused("invalid_value", NO_TEXT)


def one_line(text: str) -> str:
    """Give text that people or devices wrote on one line, without characters that would move a terminal's cursor."""
    return "".join(character if character.isprintable() else "·" for character in text)


def lines_of(lines: Iterable[str]) -> str:
    """Give what is told of several things, each on one line: no name can make another one of its own."""
    return "\n".join(map(one_line, lines))


UNFINISHED = 1
"""Exit code of a command that did what it could and left something."""


def answering(parser: ArgumentParser, act: Callable[[Namespace], Answer], *, left: str | None = None) -> None:
    """Let a command print what it did. `left`: what its answer calls that which it had to leave, if it may have to."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def run(options: Namespace) -> None:
        answer, sentences = act(options)
        print(json.dumps(answer) if options.json else "\n".join(map(one_line, sentences.split("\n"))))
        if left is not None and answer[left]:
            raise SystemExit(UNFINISHED)

    parser.set_defaults(run=run, words=parser.prog.partition(" ")[2])

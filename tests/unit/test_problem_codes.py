"""The list of problem codes is closed: nobody refuses with a code that the other side cannot know."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.contract.problems import CODES

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "sync_server"
SOURCES = sorted(path for path in SERVER.rglob("*.py") if path.name != "problems.py")
CARRIERS = {"Problem": 0, "Refused": 0, "Refusal": 0, "ProblemDetails": None, "Verdict": None}
"""Callables that carry a code → its place among the positional arguments; None: by its name only."""


def refusals_in(source: str) -> Iterator[tuple[int, str, ast.Call]]:
    """Line, code and call of every code that stands as a literal in a call of a carrier, inside conditions too."""
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or name not in CARRIERS:
            continue
        place = CARRIERS[name]
        given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        given += node.args[place : place + 1] if place is not None else []
        for literal in (inner for value in given for inner in literals_of(value)):
            yield node.lineno, literal, node


def literals_of(value: ast.expr) -> Iterator[str]:
    """Texts that an expression may come to; a name or a call comes to none."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from (*literals_of(value.body), *literals_of(value.orelse))
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from literals_of(part)


REFUSALS = [
    pytest.param(code, call, id=f"{path.relative_to(SERVER)}:{line}")
    for path in SOURCES
    for line, code, call in refusals_in(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("code", "call"), REFUSALS)
def test_every_code_that_is_used_is_on_the_list(code, call):
    assert code in CODES


@pytest.mark.parametrize(("code", "call"), REFUSALS)
def test_every_refusal_is_a_whole_sentence(code, call):
    if len(call.args) < 2:
        return
    sentence = call.args[1]
    parts = sentence.values if isinstance(sentence, ast.JoinedStr) else [sentence]
    ends = [part.value for part in (parts[0], parts[-1]) if isinstance(part, ast.Constant)]
    if isinstance(parts[-1], ast.Constant):
        assert ends[-1].endswith(".")
    if isinstance(parts[0], ast.Constant):
        assert not ends[0][0].islower()
    assert code not in ends


def test_every_code_on_the_list_is_used_by_one_side():
    sources = [*SOURCES, *(ROOT / "cmms_desktop").rglob("*.py")]
    used = {
        node.value
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(CODES) - used == set()


def test_a_status_is_an_error_of_http():
    assert all(400 <= status < 600 for status in CODES.values())


def test_a_code_is_one_word_in_small_letters():
    assert all(code.isascii() and code == code.lower() and code.replace("_", "").isalpha() for code in CODES)


def test_the_scan_finds_literals_wherever_they_hide():
    source = """
raise Refused("one", "x")
problems.Problem(code="two", sentence="x")
yield_ = Problem("three" if a else "four", "x")
raise errors.Refused(verdict.code or "five", "x")
Verdict(mutation_id="not this", status="nor this", code="six")
Problem(other.code, other.sentence)
"""
    assert {code for _, code, _ in refusals_in(source)} == {"one", "two", "three", "four", "five", "six"}


def test_the_scan_sees_the_refusals_of_the_server():
    assert len(REFUSALS) > 60

"""What every file of the house keeps to, as far as a machine can read it."""

from __future__ import annotations

import ast
import importlib.util
import re
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, entries, files, modules, name_of, parsed

TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitignore",
    "LICENSE",
    "README.md",
    "cmms_desktop",
    "packaging",
    "pyproject.toml",
    "resources",
    "sync_server",
    "tests",
}
EMPTY_WORDS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
MODULE_LINES = 400
FUNCTION_LINES = 60

# Written in pieces, so that this file passes its own rules.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + r"me/\w+", "t" + "mp")) + r")/"
)
REGISTRY = re.compile("|".join((r"pypi\.o" + "rg", "python" + "hosted", r"registry\.npm" + "js", r"debian\.o" + "rg")))
PRETENDED = "NotImplemented" + "Error"
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def definitions(path: Path) -> tuple[Definition, ...]:
    return tuple(node for node in ast.walk(parsed(path)) if isinstance(node, Definition))


def text_lines() -> Iterable[tuple[str, str]]:
    """Every line of every text file of the house, with its place."""
    for path in files():
        if path.name == "LICENSE":
            continue
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((f"{name_of(path)}:{number}", line) for number, line in enumerate(lines, start=1))


def offending_lines(pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {line.strip()[:100]}" for place, line in text_lines() if pattern.search(line)]


def test_the_top_level_is_fixed() -> None:
    assert {path.name for path in entries(ROOT)} - TOP_LEVEL == set()


def test_the_packaging_folder_never_shadows_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()
    found = importlib.util.find_spec("packaging")
    assert found is not None
    assert found.origin is not None
    assert not Path(found.origin).is_relative_to(ROOT / "packaging")


@pytest.mark.parametrize("package", PACKAGES)
def test_the_root_of_a_package_holds_only_its_docstring(package: str) -> None:
    tree = parsed(ROOT / package / "__init__.py")
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_no_file_hides_behind_an_empty_word() -> None:
    named = {
        name_of(path)
        for path in modules(*PACKAGES, "tests")
        for part in (*path.relative_to(ROOT).parts[:-1], path.stem)
        if EMPTY_WORDS & set(part.split("_"))
    }
    assert named == set()


def test_no_class_hides_behind_an_empty_word() -> None:
    ending = re.compile("(?:Util|Utils|Helper|Helpers|Manager|Common|Misc)$")
    found = [
        f"{name_of(path)}: {node.name}"
        for path in modules(*PACKAGES, "tests")
        for node in definitions(path)
        if isinstance(node, ast.ClassDef) and ending.search(node.name)
    ]
    assert found == []


def test_a_module_answers_one_question() -> None:
    too_long = {}
    for path in modules(*PACKAGES, "tests"):
        length = len(path.read_bytes().splitlines())
        if length > MODULE_LINES:
            too_long[name_of(path)] = length
    assert too_long == {}


def test_a_function_fits_on_a_screen() -> None:
    too_long = {}
    for path in modules(*PACKAGES, "tests"):
        for node in definitions(path):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES and not isinstance(node, ast.ClassDef):
                too_long[f"{name_of(path)}:{node.lineno} {node.name}"] = length
    assert too_long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in modules(*PACKAGES) if not ast.get_docstring(parsed(path))]
    assert silent == []


def test_nothing_is_left_for_later() -> None:
    comments = []
    for path in modules(*PACKAGES, "tests"):
        if not LEFT_FOR_LATER.search(path.read_text("utf-8")):
            continue  # most files, and taking one apart takes long
        with tokenize.open(path) as source:
            comments += [
                f"{name_of(path)}:{token.start[0]}: {token.string}"
                for token in tokenize.generate_tokens(source.readline)
                if token.type == tokenize.COMMENT and LEFT_FOR_LATER.search(token.string)
            ]
    assert comments == []


def test_no_text_is_taken_for_html() -> None:
    """Qt guesses in tips, labels and message boxes whether a text is HTML; texts come from a server."""
    forbidden = {"setToolTip", "setStatusTip", "setWhatsThis", "setHtml", "appendHtml", "insertHtml", "QMessageBox"}
    found = [
        f"{name_of(path)}:{node.lineno}: {name}"
        for path in modules("cmms_desktop")
        for node in ast.walk(parsed(path))
        if (name := getattr(node, "attr", None) or getattr(node, "id", None)) in forbidden
    ]
    assert [each for each in found if not each.startswith("cmms_desktop/ui/widgets/styling.py")] == []


def test_commands_put_what_they_list_on_a_line_each() -> None:
    """A name with a line break would be a line of its own, and one with an escape would write over others."""
    joined = '"\\n".join' + "("
    commands = (path for path in modules("sync_server") if path.parent.name == "cli")
    found = [name_of(path) for path in commands if joined in path.read_text("utf-8")]
    assert found == ["sync_server/cli/parsing.py"]


def test_nothing_pretends_to_be_implemented() -> None:
    pretending = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(*PACKAGES, "tests")
        if PRETENDED.encode() in path.read_bytes()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name) and node.id == PRETENDED
    ]
    assert pretending == []


@pytest.mark.parametrize("lock", ["requirements.lock", "uv.lock.txt"])
def test_a_lock_carries_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "packaging" / lock).read_text()
    assert ":" + "//" not in text
    requirements = text.replace("\\\n", " ").splitlines()
    assert requirements
    assert [line for line in requirements if line.strip() and "--hash=sha256:" not in line] == []


def test_no_file_knows_a_machine() -> None:
    assert offending_lines(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert offending_lines(REGISTRY) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATH, 'open("' + "/".join(("", "ro" + "ot", "notes")) + '")'),
        (MACHINE_PATH, "cd " + "/".join(("", "wo" + "rk", "main"))),
        (REGISTRY, "index = files.python" + "hosted.example"),
        (LEFT_FOR_LATER, "# TO" + "DO: later"),
    ],
)
def test_the_patterns_see_what_they_forbid(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)

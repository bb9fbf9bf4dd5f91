"""Every README is a true map: what it names in this house is there, under that name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, files, name_of

MAPS = [path for path in files() if path.suffix == ".md"]
MADE_WHEN_RUNNING = {"high-water.json", "keys.json", "profile.json"}
"""Files that a README names and no checkout holds."""
ENDINGS = "csv json lock md mo png po py sh svg toml ttf txt".split()  # noqa: SIM905 - read as a sentence
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s#]+)")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
TASK = re.compile(r"\bsh packaging/run ([a-z]+)")
MODULE = re.compile(r"\bpython -m ([\w.]+)")


@cache
def places() -> frozenset[str]:
    """Every file and folder, each between two slashes."""
    names = [Path(name_of(path)) for path in files()]
    return frozenset(f"/{place}/" for name in names for place in (name, *name.parents))


def is_somewhere(name: str) -> bool:
    return any(place.endswith(f"/{name.strip('/')}/") for place in places())


def exists(name: str) -> bool:
    """Whether a path is there: whole or its end, a module without its ending, or a name inside of a module."""
    if is_somewhere(name) or is_somewhere(f"{name}.py"):
        return True
    module, _, thing = name.rpartition(".")
    sources = [ROOT / place.strip("/") for place in places() if module and place.endswith(f"/{module}.py/")]
    return any(re.search(rf"\b(?:class|def) {re.escape(thing)}\b", source.read_text("utf-8")) for source in sources)


def paths_in(text: str) -> Iterator[str]:
    for quoted in QUOTED.findall(text):
        is_path = "/" in quoted or quoted.rpartition(".")[2] in ENDINGS
        is_here = quoted not in MADE_WHEN_RUNNING and not quoted.startswith("../")
        if is_path and is_here and PATH.fullmatch(quoted):
            yield quoted


@pytest.mark.parametrize("page", MAPS, ids=name_of)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = [name for name in paths_in(text) if not exists(name)]
    missing += [link for link in LINK.findall(text) if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", MAPS, ids=name_of)
def test_every_command_of_a_page_can_be_called(page: Path) -> None:
    text = page.read_text("utf-8")
    tasks = set(re.findall(r"^([a-z]+)(?: \|[^)]*)?\)", (ROOT / "packaging" / "run").read_text(), re.MULTILINE))
    unknown = [f"sh packaging/run {task}" for task in TASK.findall(text) if task not in tasks]
    unknown += [f"python -m {module}" for module in MODULE.findall(text) if not can_be_run(module)]
    assert unknown == []


def can_be_run(module: str) -> bool:
    path = module.replace(".", "/")
    is_ours = module.partition(".")[0] in (*PACKAGES, "tests")
    return not is_ours or is_somewhere(f"{path}.py") or is_somewhere(f"{path}/__main__.py")


@pytest.mark.parametrize("name", ["cmms_desktop/nowhere/", "nowhere.py", "app/process.Nothing", "ui/nowhere"])
def test_what_is_not_there_is_missed(name: str) -> None:
    assert not exists(name)

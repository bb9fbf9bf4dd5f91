"""The contract loads on a desktop, on a server and in a tool alike: no framework, driver or window comes with it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.source_tree import ROOT, modules, name_of, parsed

HEAVY = ("PySide6", "alembic", "cryptography", "httpx", "keyring", "litestar", "psycopg", "sqlcipher3", "uvicorn")
ALLOWED = {"msgspec", "rfc8785", "sqlalchemy", "sync_server"}
PROGRAM = """
import sys
from sync_server.contract import codec, column_types, entities, fields, messages, problems, rules, version
assert "msgspec" in sys.modules
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_with_the_contract(root: Path) -> set[str]:
    """The top-level names of all modules in a fresh interpreter that imported the contract below `root`."""
    # -c puts the current folder first on the path, before the installed project.
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_importing_the_contract_loads_no_framework() -> None:
    assert loaded_with_the_contract(ROOT) & set(HEAVY) == set()


def test_a_framework_imported_by_the_package_root_would_be_seen(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sync_server", tmp_path / "sync_server", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "sync_server" / "__init__.py").open("a") as root_of_the_package:
        root_of_the_package.write("import litestar\n")
    assert "litestar" in loaded_with_the_contract(tmp_path)


def test_the_contract_imports_only_what_both_sides_carry() -> None:
    strangers = {
        f"{name_of(path)}: {imported}"
        for path in modules("sync_server/contract")
        for imported in imported_names(parsed(path))
        if imported not in ALLOWED | sys.stdlib_module_names
    }
    assert strangers == set()


def imported_names(tree: ast.Module) -> set[str]:
    """The top-level names that a module imports anywhere, also lazily."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names

"""Loading pages before somebody goes there: all of them, and none that is needed for a first window."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.source_tree import ROOT

SCREENS = ROOT / "cmms_desktop" / "ui" / "screens"
FIRST_LIGHT = """
import sys
from pathlib import Path
from cmms_desktop.app.loading import load_qt
load_qt()
from cmms_desktop.app.window import OpenWindow
from cmms_desktop.ui.window.waiting_page import WaitingPage
opened = OpenWindow(Path(sys.argv[1]))
opened.window.show_page(WaitingPage("Opening"))
opened.window.show()
print(*sorted(sys.modules))
import linecache
print(len(linecache.cache), file=sys.stderr)
opened.close()
"""
HEAVY = {"sqlalchemy", "alembic", "httpx", "cryptography", "argon2", "sqlcipher3"}


def test_every_page_is_loaded_before_somebody_goes_there() -> None:
    tree = ast.parse((ROOT / "cmms_desktop" / "ui" / "window" / "every_page.py").read_text())
    named = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    pages = {f"cmms_desktop.ui.screens.{path.parent.name}.view" for path in SCREENS.glob("*/view.py")}
    assert pages - named == set()


def test_a_window_appears_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FIRST_LIGHT, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    loaded = set(answer.stdout.split())
    assert "PySide6.QtWidgets" in loaded
    assert HEAVY & loaded == set()
    assert int(answer.stderr.split()[-1]) < 50, "PySide6 keeps the sources of what is loaded after it"

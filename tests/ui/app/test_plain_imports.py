"""Loading the window reads no source texts beside the code."""

import subprocess
import sys

LOADS_EVERYTHING = """
import linecache, sys
import cmms_desktop.app.window
from cmms_desktop.app.loading import load_every_page, load_front_door
load_front_door()
load_every_page()
read = [name for name in linecache.cache if "cmms_desktop" in name and "plain_imports" not in name]
print(len(sys.modules) > 500, len(read))
"""


def test_modules_are_loaded_without_reading_their_source_texts() -> None:
    done = subprocess.run([sys.executable, "-c", LOADS_EVERYTHING], capture_output=True, text=True, check=True)
    is_everything, read = done.stdout.split()
    assert is_everything == "True"
    assert int(read) <= 1

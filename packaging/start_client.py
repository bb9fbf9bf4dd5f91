"""Where the installed program begins; the folder around it is made by `cmms-field.spec`."""

from __future__ import annotations

import os
import sys


def give_children_their_own_libraries() -> None:
    """Undo what PyInstaller's starter sets for this process: a browser that we open must not load our libraries.

    The loader has read the variable when the process began, so nothing changes for ourselves.
    """
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    elif getattr(sys, "frozen", False):
        os.environ.pop("LD_LIBRARY_PATH", None)


def stay_with_the_file_that_runs() -> None:
    """Load modules from the file that this process began with, also after an upgrade put another in its place.

    PyInstaller opens it by its name for each module, and would read a newer one at the places of the older one.
    """
    archive = getattr(sys.modules.get("pyimod02_importers"), "pyz_archive", None)
    if sys.platform == "linux" and archive is not None and hasattr(archive, "_filename"):
        archive._filename = "/proc/self/exe"


if __name__ == "__main__":
    stay_with_the_file_that_runs()
    give_children_their_own_libraries()
    from cmms_desktop.__main__ import main

    sys.exit(main())

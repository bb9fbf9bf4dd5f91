"""Imported for its effect: modules are imported as Python itself does it again, once PySide6 is there.

PySide6 puts an import of its own in place, for `from __feature__ import …`, which nothing here uses. It reads the
source text of every module that is imported afterwards, to see whether it uses Qt, and keeps all of them: with 6.11,
30 MB and a sixth of the time that the start takes, measured. Where a later PySide6 does otherwise, nothing happens.
"""

import builtins

import PySide6.QtCore  # noqa: F401  puts it in place

builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)

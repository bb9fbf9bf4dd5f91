"""What a mutant is: a protection, the text that it consists of, what stands there without it, and who must notice."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

ROOT: Final = Path(__file__).resolve().parents[2]
A_YEAR_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement: `old` is in `file` exactly once."""

    file: str
    old: str
    new: str

    def problem(self, root: Path = ROOT) -> str | None:
        """Say why it cannot be made; None: it can."""
        path = root / self.file
        found = path.read_text("utf-8").count(self.old) if path.exists() else 0
        if self.old == self.new:
            return f"{self.file}: nothing would change"
        return None if found == 1 else f"{self.file}: the text is there {found} times, not once: {self.old!r}"

    def make(self, root: Path) -> None:
        """Replace the text in a tree. Raises ValueError when it does not fit."""
        if (problem := self.problem(root)) is not None:
            raise ValueError(problem)
        path = root / self.file
        before = path.stat()
        text = path.read_text("utf-8").replace(self.old, self.new)
        path.write_text(text, "utf-8")
        # Compiled modules are known by second and size: no mutant may be taken for the original, nor for another one.
        os.utime(path, (before.st_atime, before.st_mtime + 60 + crc32(text.encode()) % A_YEAR_S))


@dataclass(frozen=True, slots=True)
class Mutant:
    """A protection that is turned off. `tests` are node ids; at least one of them has to fail without it."""

    name: str
    protection: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]

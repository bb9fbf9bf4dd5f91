"""What is installed: this program's version, the libraries it stands on, the texts of licences. Reads files only."""

import re
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from cmms_desktop.config import resources_folder
from cmms_desktop.version import NOT_INSTALLED, PROGRAM, app_version

UNKNOWN: Final = "From source"
"""What is said instead of the version of a program that was not installed."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_WITH_EXTRA: Final = re.compile(r"extra\s*==\s*['\"](?!window)")
"""Requirements of the server, of tests and so on; the window's belong to the desktop."""
TEXTS: Final = (
    ("Inter, the font", "SIL Open Font License 1.1", "fonts/Inter-OFL.txt"),
    ("Noto Sans Arabic, the font", "SIL Open Font License 1.1", "fonts/NotoSansArabic-OFL.txt"),
    ("Lucide, the icons", "ISC", "icons/Lucide-ISC.txt"),
)
"""Name, licence and file of its text, for what is shipped as data."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library that is installed. `licence` empty: it does not say."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Something shipped with the program. `text` empty: its file is missing."""

    name: str
    licence: str
    text: str


@dataclass(frozen=True, slots=True)
class Installed:
    """Everything that the about page tells of this installation."""

    version: str
    libraries: tuple[Library, ...]
    licences: tuple[Licence, ...]


def version() -> str:
    """This program's version, or that it runs from source without having been installed."""
    found = app_version()
    return UNKNOWN if found == NOT_INSTALLED else found


def installed() -> Installed:
    """Look it up. Slow: reads some fifty small files."""
    try:
        wanted = metadata.requires(PROGRAM) or []
    except metadata.PackageNotFoundError:
        wanted = []
    return Installed(version(), _libraries(wanted), (_own(), *(_licence(*each) for each in TEXTS)))


def _libraries(wanted: list[str]) -> tuple[Library, ...]:
    """Those that are installed, by name; each once, whatever its conditions."""
    matches = [_NAME.match(line) for line in wanted if not _WITH_EXTRA.search(line)]
    found: dict[str, Library] = {}
    for name in {match[0] for match in matches if match}:
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        found[name.casefold()] = Library(about["Name"], about["Version"], _licence_words(about))
    return tuple(found[name] for name in sorted(found))


def _licence_words(about: metadata.PackageMetadata) -> str:
    """The licence in a few words: as an expression, as a short text, or from the classifiers."""
    said: dict[str, str | list[str]] = about.json
    for name in ("license_expression", "license"):
        words = str(said.get(name) or "").strip()
        if words and len(words) <= 60 and "\n" not in words:
            return words
    kinds = [str(each) for each in said.get("classifier") or [] if str(each).startswith("License ::")]
    return kinds[0].rpartition(":: ")[2] if kinds else ""


def _own() -> Licence:
    try:
        text = metadata.distribution(PROGRAM).read_text("licenses/LICENSE") or ""
    except metadata.PackageNotFoundError:
        text = ""
    return Licence("This program", "Apache-2.0", text or _read_beside("LICENSE"))


def _licence(name: str, licence: str, file: str) -> Licence:
    try:
        text = (resources_folder() / file).read_text("utf-8")
    except OSError:
        text = ""
    return Licence(name, licence, text)


def _read_beside(name: str) -> str:
    """A file beside the resources of a checkout."""
    try:
        return (resources_folder().parent / name).read_text("utf-8")
    except OSError:
        return ""

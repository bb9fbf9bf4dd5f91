"""The bill of materials: every library in a package, by name, version, licence and where it is from (CycloneDX 1.6)."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from client_packages.contents import distributions_of
from client_packages.release import NAME, Release


@dataclass(frozen=True, slots=True)
class Part:
    """One library of a package. `licence` empty: it does not say in a few words; its text is in the package."""

    kind: str
    name: str
    version: str
    licence: str


def parts_of(sources: Sequence[Path]) -> list[Part]:
    """What the files that were put into a program are parts of: distributions of Python, packages of Debian, Python."""
    found = {Part("generic", "python", platform.python_version(), "PSF-2.0")}
    found |= {_python_part(each) for each in distributions_of(map(str, sources), own=NAME) if each.name != NAME}
    libraries = [path.resolve() for path in sources if ".so" in path.name]
    return sorted(found | _debian_parts(libraries), key=lambda part: (part.kind, part.name))


def bill_of(parts: Iterable[Part], release: Release, *, file_name: str, sha256: str) -> str:
    """Write the bill of one file. The same file has the same bill, its serial number too."""
    subject = Component(
        name=NAME,
        version=release.debian_version,
        type=ComponentType.APPLICATION,
        bom_ref=file_name,
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)],
        description=file_name,
    )
    made = Bom(
        components=[_component(part) for part in parts],
        metadata=BomMetaData(component=subject, timestamp=release.moment),
        serial_number=uuid5(NAMESPACE_URL, f"{file_name}#{sha256}"),
    )
    made.register_dependency(subject, made.components)
    return JsonV1Dot6(made).output_as_string(indent=1) + "\n"


def _component(part: Part) -> Component:
    url = PackageURL(part.kind, "debian" if part.kind == "deb" else None, part.name, part.version)
    licences = [DisjunctiveLicense(name=part.licence)] if part.licence else []
    return Component(name=part.name, version=part.version, purl=url, bom_ref=url.to_string(), licenses=licences)


def _python_part(distribution: metadata.Distribution) -> Part:
    about = distribution.metadata.json
    said = [str(about.get(name) or "").strip() for name in ("license_expression", "license")]
    licence = next((words for words in said if words and len(words) <= 60 and "\n" not in words), "")
    return Part("pypi", distribution.name, distribution.version, licence)


def _debian_parts(libraries: list[Path]) -> set[Part]:
    """The packages that libraries of this system belong to; empty on a system without dpkg."""
    owners = {_owner(path) for path in libraries if path.is_relative_to("/usr") or path.is_relative_to("/lib")}
    return {Part("deb", name, _ask("dpkg-query", "-W", "-f=${Version}", name), "") for name in owners if name}


def _owner(path: Path) -> str:
    """Which package has a file; it may have been installed under the name that it had before /usr was merged."""
    for name in (path, Path("/") / path.relative_to("/usr") if path.is_relative_to("/usr") else path):
        said = _ask("dpkg-query", "-S", str(name))
        if said:
            return said.split(":", 1)[0]
    return ""


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

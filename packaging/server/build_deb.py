"""Builds the server's Debian package: `python packaging/server/build_deb.py FOLDER`.

From this checkout and from the packages of its environment, which the lock has pinned by their digests; so nothing is
fetched. The package brings its own Python packages, below a folder that no other program reads, and uses Debian's
interpreter. Never changes the machine that it runs on.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
if str(HERE.parent) not in sys.path:
    sys.path.append(str(HERE.parent))  # started as a script, it sees its own folder alone

from client_packages.failures import PackagingError  # noqa: E402
from client_packages.release import release_of  # noqa: E402

NAME: Final = "cmms-sync-server"
PROJECT: Final = "cmms-field"
CLIENT_ONLY: Final = frozenset({"keyring", "pynmeagps", "pyserial", "sqlcipher3"})
"""What the project needs on devices alone; a test starts the packaged server without them."""
LIBRARY: Final = Path("usr/lib") / NAME
SHARED: Final = Path("usr/share") / NAME
PLACES: Final = {
    "cmms-sync-server": (Path("usr/bin") / NAME, 0o755),
    "cmms-sync-server.service": (Path("lib/systemd/system") / f"{NAME}.service", 0o644),
    "nginx-site.conf": (Path("etc/nginx/sites-available") / NAME, 0o644),
    "pgbouncer.ini": (SHARED / "pgbouncer.ini", 0o644),
    "enrol.html": (SHARED / "enrol.html", 0o644),
    "enrol.js": (SHARED / "enrol.js", 0o644),
    "enrol.css": (SHARED / "enrol.css", 0o644),
    "pilot.md": (Path("usr/share/doc") / NAME / "pilot.md", 0o644),
    "rollout.md": (Path("usr/share/doc") / NAME / "rollout.md", 0o644),
    "lost-device.md": (Path("usr/share/doc") / NAME / "lost-device.md", 0o644),
    "postinst": (Path("DEBIAN/postinst"), 0o755),
    "prerm": (Path("DEBIAN/prerm"), 0o755),
    "postrm": (Path("DEBIAN/postrm"), 0o755),
}
CONTROL: Final = """Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: The maintainers of cmms-field <maintainers@cmms-field.invalid>
Depends: python3 (>= {major}.{minor}), python3 (<< {major}.{following}), adduser, util-linux
Recommends: nginx-light | nginx, postgresql, postgresql-client
Suggests: pgbouncer
Section: net
Priority: optional
Installed-Size: {size_kib}
Description: sync server of cmms-field
 Takes what field technicians entered without network, decides it, and gives every device
 what concerns it. Writes to PostgreSQL with row level security.
"""


def needed() -> dict[str, Distribution]:
    """Give the packages that the server needs, and what those need, by name."""
    found: dict[str, Distribution] = {}
    wanted = [each for each in _requirements(PROJECT, {"server"}) if _plain(each.name) not in CLIENT_ONLY]
    while wanted:
        requirement = wanted.pop()
        name = _plain(requirement.name)
        if name not in found:
            found[name] = distribution(name)
            wanted += _requirements(name, requirement.extras)
    return found


def build(folder: Path, source: Path = ROOT) -> Path:
    """Build the package of the server in a check-out; give its file. Its version rises with every commit."""
    architecture, numbered = _said("dpkg", "--print-architecture"), release_of(source).debian_version
    with tempfile.TemporaryDirectory(prefix="cmms-deb-") as work:
        staged = Path(work) / "root"
        for package in needed().values():
            _copy_package(package, staged / LIBRARY)
        _copy_server(source, staged / LIBRARY)
        for name, (target, mode) in PLACES.items():
            _put(HERE / name, staged / target, mode)
        _put(ROOT / "LICENSE", staged / "usr/share/doc" / NAME / "copyright", 0o644)
        _describe(staged, architecture, numbered)
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / f"{NAME}_{numbered}_{architecture}.deb"
        _said("dpkg-deb", "-Zzstd", "--root-owner-group", "--build", str(staged), str(made))
    return made


def _requirements(name: str, extras: set[str]) -> list[Requirement]:
    found = [Requirement(line) for line in distribution(name).requires or ()]
    asked = extras | {""}
    return [each for each in found if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in asked)]


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _copy_package(package: Distribution, library: Path) -> None:
    for file in package.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts and file.suffix != ".pyc":
            _put(Path(str(package.locate_file(file))), library / str(file), 0o644)


def _copy_server(source: Path, library: Path) -> None:
    for file in sorted((source / "sync_server").rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts and file.suffix not in {".pyc", ".md"}:
            _put(file, library / file.relative_to(source), 0o644)


def _put(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _describe(staged: Path, architecture: str, numbered: str) -> None:
    for folder in (staged, *(each for each in staged.rglob("*") if each.is_dir())):
        folder.chmod(0o755)
    size = sum(each.stat().st_size for each in staged.rglob("*") if each.is_file())
    major, minor = sys.version_info[:2]
    text = CONTROL.format(
        name=NAME,
        version=numbered,
        architecture=architecture,
        major=major,
        minor=minor,
        following=minor + 1,
        size_kib=size // 1024,
    )
    (staged / "DEBIAN" / "control").write_text(text)
    (staged / "DEBIAN" / "conffiles").write_text(f"/{PLACES['nginx-site.conf'][0]}\n")


def _said(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    """Build into the folder that is named; 2 with a sentence when that cannot be."""
    if len(sys.argv) != 2:
        print("Say into which folder: python packaging/server/build_deb.py FOLDER.", file=sys.stderr)
        return 2
    if shutil.which("dpkg-deb") is None or sysconfig.get_platform().split("-")[0] != "linux":
        print("A Debian package is built where dpkg-deb is: on Debian or Ubuntu.", file=sys.stderr)
        return 2
    try:
        print(build(Path(sys.argv[1])))
    except PackagingError as exc:
        print(exc, file=sys.stderr)
        return exc.code
    except OSError as exc:
        print(f"The package cannot be written: {exc.strerror}: {exc.filename}.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

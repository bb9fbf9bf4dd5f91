"""Makes the client's packages, each with digest, signature and bill of materials beside it: `sh packaging/run package`.

    python packaging/build_packages.py [--profile FILE] [--key FILE] [--out FOLDER] [--only KIND ...] [--source FOLDER]
    python packaging/build_packages.py --new-key FILE
    python packaging/build_packages.py --verify FILE ... --public-key FILE

Everything is made in a folder of its own below `build/`; files reach the output folder only when all of them are whole.
Exit codes: 0, 1 when the build failed, 2 for a wrong call; then one sentence on standard error says why.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from client_packages import beside, signing
from client_packages.bill import Part, parts_of
from client_packages.bundle import Bundle, make_bundle
from client_packages.commands import clean_environment, run
from client_packages.deb import make_deb
from client_packages.demonstration import CARRIED, NO_PILOT, PILOT_AUTHORITY, demonstration_profile, pilot_here
from client_packages.failures import WRONG_CALL, PackagingError
from client_packages.file_tree import lay_files
from client_packages.portable import make_portable
from client_packages.profile import organization_of, profile_to_bake, serial_of
from client_packages.release import Release, release_of
from client_packages.rpm import make_rpm

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("deb", "rpm", "portable", "python")
DEMONSTRATION_KEY = Path(sys.prefix) / ".demonstration-key.pem"
"""In the virtual environment, so that no commit and no archive takes it along."""
DEMONSTRATION_PROFILE_KEY = DEMONSTRATION_KEY.with_name(".demonstration-profile.key")
Made = tuple[Path, list[Part]]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was asked; give the exit code."""
    try:
        given = _parser().parse_args(argv)
        if given.new_key is not None:
            signing.make_key(given.new_key)
        elif given.verify is not None:
            _verify(given.verify, given.public_key)
        else:
            _build(given)
    except PackagingError as error:
        print(error, file=sys.stderr)
        return error.code
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in one sentence, without the list of options."""

    def error(self, message: str) -> NoReturn:
        raise PackagingError(f"{message[0].upper()}{message[1:]}; --help tells all.", code=WRONG_CALL)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="sh packaging/run package", description="Make the client's packages.", allow_abbrev=False)
    parser.add_argument("--profile", type=Path, help="your organization's signed one; without it a demonstration's")
    parser.add_argument("--key", type=Path, help="secret key to sign with; without it a demonstration's key is used")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder that gets the files (dist)")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--source", type=Path, default=ROOT, help="another check-out to build, such as an older one")
    parser.add_argument("--new-key", type=Path, metavar="FILE", help="only make a secret key in a new file")
    parser.add_argument("--verify", type=Path, nargs="+", metavar="FILE", help="only check files that were made before")
    parser.add_argument("--public-key", type=Path, default=ROOT / "dist" / beside.PUBLIC_KEY, metavar="FILE")
    return parser


def _verify(files: list[Path], public_key: Path) -> None:
    for file in files:
        print(f"{file.name}: good, {beside.verify_file(file, public_key)}")


def _build(given: argparse.Namespace) -> None:
    profile = None if given.profile is None else profile_to_bake(given.profile)
    release = release_of(given.source.resolve())
    if profile is not None:
        release = replace(release, profile_serial=serial_of(profile))
    _require_folder(given.out)
    key = signing.read_key(given.key or _demonstration_key())
    if profile is None and set(given.only) - {"python"}:
        profile = _demonstration_profile(release)
    organization = None if profile is None else organization_of(profile)
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="packages-", dir=ROOT / "build") as folder:
        work = Path(folder)
        made = _make(given, release, profile, work)
        for file, parts in made:
            beside.put_beside(file, parts, release, key, organization=organization if parts else None)
        (work / "made" / beside.PUBLIC_KEY).write_text(signing.public_text(key), "utf-8")
        _hand_over(work / "made", given.out)
    print(f"{len(made)} packages of {release.debian_version} in {given.out}", file=sys.stderr)


def _make(given: argparse.Namespace, release: Release, profile: bytes | None, work: Path) -> list[Made]:
    kinds, target, source = set(given.only), work / "made", given.source.resolve()
    target.mkdir()
    made: list[Made] = []
    if kinds - {"python"}:
        bundle = make_bundle(source, release, work)
        parts = parts_of(bundle.sources)
        made += [(file, parts) for file in _packages(kinds, bundle, release, profile, work)]
    if "python" in kinds:
        before = set(target.iterdir())
        command = [sys.executable, "-m", "hatchling", "build", "-d", target]
        run(command, log=work / "hatchling.log", folder=source, env=clean_environment(release.epoch_s))
        made += [(file, []) for file in sorted(set(target.iterdir()) - before)]
    return made


def _packages(kinds: set[str], bundle: Bundle, release: Release, profile: bytes | None, work: Path) -> list[Path]:
    target, made = work / "made", []
    if "portable" in kinds:
        made.append(make_portable(bundle.folder, release, profile=profile, target=target))
    for kind, make in (("rpm", make_rpm), ("deb", make_deb)):
        if kind in kinds:
            tree = work / f"{kind}-tree"
            lay_files(tree, bundle.folder, release, profile=profile)
            made.append(make(tree, bundle.needs, release, work=work, target=target))
    return made


def _require_folder(out: Path) -> None:
    """Look before minutes of building whether the files can go there; nothing is made yet."""
    there = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise PackagingError(f"{there} is no folder.", code=WRONG_CALL)
    if not os.access(there, os.W_OK | os.X_OK):
        raise PackagingError(f"Nothing may be written in {there}.", code=WRONG_CALL)


def _hand_over(made: Path, out: Path) -> None:
    """Put whole files where they were wanted, each in one step, when there is room for all of them."""
    parts = {file: out / f".{file.name}.part" for file in sorted(made.iterdir())}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, part in parts.items():
            shutil.copyfile(file, part)
        for file, part in parts.items():
            os.replace(part, out / file.name)
    except OSError as error:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise PackagingError(f"{out} does not take the packages: {error.strerror}.", code=WRONG_CALL) from error


def _demonstration_key() -> Path:
    if not DEMONSTRATION_KEY.exists():
        signing.make_key(DEMONSTRATION_KEY)
    print("Signed with the demonstration key of this check-out; --key signs with your own.", file=sys.stderr)
    return DEMONSTRATION_KEY


def _demonstration_profile(release: Release) -> bytes:
    authority = pilot_here(PILOT_AUTHORITY)
    made = demonstration_profile(release, key_file=DEMONSTRATION_PROFILE_KEY, authority=authority)
    print(CARRIED if authority else f"{CARRIED} {NO_PILOT}", file=sys.stderr)
    return made


if __name__ == "__main__":
    sys.exit(main())

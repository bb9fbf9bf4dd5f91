"""The package of Fedora, Red Hat and SUSE, of the same tree, by rpmbuild."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

from client_packages.commands import clean_environment, run
from client_packages.file_tree import LINUX, settle
from client_packages.release import DESCRIPTION, NAME, SUMMARY, Release
from client_packages.shared_libraries import Needs

FURTHER_REQUIRES = ["fontconfig", "hicolor-icon-theme", "shared-mime-info", "xkeyboard-config"]


def rpm_name(release: Release) -> str:
    """As RPM names it: name, version, build and machine."""
    return f"{NAME}-{release.version}-{release.number}.{release.machine}.rpm"


def make_rpm(tree: Path, needs: Needs, release: Release, *, work: Path, target: Path) -> Path:
    """Make the package of a laid tree; give the file below `target`."""
    settle(tree, release.epoch_s)
    top = work / "rpmbuild"
    top.mkdir(parents=True)
    spec = top / f"{NAME}.spec"
    spec.write_text(spec_text(tree, needs, release), "utf-8")
    made = top / "made"
    defined = [f"_topdir {top}", f"_rpmdir {made}", f"_rpmfilename {rpm_name(release)}", f"_dbpath {top / 'db'}"]
    define = [word for each in defined for word in ("--define", each)]
    command = ["rpmbuild", "-bb", "--target", release.machine, *define, spec]
    run(command, log=work / "rpmbuild.log", folder=top, env=clean_environment(release.epoch_s))
    return Path(shutil.move(made / rpm_name(release), target / rpm_name(release)))


def spec_text(tree: Path, needs: Needs, release: Release) -> str:
    """Fill the recipe in `linux/cmms-field.rpm-spec`."""
    requires = "".join(f"Requires: {each}\n" for each in sorted([*needs.rpm, *FURTHER_REQUIRES]))
    filled = {
        "@VERSION@": release.version,
        "@BUILD@": release.number,
        "@SUMMARY@": SUMMARY[0].upper() + SUMMARY[1:],
        "@REQUIRES@": requires.rstrip(),
        "@DESCRIPTION@": textwrap.fill(DESCRIPTION, 78),
        "@TREE@": str(tree),
        "@DATE@": release.moment.strftime("%a %b %d %Y"),
        "@FILES@": "\n".join(_files(tree)),
    }
    text = (LINUX / "cmms-field.rpm-spec").read_text("utf-8")
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return text


def _files(tree: Path) -> list[str]:
    """Every file and link, and the folders that are ours alone."""
    lines = [f'%dir "/usr/lib/{NAME}"', f'%dir "/usr/share/doc/{NAME}"']
    lines += [
        f'%dir "/{path.relative_to(tree)}"' for path in sorted((tree / "usr/lib" / NAME).rglob("*")) if path.is_dir()
    ]
    return lines + [
        f'"/{path.relative_to(tree)}"' for path in sorted(tree.rglob("*")) if path.is_symlink() or path.is_file()
    ]

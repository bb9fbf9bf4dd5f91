"""Makes resources/fonts, resources/icons and resources/styles from the published packages they come from.

Run by hand when a font or an icon is added; its results are committed, so neither a build nor a test needs it. It
reads folders that were fetched before (resources/README.md says how) and never the network.

    python packaging/prepare_resources.py --icons UNPACKED/lucide-static --tokens FILE

`--tokens` is the file the designers hand over; without it the committed copy is taken. Needs `fonttools`,
`fontpkg-inter` and `fontpkg-noto-sans-arabic` importable.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

RESOURCES = Path(__file__).resolve().parents[1] / "resources"

LATIN_GREEK_CYRILLIC = (
    "U+0020-007E,U+00A0-024F,U+0259,U+02B0-02FF,U+0300-036F,U+0370-03FF,U+0400-052F,U+1E00-1EFF,"  # letters
    "U+2000-206F,U+2070-209F,U+20A0-20BF,U+2100-214F,U+2190-21FF,U+2200-22FF,"  # punctuation, currency, arrows, signs
    "U+2318,U+2325,U+232B,U+23CE,U+21E7,U+2303,U+25A0-25FF,U+2713,U+2717,U+FEFF,U+FFFD"  # key caps, shapes, marks
)
ARABIC = (
    "U+0020-007E,U+00A0,U+00AB,U+00BB,U+0600-06FF,U+0750-077F,U+200C-200F,U+2010-2015,U+2026,U+FB50-FDFF,U+FE70-FEFF"
)
FEATURES = [
    "calt",
    "case",
    "ccmp",
    "fina",
    "init",
    "kern",
    "liga",
    "locl",
    "mark",
    "medi",
    "mkmk",
    "rlig",
    "rtlm",
    "tnum",
]

# What the screens draw beside the named states of the tokens; each goes by Lucide's own name.
FURTHER_ICONS = """
a-large-small activity arrow-down arrow-left arrow-left-right arrow-right arrow-right-left arrow-up arrow-up-down
arrow-up-right ban barcode bell bookmark building-2 calendar calendar-clock calendar-days chart-no-axes-column check
check-check chevron-down chevron-left chevron-right chevron-up chevrons-up-down circle circle-alert circle-check
circle-help circle-minus circle-pause circle-plus circle-question-mark circle-user circle-x clipboard-pen
clipboard-plus clock cloud cloud-off columns-2 columns-3 contrast copy corner-down-left corner-down-right cpu
crosshair database delete door-open download ellipsis ellipsis-vertical equal eraser external-link eye eye-off factory
file file-check file-clock file-down file-plus file-text file-up file-x fingerprint flag folder folder-open fuel gauge
git-merge grip-vertical hand hard-drive hash hexagon history hourglass house image images info key key-round keyboard
languages laptop layers link list list-plus loader locate locate-fixed lock lock-open log-in log-out map map-pin
map-pin-off maximize menu message-square minimize minus monitor moon move navigation octagon-alert package
package-check package-minus package-plus package-search panel-right paperclip pause pen-line pencil phone play plug
plus power printer qr-code redo-2 refresh-cw refresh-cw-off repeat rotate-ccw rotate-cw rows-3 ruler satellite
satellite-dish save scale scan-barcode send server shield shield-alert skip-forward sliders-horizontal smartphone
square square-check square-pen star sticky-note sun sun-moon table tag thermometer timer trash-2 truck type undo-2
unplug user user-check user-plus users wifi wifi-off wrench x zap zoom-in zoom-out
"""


# The product's own sign: drawn here, not taken from Lucide.
PRODUCT_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M12 1.8 20.8 6.9v10.2L12 22.2 3.2 17.1V6.9z"/><path d="m8 12.2 2.8 2.8L16 9.6"/></svg>\n'
)

# Style sheets take pictures only from files, so the few they need exist once a theme: picture -> (icon, colour token).
STYLE_PICTURES = {
    "checked": ("check", "on-accent"),
    "partly": ("minus", "on-accent"),
    "open": ("chevron-down", "text"),
    "open-disabled": ("chevron-down", "text-disabled"),
    "calendar": ("calendar-days", "text"),
    "back": ("chevron-left", "text"),
    "more": ("chevron-right", "text"),
}


@dataclass(frozen=True, slots=True)
class Face:
    """One static font made from a variable one."""

    package: str
    source: str
    axes: dict[str, float]
    unicodes: str
    target: str


FACES = [
    *(
        Face(
            "fontpkg_inter",
            "Inter[opsz,wght].ttf",
            {"opsz": 14, "wght": weight},
            LATIN_GREEK_CYRILLIC,
            f"Inter-{name}.ttf",
        )
        for name, weight in (("Regular", 400), ("Medium", 500), ("SemiBold", 600), ("Bold", 700))
    ),
    Face(
        "fontpkg_noto_sans_arabic",
        "NotoSansArabic[wdth,wght].ttf",
        {"wght": 400, "wdth": 100},
        ARABIC,
        "NotoSansArabic-Regular.ttf",
    ),
]


def package_folder(name: str) -> Path:
    """Find the folder of an installed font package; leaves with a sentence when it is not there."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        sys.exit(f"{name} is not installed: pip install {name.replace('_', '-')}")
    return Path(found.origin).parent


def make_face(face: Face, folder: Path) -> None:
    """Cut one static, subset font file into `folder`: the same bytes each time, without hints, which nobody uses."""
    font = TTFont(package_folder(face.package) / "files" / face.source, recalcTimestamp=False)
    instancer.instantiateVariableFont(font, face.axes, inplace=True, updateFontNames=True)
    options = subset.Options(layout_features=FEATURES, hinting=False, name_IDs=["*"], notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(face.unicodes))
    cutter.subset(font)
    font.save(folder / face.target)


def make_fonts(folder: Path) -> None:
    """Cut all faces, with their licences beside them."""
    for face in FACES:
        make_face(face, folder)
    shutil.copy(package_folder("fontpkg_inter") / "LICENSE", folder / "Inter-OFL.txt")
    noto = package_folder("fontpkg_noto_sans_arabic") / "LICENSE"
    shutil.copy(noto, folder / "NotoSansArabic-OFL.txt")


def small_svg(text: str) -> str:
    """The drawing on one line; the licence stands beside the icons, its comment is not repeated in each."""
    without_comments = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    without_class = re.sub(r'\sclass="[^"]*"', "", without_comments)
    return re.sub(r"\s*(/?>)\s*", r"\1", re.sub(r"\s+", " ", without_class)).strip() + "\n"


def make_icons(folder: Path, source: Path, names: list[str]) -> None:
    """Copy the named drawings and nothing else; leaves with a sentence when one does not exist."""
    for stale in folder.glob("*.svg"):
        stale.unlink()
    missing = [name for name in names if not (source / "icons" / f"{name}.svg").exists()]
    if missing:
        sys.exit(f"lucide-static does not draw: {', '.join(missing)}")
    for name in names:
        drawing = (source / "icons" / f"{name}.svg").read_text("utf-8")
        (folder / f"{name}.svg").write_text(small_svg(drawing), "utf-8")
    (folder / "product-mark.svg").write_text(PRODUCT_MARK, "utf-8")
    shutil.copy(source / "LICENSE", folder / "Lucide-ISC.txt")


def make_style_pictures(styles: Path, icons: Path, tokens: dict[str, Any]) -> None:
    """Colour the pictures of the style sheet, one folder a theme."""
    for theme, colours in tokens["themes"].items():
        folder = styles / theme
        folder.mkdir(exist_ok=True)
        for picture, (icon, token) in STYLE_PICTURES.items():
            drawing = (icons / f"{icon}.svg").read_text("utf-8").replace("currentColor", colours[token])
            stroke = f'stroke-width="{tokens["icon"]["stroke"][theme]}"'
            (folder / f"{picture}.svg").write_text(drawing.replace('stroke-width="2"', stroke), "utf-8")


def with_further_icons(tokens: dict[str, Any]) -> dict[str, Any]:
    """Add every further icon under its own name, so that `icon.names` is the whole list."""
    names = tokens["icon"]["names"]
    # `name` may already mean a state of the field ("flag"); then it stays what the designers said.
    drawn = [*FURTHER_ICONS.split(), *names.values(), "product-mark"]
    names.update({name: name for name in sorted(drawn) if name not in names})
    return tokens


def write_tokens(tokens: dict[str, Any], path: Path) -> None:
    """Write the tokens as the designers do: one blank a level, so that a change shows as one line."""
    path.write_text(json.dumps(tokens, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    """Make everything again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--icons", type=Path, required=True, help="the unpacked folder of lucide-static")
    parser.add_argument("--tokens", type=Path, default=RESOURCES / "styles" / "tokens.json")
    given = parser.parse_args()
    tokens = with_further_icons(json.loads(given.tokens.read_text("utf-8")))
    for folder in ("fonts", "icons", "styles"):
        (RESOURCES / folder).mkdir(exist_ok=True)
    make_icons(RESOURCES / "icons", given.icons, sorted(set(tokens["icon"]["names"].values()) - {"product-mark"}))
    make_fonts(RESOURCES / "fonts")
    make_style_pictures(RESOURCES / "styles", RESOURCES / "icons", tokens)
    write_tokens(tokens, RESOURCES / "styles" / "tokens.json")


if __name__ == "__main__":
    main()

#!/bin/sh
# Builds the disk image on a Mac; see README.md. POSIX sh; stops at the first thing that fails.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
work=$root/build/macos
venv=$root/.venv-macos
profile=${1:-}

[ "$(uname -s)" = Darwin ] || { echo 'This builds on macOS only.' >&2; exit 2; }
[ -z "$profile" ] || [ -r "$profile" ] || { echo "The profile $profile cannot be read." >&2; exit 2; }

rm -rf "$work"
mkdir -p "$work/image" "$work/icon.iconset" "$root/dist"
"${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -m pip install --require-hashes --only-binary :all: -r "$root/packaging/requirements.lock"
"$venv/bin/python" -m pip install --no-deps --no-build-isolation -e "$root"
version=$("$venv/bin/python" -c "from importlib.metadata import version; print(version('cmms-field'))")

for size in 32 64 128 256; do
    PYTHONPATH=$root/packaging "$venv/bin/python" -c '
import sys
from pathlib import Path
from client_packages.pictures import draw_icon
draw_icon(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
' "$root/packaging/linux/cmms-field.svg" "$size" "$work/icon.iconset/icon_${size}x${size}.png"
done
iconutil -c icns -o "$work/cmms-field.icns" "$work/icon.iconset"

# Nothing that was compiled before is read: see clean_environment in client_packages/commands.py.
CMMS_SOURCE=$root CMMS_ICON=$work/cmms-field.icns CMMS_VERSION=$version \
    PYTHONHASHSEED=0 PYTHONPYCACHEPREFIX=$work/nothing-compiled PYTHONDONTWRITEBYTECODE=1 \
    "$venv/bin/python" -m PyInstaller --noconfirm --clean --distpath "$work/program" --workpath "$work/pyinstaller" \
    "$root/packaging/cmms-field.spec" 2>"$work/pyinstaller.log"
if grep -E 'Library not found|Hidden import .* not found' "$work/pyinstaller.log" >&2; then
    echo 'The package would lack something.' >&2
    exit 1
fi

app="$work/program/CMMS Field.app"
[ -z "$profile" ] || cp "$profile" "$app/Contents/MacOS/cmms-field.profile"
[ -z "${CODESIGN_IDENTITY:-}" ] ||
    codesign --force --deep --options runtime --timestamp --sign "$CODESIGN_IDENTITY" "$app"
ditto "$app" "$work/image/CMMS Field.app"
ln -s /Applications "$work/image/Applications"
hdiutil create -ov -volname 'CMMS Field' -srcfolder "$work/image" -format UDZO "$root/dist/cmms-field-$version.dmg"

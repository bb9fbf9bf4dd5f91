# Builds the installer on Windows; see README.md. Stops at the first thing that fails.
param([string]$Profile = "", [string]$Python = "python")
$ErrorActionPreference = "Stop"
$root = (Resolve-Path (Join-Path $PSScriptRoot "..\..")).Path
$venv = Join-Path $root ".venv-windows"
$work = Join-Path $root "build\windows"

function Require([int]$code, [string]$what) { if ($code -ne 0) { throw "$what ended with code $code." } }

& $Python -m venv $venv; Require $LASTEXITCODE "venv"
$py = Join-Path $venv "Scripts\python.exe"
& $py -m pip install --require-hashes --only-binary :all: -r (Join-Path $root "packaging\requirements.lock")
Require $LASTEXITCODE "pip"
& $py -m pip install --no-deps --no-build-isolation -e $root; Require $LASTEXITCODE "pip"

$env:CMMS_SOURCE = $root
# Nothing that was compiled before is read: see clean_environment in client_packages/commands.py.
$env:PYTHONHASHSEED = "0"
$env:PYTHONPYCACHEPREFIX = Join-Path $work "nothing-compiled"
$env:PYTHONDONTWRITEBYTECODE = "1"
$log = Join-Path $root "build\windows-pyinstaller.log"
New-Item -ItemType Directory -Force (Join-Path $root "build") | Out-Null
# PyInstaller writes its words to standard error; that is no failure.
$ErrorActionPreference = "Continue"
& $py -m PyInstaller --noconfirm --clean --distpath "$work\program" --workpath "$work\pyinstaller" `
    (Join-Path $root "packaging\cmms-field.spec") 2>&1 | Tee-Object -FilePath $log
$code = $LASTEXITCODE
$ErrorActionPreference = "Stop"
Require $code "PyInstaller"
$missing = Select-String -Path $log -Pattern "Library not found|Hidden import .* not found"
if ($missing) { throw "The package would lack something: $missing" }

if ($Profile) { Copy-Item $Profile "$work\program\cmms-field\cmms-field.profile" }
$version = (& $py -c "from importlib.metadata import version; print(version('cmms-field'))").Trim()
New-Item -ItemType Directory -Force (Join-Path $root "dist") | Out-Null
& makensis "/DVERSION=$version" "/DPROGRAM=$work\program\cmms-field" "/DOUT=$root\dist\cmms-field-$version-setup.exe" `
    (Join-Path $PSScriptRoot "cmms-field.nsi")
Require $LASTEXITCODE "makensis"

; Installer for Windows: the program for the machine, the work of people in their own folders. See README.md.
; Given from outside: VERSION, PROGRAM (the folder that PyInstaller made), OUT (the file to write).
Unicode true
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "MUI2.nsh"
!include "x64.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\cmms-field"

Name "CMMS Field"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\CMMS Field"
InstallDirRegKey HKLM "${KEY}" "InstallLocation"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
BrandingText "CMMS Field ${VERSION}"

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    SetErrorLevel 2
    Abort
  ${EndIf}
  SetRegView 64
FunctionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

; A program that is open holds its files; nothing is half replaced.
!macro REFUSE_WHILE_OPEN
  ${If} ${FileExists} "$INSTDIR\cmms-field.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\cmms-field.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONSTOP "CMMS Field is open. Close it and start again." /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "CMMS Field"
  SetShellVarContext all
  !insertmacro REFUSE_WHILE_OPEN
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\CMMS Field.lnk" "$INSTDIR\cmms-field.exe"
  WriteRegStr HKLM "Software\Classes\.cmms-rescue" "" "cmms-field.rescue"
  WriteRegStr HKLM "Software\Classes\cmms-field.rescue" "" "Unsent field work, sealed for its organization"
  WriteRegStr HKLM "${KEY}" "DisplayName" "CMMS Field"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "DisplayIcon" "$INSTDIR\cmms-field.exe"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  SetShellVarContext all
  !insertmacro REFUSE_WHILE_OPEN
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\cmms-field.exe"
  Delete "$INSTDIR\cmms-field.profile"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\CMMS Field.lnk"
  DeleteRegKey HKLM "Software\Classes\.cmms-rescue"
  DeleteRegKey HKLM "Software\Classes\cmms-field.rescue"
  DeleteRegKey HKLM "${KEY}"
  ; The work of people stays, unless whoever runs this says otherwise for himself.
  ${GetParameters} $0
  ${GetOptions} $0 "/FORGET=" $1
  ${If} $1 == "yes"
    SetShellVarContext current
    RMDir /r "$LOCALAPPDATA\cmms-field"
  ${EndIf}
SectionEnd

"""Choosing photos from the files of this device, beside the work: the page behind stays usable. It reads no file."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QRegularExpression, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QLineEdit, QWidget

KINDS: Final = "Photos (*.jpg *.jpeg *.png *.webp *.JPG *.JPEG *.PNG *.WEBP);;All files (*)"
KEPT: Final = "photo-chooser"
OWN_VIEWS: Final = "^(list|tree)View$"
"""What Qt calls the views of files in a chooser that it draws itself."""


class PhotoChoice(QObject):
    """Opens the chooser of a window for one place of it, and tells what was chosen there."""

    chosen = Signal(str, tuple)
    """For what it was opened, and the files as paths."""

    def __init__(self, parent: QWidget, *, several: bool = False) -> None:
        """Choose one file, or `several` at once; whoever owns it calls `close` when he goes."""
        super().__init__(parent)
        self._parent = parent
        self._mode = QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile
        self._dialog: QFileDialog | None = None
        self._subject = ""

    def open(self, subject: str, title: str = "Choose a photo") -> None:
        """Let the person choose files for a subject, such as an item's id."""
        dialog = chooser_of(self._parent.window())
        dialog.reject()  # somebody else's, or this one for another subject
        self._subject, self._dialog = subject, dialog
        dialog.setWindowTitle(title)
        dialog.setFileMode(self._mode)
        dialog.filesSelected.connect(self._tell)
        dialog.finished.connect(self._forget)
        dialog.show()

    @property
    def dialog(self) -> QFileDialog | None:
        """The chooser while it is open for this."""
        return self._dialog

    def close(self) -> None:
        """Take the chooser away without choosing."""
        if self._dialog is not None:
            self._dialog.reject()

    @Slot(list)
    def _tell(self, names: list[str]) -> None:
        # Qt may give one of the same name in the open folder as well when a whole path was typed.
        wanted = names if self._mode == QFileDialog.FileMode.ExistingFiles else names[:1]
        self.chosen.emit(self._subject, tuple(Path(name) for name in wanted))

    @Slot()
    def _forget(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.filesSelected.disconnect(self._tell)
            dialog.finished.disconnect(self._forget)
            _empty(dialog)


def chooser_of(window: QWidget) -> QFileDialog:
    """Give the one chooser of a window, which remembers its folder; made when it is first needed.

    It is kept: while Qt deletes one, the window waits 20 to 40 ms for the system to let go of its folder (measured).
    """
    kept = window.findChild(QFileDialog, KEPT, Qt.FindChildOption.FindDirectChildrenOnly)
    if isinstance(kept, QFileDialog):
        return kept
    made = QFileDialog(window, "", "", KINDS)
    made.setObjectName(KEPT)
    made.setWindowModality(Qt.WindowModality.NonModal)
    return made


def _empty(dialog: QFileDialog) -> None:
    """Let nothing that was chosen be the next choice; the system's own choosers see to that themselves."""
    for line in dialog.findChildren(QLineEdit):
        line.clear()
    for view in dialog.findChildren(QAbstractItemView, QRegularExpression(OWN_VIEWS)):
        view.selectionModel().clear()

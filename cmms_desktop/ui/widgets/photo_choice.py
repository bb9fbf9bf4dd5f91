"""Choosing a photo from the files of this device, beside the work: the page behind stays usable. It reads no file."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

LINGERS_MS: Final = 2_000
"""Qt waits for a thread of its own while it deletes a chooser (4 to 25 ms, measured): not while the photo appears."""
KINDS = "Photos (*.jpg *.jpeg *.png *.webp *.JPG *.JPEG *.PNG *.WEBP);;All files (*)"


class PhotoChoice(QObject):
    """One window for choosing, at most; it remembers the folder while the program runs."""

    chosen = Signal(str, Path)
    """For what it was opened, and the file."""

    _folder = ""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._dialog: QFileDialog | None = None
        self._subject = ""

    def open(self, subject: str, title: str = "Choose a photo") -> None:
        """Let the person choose a file for a subject, such as an item's id."""
        self.close()
        self._subject = subject
        dialog = QFileDialog(self._parent, title, PhotoChoice._folder, KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.fileSelected.connect(self._tell)
        dialog.finished.connect(self._forget)
        self._dialog = dialog
        dialog.show()

    @property
    def dialog(self) -> QFileDialog | None:
        """The window while it is open."""
        return self._dialog

    def close(self) -> None:
        """Take the window away without choosing."""
        if self._dialog is not None:
            self._dialog.reject()

    @Slot(str)
    def _tell(self, name: str) -> None:
        path = Path(name)
        PhotoChoice._folder = str(path.parent)
        self.chosen.emit(self._subject, path)

    @Slot()
    def _forget(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            let_go(dialog)


def let_go(dialog: QFileDialog) -> None:
    """Delete a chooser that was closed, a moment later."""
    QTimer.singleShot(LINGERS_MS, dialog, dialog.deleteLater)

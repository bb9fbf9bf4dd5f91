"""A date typed or stepped, with a calendar; it tells ISO dates and knows no time zone."""

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QDateEdit

from cmms_desktop.ui.widgets.field_frame import FieldFrame


class DateField(FieldFrame):
    """A date under its label. `edited` gives "2026-03-12" after every change by the person."""

    edited = Signal(str)

    def __init__(self, label: str, *, hint: str | None = None) -> None:
        self.picker = QDateEdit(QDate.currentDate())
        self.picker.setDisplayFormat("d MMMM yyyy")
        self.picker.setCalendarPopup(True)
        for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            # Qt paints them red, which here means refused.
            self.picker.calendarWidget().setWeekdayTextFormat(weekend, QTextCharFormat())
        super().__init__(label, self.picker, hint=hint)
        self._quiet = False
        self.picker.dateChanged.connect(self._tell)

    def day(self) -> date:
        shown = self.picker.date()
        return date(shown.year(), shown.month(), shown.day())

    def text(self) -> str:
        return self.day().isoformat()

    def set_day(self, day: date) -> None:
        """Show a date without telling."""
        self._quiet = True
        self.picker.setDate(QDate(day.year, day.month, day.day))
        self._quiet = False

    @Slot()
    def _tell(self) -> None:
        if not self._quiet:
            self.edited.emit(self.text())

"""The pages of an order, made when they are first shown and thrown away with it. Each is imported only then."""

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QWidget

from cmms_desktop.ui.bridge.doors import ScreenContext


def _checklist(context: ScreenContext, order_id: str) -> QWidget:
    from cmms_desktop.ui.screens.checklist.view import ChecklistPane

    return ChecklistPane(context, order_id)


def _parts(context: ScreenContext, order_id: str) -> QWidget:
    from cmms_desktop.ui.screens.order_parts.view import PartsTab

    return PartsTab(context, order_id)


def _visits(context: ScreenContext, order_id: str) -> QWidget:
    from cmms_desktop.ui.screens.order_visits.view import VisitsTab

    return VisitsTab(context, order_id)


def _photos(context: ScreenContext, order_id: str) -> QWidget:
    from cmms_desktop.ui.screens.order_photos.view import PhotosTab

    return PhotosTab(context, order_id)


def _comments(context: ScreenContext, order_id: str) -> QWidget:
    from cmms_desktop.ui.screens.order_comments.view import CommentsTab

    return CommentsTab(context, order_id)


def _history(context: ScreenContext, order_id: str) -> QWidget:
    from cmms_desktop.ui.screens.order_history.view import HistoryTab

    return HistoryTab(context, order_id)


TAB_MAKERS: Final[dict[str, Callable[[ScreenContext, str], QWidget]]] = {
    "checklist": _checklist,
    "parts": _parts,
    "time": _visits,
    "photos": _photos,
    "comments": _comments,
    "history": _history,
}

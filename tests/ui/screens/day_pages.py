"""Opening the pages of a technician's day in tests, and reading results back from the replica, never from widgets."""

from typing import Any, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.application.queries.order import OrderPage as OrderFacts
from cmms_desktop.application.queries.order import order_page
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Background, Place, ScreenContext
from cmms_desktop.ui.screens.order.view import OrderPage
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.page import Page
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.stage import Stage

WIDE, SMALL = (1192, 752), (800, 432)
"""Size of a page in a window of 1280 × 800 and of 800 × 480, in px."""
P = TypeVar("P", bound=Page)


def shown(qtbot: QtBot, page: P, size: tuple[int, int] = WIDE) -> P:
    """Show a page in a window of its own, start it, and let it build what it builds in a second step."""
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.follow_size()
    page.start()
    QApplication.processEvents()
    own_timers = page.findChildren(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)
    qtbot.waitUntil(lambda: not any(timer.isActive() and timer.isSingleShot() for timer in own_timers))
    return page


def open_order(
    qtbot: QtBot,
    stage: Stage,
    order_id: str,
    tab: str = "summary",
    *,
    size: tuple[int, int] = WIDE,
    context: ScreenContext | None = None,
) -> OrderPage:
    """Open the page of an order; whoever opens several lets go of each with `stop`."""
    return shown(qtbot, OrderPage(context or stage.context, Place.of("order", order_id=order_id, tab=tab)), size)


def tab_of(page: OrderPage, name: str) -> Any:
    """The page of the order that is shown."""
    tab = page.pane.tabs.tab(name)
    assert tab is not None
    return tab


def press(button: QWidget) -> None:
    """Press something with the mouse, in its middle, once what was just built is on the screen."""
    QApplication.processEvents()
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def press_row(view: QListView, number: int, *, times: int = 1) -> None:
    """Press a row of a list, or press it twice."""
    place = view.visualRect(view.model().index(number, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    if times > 1:
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def choose_more(page: OrderPage, text: str) -> None:
    """Press "…" and then an entry of the menu, where the person would."""
    footer = page.pane.footer
    press(page.pane.header.more if footer.has_hidden_more else footer.secondary)
    menu = footer.menu
    entry = next(action for action in menu.actions() if action.text() == text)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())


def more_of(page: OrderPage) -> tuple[str, ...]:
    """What is behind "…"."""
    footer = page.pane.footer
    press(page.pane.header.more if footer.has_hidden_more else footer.secondary)
    texts = tuple(action.text() for action in footer.menu.actions())
    footer.menu.close()
    return texts


def facts(stage: Stage, order_id: str) -> OrderFacts:
    """The order as the replica has it."""
    with stage.session.reading() as reading:
        found = order_page(reading, order_id)
    assert found is not None
    return found


def rows(stage: Stage, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Rows of the replica."""
    with stage.session.reading() as reading:
        found: list[tuple[Any, ...]] = reading.cursor.execute(sql, parameters).fetchall()
    return found


def primary_text(page: Page) -> str:
    """What the one button at the bottom says; "" without one."""
    button = page.primary()
    return button.text() if isinstance(button, QPushButton) else ""


def stumbling_blocks(page: Page) -> list[str]:
    """Everything that somebody with gloves, in the sun or with a screen reader would stumble over."""
    least = 7.0 if theme().name == "sunlight" else 4.5
    found = [*small_targets(page), *nameless(page), *out_of_window(page), *unreadable(page, least=least)]
    return [str(each) for each in found]


def with_background(stage: Stage, background: Background) -> ScreenContext:
    """What screens get on a stage, with another background."""
    context = stage.context
    return ScreenContext(
        session=context.session,
        background=background,
        conversation=context.conversation,
        navigator=context.navigator,
        drafts=context.drafts,
        clock=context.clock,
    )


def never(problem: CmmsError) -> None:
    """Take no complaint."""
    raise AssertionError(problem)

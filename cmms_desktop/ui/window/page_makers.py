"""Page name → what makes the page. A page is imported when somebody first goes there, so that the start stays quick."""

from collections.abc import Callable
from typing import Final

from cmms_desktop.ui.bridge.doors import Place, ScreenContext
from cmms_desktop.ui.widgets.page import Page


def _my_day(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.my_day.view import MyDayPage

    return MyDayPage(context, place)


def _orders(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.orders.view import OrdersPage

    return OrdersPage(context, place)


def _order(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.order.view import OrderPage

    return OrderPage(context, place)


def _assets(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.assets.view import AssetsPage

    return AssetsPage(context, place)


def _parts(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.parts.view import PartsPage

    return PartsPage(context, place)


def _inbox(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.inbox.view import InboxPage

    return InboxPage(context, place)


def _sync(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.sync.view import SyncPage

    return SyncPage(context, place)


def _settings(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.settings.view import SettingsPage

    return SettingsPage(context, place)


def _about(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.about.view import AboutPage

    return AboutPage(context, place)


def _sign(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.sign.view import SignPage

    return SignPage(context, place)


def _review(context: ScreenContext, place: Place) -> Page:
    from cmms_desktop.ui.screens.review.view import ReviewPage

    return ReviewPage(context, place)


PAGE_MAKERS: Final[dict[str, Callable[[ScreenContext, Place], Page]]] = {
    "my_day": _my_day,
    "orders": _orders,
    "order": _order,
    "assets": _assets,
    "parts": _parts,
    "inbox": _inbox,
    "sync": _sync,
    "settings": _settings,
    "about": _about,
    "sign": _sign,
    "review": _review,
}

"""Requests to hand the shown order on: how they are told, taken back by who asked, and answered in the inbox.

Plain Python. Grants and declines nothing here: that is the inbox's, with its reason.
"""

from functools import partial

from cmms_desktop.application.commands.conflicts import settle
from cmms_desktop.application.queries.assignment_requests import AssignmentRequest
from cmms_desktop.application.queries.order import OrderPage
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.order.states import Notice
from cmms_desktop.ui.screens.order.visiting import OrderOnScreen

REQUEST = "request:"
"""Begins the id of a notice about a request."""
_WAITS = {
    "here": "Saved on this device, sent when you are online.",
    "sent": "Sent. The office has not seen it yet.",
    "asked": "Waiting for the office.",
}


def request_notice(request: AssignmentRequest) -> Notice:
    """Say who asked for what, why, and what can be done about it."""
    what = f"to give this order to {request.to}" if request.to else "to give this order back"
    title = f"You asked {what}" if request.is_mine else f"{request.author or 'Somebody'} asked {what}"
    waits = _WAITS[request.stage] if request.is_mine else "The office answers it in the inbox."
    action = ("Take it back" if request.stage != "sent" else None) if request.is_mine else "Open in the inbox"
    return Notice(
        f"{REQUEST}{request.id}", "info", title, f"“{request.reason}” {waits}" if request.reason else waits, action
    )


class RequestSteps:
    """Acts on the notices of requests."""

    def __init__(self, shown: OrderOnScreen) -> None:
        """Serve one page."""
        self._shown = shown
        self._is_busy = False

    def act(self, page: OrderPage, notice_id: str) -> None:
        """Take one's own request back, or go to where the office answers another's."""
        request = next((each for each in page.requests if f"{REQUEST}{each.id}" == notice_id), None)
        if request is None or self._is_busy:
            return
        if not request.is_mine:
            self._shown.context.navigator.open(Place.of("inbox", conflict_id=request.id))
            return
        self._is_busy = True
        background = self._shown.context.background
        if request.stage == "here":
            withdraw = partial(self._shown.context.session.outbox.withdraw, request.id, with_dependents=False)
            background.run(withdraw, self._taken_back, refused=self._refused)
        else:
            take_back = partial(settle, conflict_id=request.id, keep="theirs")
            background.write(take_back, self._taken_back, refused=self._refused)

    def _taken_back(self, _: object) -> None:
        self._is_busy = False
        self._shown.context.navigator.toast("Request taken back")
        if not self._shown.is_closed:
            self._shown.refresh()

    def _refused(self, problem: CmmsError) -> None:
        self._is_busy = False
        if self._shown.is_closed:
            self._shown.context.navigator.complain(problem)
        else:
            self._shown.view.show_trouble(problem.sentence)
            self._shown.refresh()

"""The form for a follow-up order: what has to be done, how urgent it is, what was found."""

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.follow_up.presenter import FollowUpPresenter
from cmms_desktop.ui.widgets.title_form import FormWords, TitleForm

WORDS = FormWords(
    name="Follow-up order",
    title="What has to be done",
    example="Replace the shaft seal",
    urgency="Priority",
    description="What you found",
    note="Same asset and place as this order.",
    button="Create follow-up order",
    icon="conditional",
)


class FollowUpForm(TitleForm):
    """For a Sheet; `saved` when the order is made."""

    def __init__(self, context: ScreenContext, order_id: str) -> None:
        super().__init__(WORDS)
        self.follow(FollowUpPresenter(context, self, order_id))

"""The form for a problem: what is wrong, how urgent it is, what was seen."""

from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.report.presenter import ReportPresenter
from cmms_desktop.ui.widgets.title_form import FormWords, TitleForm

WORDS = FormWords(
    name="Problem",
    title="What is wrong",
    example="Oil under the pump",
    urgency="How urgent",
    description="What you saw",
    note="The office of the site decides whether an order comes of it.",
    button="Report problem",
    icon="flag",
)


class ReportForm(TitleForm):
    """For a Sheet; `saved` when the problem is reported."""

    def __init__(self, context: ScreenContext, asset_id: str) -> None:
        super().__init__(WORDS)
        self.follow(ReportPresenter(context, self, asset_id))

"""Every page and sheet of the window, loaded: a thread that has time imports this, and going to a page takes none.

Nothing here is called, and nothing imports it while somebody waits for a window.
"""

import cmms_desktop.ui.screens.about.view
import cmms_desktop.ui.screens.arrive.view
import cmms_desktop.ui.screens.assets.view
import cmms_desktop.ui.screens.checklist.view
import cmms_desktop.ui.screens.cost.view
import cmms_desktop.ui.screens.follow_up.view
import cmms_desktop.ui.screens.hand_on.view
import cmms_desktop.ui.screens.inbox.view
import cmms_desktop.ui.screens.my_day.view
import cmms_desktop.ui.screens.order.view
import cmms_desktop.ui.screens.order_comments.view
import cmms_desktop.ui.screens.order_history.view
import cmms_desktop.ui.screens.order_parts.view
import cmms_desktop.ui.screens.order_photos.view
import cmms_desktop.ui.screens.order_visits.view
import cmms_desktop.ui.screens.orders.view
import cmms_desktop.ui.screens.parts.view
import cmms_desktop.ui.screens.profile.view
import cmms_desktop.ui.screens.report.view
import cmms_desktop.ui.screens.review.view
import cmms_desktop.ui.screens.scan.view
import cmms_desktop.ui.screens.search.view
import cmms_desktop.ui.screens.settings.view
import cmms_desktop.ui.screens.sign.view
import cmms_desktop.ui.screens.sign_in.view
import cmms_desktop.ui.screens.sync.view
import cmms_desktop.ui.window.frame  # noqa: F401  all of them for their effect alone

"""Pictures of every screen and state, taken on a real world: server, encrypted replica, receiver, office.

A throw-away demonstration is played scene by scene. What a scene needs is done by pressing what a person would press,
or by the commands of the day; nothing is drawn that the program does not show by itself.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.app.camera import LOOKS, Camera, Look
from cmms_desktop.application.commands import remarks, sign_off, visits
from cmms_desktop.application.queries.work import OrderDetail
from cmms_desktop.demo.backstage import Backstage, is_synced
from cmms_desktop.demo.choices import AT_SITE, BOTH, NO_FIX, OUTSIDE, PASSWORD, SUPERVISOR, TECHNICIAN
from cmms_desktop.demo.picture import INK, png
from cmms_desktop.demo.window import DemoWindow
from cmms_desktop.errors import Bug, CmmsError
from cmms_desktop.sync.status import Connection
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.widgets.signature_pad import SignaturePad

TABS: Final = ("summary", "checklist", "parts", "time", "photos", "comments", "history")


class Scenes:
    """The pictures of one run, in the order of the day."""

    def __init__(self, demo: DemoWindow, camera: Camera, tell: Callable[[str], None]) -> None:
        """Take a demonstration whose technician is shown, and what takes the pictures."""
        self._demo, self._camera, self._tell = demo, camera, tell
        self._backstage = Backstage(demo.world)

    def take_all(self) -> None:
        """Take every scene."""
        for scene in (
            self._my_day,
            self._arriving,
            self._checklist,
            self._order_tabs,
            self._signing,
            self._conflict,
            self._offline,
            self._small_pages,
            self._review,
            self._sign_in,
        ):
            self._tell(f"{(scene.__doc__ or '').strip().splitlines()[0]}")
            scene()

    # ---- scenes

    def _my_day(self) -> None:
        """My day, its filters, and what a search finds."""
        self._camera.take("my-day")
        self._camera.press("Filter")
        self._camera.take("my-day-filter")
        self._camera.press("Filter")
        self._camera.frame.open_search()
        self._camera.type_into("Search", "pump")
        self._camera.take("search")
        self._camera.frame.back()
        self._camera.frame.open_scan()
        self._camera.take("scan")
        self._camera.frame.back()

    def _arriving(self) -> None:
        """Arriving: without satellites, outside the fence, at the site."""
        self._open(self._first, "summary")
        self._camera.press("Travel")
        for standing, name in ((NO_FIX, "no-fix"), (OUTSIDE, "outside"), (AT_SITE, "inside")):
            self._demo.stand(standing)
            self._camera.press("Arrive")
            self._camera.wait_for(self._camera_has_position)
            self._camera.take(f"arrive-{name}")
            self._camera.frame.back()
        with self._technician.session.writing() as write:
            log_id = str(self._detail(self._first).rows["work_log"][0]["id"])
            visits.arrive(write, log_id, self._technician.session.positions.locate(within_s=5.0))
            visits.start_work(write, log_id)

    def _checklist(self) -> None:
        """The checklist: nothing answered, exceptions, and what is missing."""
        self._open(self._first, "checklist")
        self._camera.take("checklist-open")
        self._answer(leave=2)
        self._camera.take("checklist-answered")
        self._camera.press("Finish")
        self._camera.take("checklist-missing")
        self._answer(leave=0)

    def _order_tabs(self) -> None:
        """Every page of an order under way."""
        with self._technician.session.writing() as write:
            remarks.add_comment(write, self._first, "Cleaned the strainer as well; it was half blocked.")
            remarks.add_photo(
                write, self._technician.session.blobs, self._first, content=png(), media_type="image/png",
                caption="After the work",
            )  # fmt: skip
        for tab in TABS:
            self._open(self._first, tab)
            self._camera.take(f"order-{tab}")
        self._open(self._first, "parts")
        self._camera.press("Add part")
        self._camera.take("order-parts-add")

    def _signing(self) -> None:
        """Signing: the technician, the customer who accepts or refuses, and the locked record."""
        self._camera.frame.open(Place.of("sign", order_id=self._first, step="technician"))
        self._draw()
        self._camera.take("sign-technician")
        self._camera.type_into("Your password", PASSWORD)
        self._camera.press("Sign and lock")
        self._camera.wait_for(lambda: self._detail(self._first).rows["signature"])
        self._camera.take("sign-customer")
        self._camera.press("Accepts the work")
        self._camera.take("sign-customer-accepts")
        self._camera.press("Refuses the work")
        self._camera.take("sign-customer-refuses")
        hand = self._technician.workplace.hand
        with self._technician.session.writing() as write:
            sign_off.customer_accepts(write, hand, self._first, printed_name="Customer on site", strokes=INK)
            sign_off.complete(write, self._first)
        self._camera.take("sign-locked")

    def _conflict(self) -> None:
        """Two people changed the same field."""
        self._sync()
        self._open(self._third, "summary")
        self._demo.world.office_turn().take(BOTH, self._technician, self._third)
        self._sync()
        self._camera.take("order-with-conflict")
        self._camera.frame.open(Place.of("inbox"))
        self._camera.take("inbox-conflict")
        self._camera.frame.open(Place.of("sync"))
        self._camera.take("sync-online")

    def _offline(self) -> None:
        """Without network: the strip, what waits, and My day."""
        self._demo.set_online(False)
        for text in ("The door is hard to open.", "Oil level read again."):
            with self._technician.session.writing() as write:
                remarks.add_comment(write, self._third, text)
        self._technician.scheduler.sync_now()
        conversation = self._camera.frame.context.conversation  # what the window was told, a moment after it was so
        self._camera.wait_for(lambda: conversation.status.connection is Connection.OFFLINE)
        self._camera.take("sync-offline")
        self._camera.frame.open(Place.of("my_day"))
        self._camera.take("my-day-offline")
        self._demo.set_online(True)
        self._sync()

    def _small_pages(self) -> None:
        """Lists, settings, about and the keys."""
        for page in ("orders", "assets", "parts", "settings", "about"):
            self._camera.frame.open(Place.of(page))
            self._camera.take(page)
        self._camera.frame.show_keys()
        self._camera.take("keys")
        self._camera.frame.back()

    def _review(self) -> None:
        """The supervisor: the queue, approving and returning in place."""
        self._demo.switch_to(SUPERVISOR)
        self._camera.wait_for(lambda: self._shown_login() == SUPERVISOR)
        person = self._demo.world.at_work(SUPERVISOR)
        self._wait_for_sync(person)
        self._camera.frame.open(Place.of("review"))
        self._camera.take("review-queue")
        self._camera.frame.open(Place.of("review", order_id=self._first))
        self._camera.choose_row("Orders to review")
        self._camera.take("review-order")
        self._camera.press("Approve")
        self._camera.take("review-approve")
        self._camera.press("Back")
        self._camera.press("Return")
        self._camera.take("review-return")

    def _sign_in(self) -> None:
        """Signing in on an installation where two people work."""
        self._demo.opened.door.sign_out()
        self._camera.settle()
        self._camera.take("sign-in")

    # ---- what scenes need

    @property
    def _technician(self) -> AtWork:
        return self._backstage.technician

    @property
    def _first(self) -> str:
        return self._backstage.orders[0]

    @property
    def _third(self) -> str:
        return self._backstage.orders[2]

    def _detail(self, order_id: str) -> OrderDetail:
        return self._backstage.detail(order_id)

    def _answer(self, *, leave: int) -> None:
        self._backstage.answer(self._first, leave=leave)
        self._camera.settle()

    def _wait_for_sync(self, person: AtWork) -> None:
        self._camera.wait_for(partial(is_synced, person))
        self._camera.settle()

    def _open(self, order_id: str, tab: str) -> None:
        self._camera.frame.open(Place.of("order", order_id=order_id, tab=tab))
        self._camera.settle()

    def _camera_has_position(self) -> bool:
        """The sheet has stopped looking for satellites."""
        return not self._camera.sees("Looking for")

    def _draw(self) -> None:
        pad = self._camera.find(SignaturePad)
        pad.set_strokes(INK)
        pad.changed.emit()
        self._camera.settle()

    def _shown_login(self) -> str:
        shown = self._demo.opened.door.shown
        return "" if shown is None else shown.login

    def _sync(self) -> None:
        self._technician.scheduler.sync_now()
        self._wait_for_sync(self._technician)


def take_screenshots(
    root: Path, folder: Path, *, tell: Callable[[str], None], looks: tuple[Look, ...] = LOOKS
) -> list[Path]:
    """Play a throw-away demonstration in `root` and write its pictures into `folder`; gives them in order.

    Raises:
        CmmsError: the demonstration did not start, or a scene did not come about.
    """
    from cmms_desktop.demo.folder import held_folder

    with held_folder(root, is_fresh=True) as held:
        demo = DemoWindow(held)
        camera = Camera(demo.opened, folder, looks=looks)
        try:
            demo.start()
            camera.wait_for(lambda: demo.opened.window.frame is not None or demo.exit_code != 0)
            if demo.exit_code:
                raise Bug("The demonstration did not start.")
            camera.wait_for(partial(is_synced, demo.world.at_work(TECHNICIAN)))
            Scenes(demo, camera, tell).take_all()
        except CmmsError:
            camera.take("stopped-here")
            raise
        finally:
            demo.close()
    return camera.taken

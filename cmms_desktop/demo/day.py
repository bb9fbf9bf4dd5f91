"""The technician's day, step by step, on his own replica. Every step works with the server stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from cmms_desktop.app.desk import Workplace
from cmms_desktop.application.commands import assets, checklists, parts, remarks, sign_off, visits
from cmms_desktop.application.positions import Position
from cmms_desktop.application.queries.work import OrderCard, OrderDetail, my_day, order_detail
from cmms_desktop.demo.picture import INK, png
from cmms_desktop.demo.telling import StoryClock
from cmms_desktop.devices.positioning.arrival import first_trustworthy_fix
from cmms_desktop.devices.positioning.nmea_source import recorded_file
from cmms_desktop.devices.positioning.recording import nmea_sentences
from cmms_desktop.devices.scanner import normalise_code
from cmms_desktop.errors import Bug, Refused
from sync_server.contract.fields import Row
from sync_server.contract.rules.answer import choices_of

FIX_WITHIN_S = 30.0
FENCE = {"inside": "inside the fence", "outside": "outside the fence", "unknown": "position uncertain"}
METRES_EAST_DEG = 0.0002
"""How far from the site's centre the recording stands: some ten metres."""


@dataclass(slots=True)
class Day:
    """A technician at work: his workplace, the story's clock, and what tells it."""

    workplace: Workplace
    clock: StoryClock
    tell: Callable[[str], None]
    folder: Path

    @property
    def person_id(self) -> str:
        """Whose day it is."""
        return self.workplace.identity.person.person_id

    def cards(self) -> tuple[OrderCard, ...]:
        """The orders of the day in route order."""
        with self.workplace.replica.read() as reading:
            return my_day(reading, self.person_id)

    def detail(self, order_id: str) -> OrderDetail:
        """One order as it stands on the device."""
        with self.workplace.replica.read() as reading:
            found = order_detail(reading, order_id)
        if found is None:
            raise Bug("An order of the day is not on the device.")
        return found

    def go_and_arrive(self, order: OrderCard) -> str:
        """Travel and arrive with a position from a recorded receiver. Gives the id of the visit."""
        with self.workplace.replica.write() as write:
            log_id = visits.start_travel(write, order.id)
        self.clock.advance(minutes=18)
        position = self._position(order)
        with self.workplace.replica.write() as write:
            fence = visits.arrive(write, log_id, position)
        self.tell(f"Arrived for {order.number} at {order.site}: {FENCE[fence]}, ± {position.accuracy_m:.0f} m.")
        with self.workplace.replica.write() as write:
            visits.start_work(write, log_id)
        return log_id

    def _position(self, order: OrderCard) -> Position:
        """Read the receiver: here a recording made for the place of the order."""
        site = self.workplace.replica.get("site", str(self.detail(order.id).order["site_id"]))
        if site is None:
            raise Bug("The site of an order is not on the device.")
        latitude, longitude = float(site["latitude"] or 0), float(site["longitude"] or 0) + METRES_EAST_DEG
        recording = self.folder / f"receiver-{order.number}.nmea"
        recording.write_bytes(b"".join(nmea_sentences(latitude, longitude, started_at=self.clock(), seconds=20)))
        with recorded_file(recording, clock=self.clock) as source:
            fix = first_trustworthy_fix(source, within_s=FIX_WITHIN_S)
        if fix is None:
            raise Bug("The recording gave no trustworthy fix.")
        return Position(
            latitude=fix.latitude,
            longitude=fix.longitude,
            accuracy_m=fix.accuracy_m,
            age_s=fix.age_s(self.clock()),
            source=fix.source,
            is_mock=fix.is_mock,
        )

    def scan(self, order: OrderCard) -> None:
        """Scan the label of the asset, as a wedge scanner types it."""
        asset_id = self.detail(order.id).order["asset_id"]
        asset = self.workplace.replica.get("asset", str(asset_id)) if asset_id else None
        code = normalise_code(f"{(asset or {}).get('qr_code') or 'UNKNOWN-LABEL'}\r\n")
        with self.workplace.replica.write() as write:
            found = assets.identify(write, order.id, code)
            if not found.is_expected:
                assets.link(write, order.id, found)
        self.tell(f"Scanned {code}: {found.name or 'an unknown label, kept as text'}.")

    def answer_checklists(self, order: OrderCard) -> str | None:
        """Answer every item; the first pass/fail item fails and is followed up. Gives the new order's id."""
        follow_up_id: str | None = None
        for item in self.detail(order.id).rows["checklist_item"]:
            failing = item["kind"] == "pass_fail" and follow_up_id is None
            if item["kind"] == "pass_fail" and not failing:
                continue
            self._answer(item, failing=failing)
            if failing:
                with self.workplace.replica.write() as write:
                    follow_up_id = checklists.follow_up(write, str(item["id"]))
        for checklist in self.detail(order.id).rows["checklist"]:
            with self.workplace.replica.write() as write:
                checklists.pass_remaining(write, str(checklist["id"]))
        detail = self.detail(order.id)
        follow_up = self.workplace.replica.get("work_order", follow_up_id) if follow_up_id else None
        followed = f", followed up by {follow_up['number']}" if follow_up else ""
        self.tell(f"Checklist of {order.number}: {detail.answered} answered, {detail.failed} failed{followed}.")
        return follow_up_id

    def _answer(self, item: Row, *, failing: bool) -> None:
        photo = self.workplace.blobs.keep(png()) if item["kind"] == "photo" else None
        given = given_for(item, photo=photo, failing=failing)
        try:
            with self.workplace.replica.write() as write:
                checklists.complete_checklist_item(write, str(item["id"]), **given)
                if photo is not None:
                    order_id = str(item["aggregate_id"])
                    remarks.add_photo(write, self.workplace.blobs, order_id, content=png(), media_type="image/png")
        except Refused as refusal:
            raise Bug(f"An answer was refused: {refusal.sentence}") from refusal

    def use_part(self, order: OrderCard) -> None:
        """Take one of a part out of the van."""
        with self.workplace.replica.read() as reading:
            part_id, location_id, name = reading.cursor.execute(
                "SELECT l.part_id, l.stock_location_id, p.name FROM stock_level l"
                " JOIN stock_location s ON s.id = l.stock_location_id JOIN part p ON p.id = l.part_id"
                " WHERE s.kind = 'van' AND s.owner_id = ? AND CAST(l.quantity AS REAL) > 0 ORDER BY p.code LIMIT 1",
                (self.person_id,),
            ).fetchone()
        with self.workplace.replica.write() as write:
            parts.use_part(write, order.id, part_id, stock_location_id=location_id, quantity=Decimal(1))
        self.tell(f"Used one {name} from the van.")

    def remark(self, order: OrderCard) -> None:
        """Write a comment and attach a photo."""
        with self.workplace.replica.write() as write:
            remarks.add_comment(write, order.id, "Cleaned the strainer as well; it was half blocked.")
            remarks.add_photo(
                write, self.workplace.blobs, order.id, content=png(), media_type="image/png", caption="After the work"
            )

    def finish(self, order: OrderCard, log_id: str, *, refusal: str | None = None) -> None:
        """Leave, sign, let the customer sign or refuse, and hand the order over: one step, all or nothing."""
        self.clock.advance(minutes=35)
        hand = self.workplace.hand
        with self.workplace.replica.write() as write:
            visits.leave(write, log_id)
        with self.workplace.replica.write() as write:
            sign_off.sign_performed(write, hand, order.id, strokes=INK)
            if refusal is None:
                sign_off.customer_accepts(write, hand, order.id, printed_name="Customer on site", strokes=INK)
            else:
                sign_off.customer_refuses(write, hand, order.id, printed_name="Customer on site", reason=refusal)
            sign_off.complete(write, order.id)
        told = "The customer accepted" if refusal is None else f"The customer refused ({refusal})"
        self.tell(f"Signed {order.number} as performed. {told}; the order is completed.")


def _inside(item: Row) -> str:
    """A reading within the limits."""
    low, high = (Decimal(str(item[name])) if item[name] is not None else None for name in ("minimum", "maximum"))
    if low is not None and high is not None:
        return str((low + high) / 2)
    return str(low if low is not None else high if high is not None else Decimal(1))


def given_for(item: Row, *, photo: str | None, failing: bool) -> dict[str, str | None]:
    """What the technician enters for an item of each kind."""
    if item["kind"] == "pass_fail":
        return {"result": "fail", "note": "Worn out, has to be replaced."} if failing else {"result": "pass"}
    if item["kind"] == "photo":
        return {"photo_sha256": photo}
    if item["kind"] == "choice":
        return {"value": choices_of(item)[0]}
    return {"value": _inside(item) if item["kind"] == "number" else "Seen and noted."}

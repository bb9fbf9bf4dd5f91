"""The order of what happened, with clocks that are wrong by years."""

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.queries.happened import happened_at
from cmms_desktop.application.queries.history import timeline
from cmms_desktop.application.queries.remarks import comment_lines
from cmms_desktop.application.queries.signing import statement_lines
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from tests.support.replicas import row, uid
from tests.ui.screens.office_news import bring
from tests.ui.stage import MORNING, Stage, person
from tests.unit.queries.working import act, ask

DAY_MS = 86_400_000
FROM_1970_MS = 1_769_800_000_000
"""From January 1970 to the last day of January 2026."""
SAID, MET = "2026-03-02T08:00:00.000000Z", "2026-03-02T09:00:00.000000Z"


@pytest.mark.parametrize(
    ("at", "offset_ms", "received", "right"),
    [
        (SAID, None, MET, SAID),
        (SAID, 60_000, MET, "2026-03-02T08:01:00.000000Z"),
        ("2090-01-01T00:00:00.000000Z", None, MET, MET),
        ("2027-03-02T08:00:00.000000Z", -365 * DAY_MS, MET, SAID),
        ("2090-01-01T00:00:00.000000Z", None, None, "2090-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.000000Z", DAY_MS, MET, MET),
        (None, None, MET, ""),
        ("soon", 5, MET, MET),
    ],
)
def test_a_devices_time_is_put_right_as_far_as_anybody_can(
    at: str | None, offset_ms: int | None, received: str | None, right: str
) -> None:
    assert happened_at(at, offset_ms, received) == right


def remark(order_id: str, number: int, *, at: str, met: str, offset_ms: int | None = None) -> tuple[str, Row]:
    who = person("technician2").person_id
    values = {"work_order_id": order_id, "author_id": who, "text": f"Remark {number}", "written_at": at}
    made = row("comment", uid(number), order_id, **values, offset_ms=offset_ms, version=1, created_at=met)
    return "comment", made


def test_remarks_and_timeline_stand_in_the_order_in_which_things_happened(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    bring(
        technician,
        remark(order_id, 901, at="2090-01-01T00:00:00.000000Z", met="2026-02-01T08:00:00.000000Z"),
        remark(
            order_id,
            902,
            at="1970-01-02T00:00:00.000000Z",
            met="2026-02-02T08:00:00.000000Z",
            offset_ms=FROM_1970_MS,
        ),
        remark(order_id, 903, at="2026-02-03T08:00:00.000000Z", met="2026-02-03T08:00:01.000000Z"),
    )
    act(technician, lambda write: remarks.add_comment(write, order_id, "Mine"))
    texts = [line.text for line in ask(technician.replica, lambda reading: comment_lines(reading, order_id))]
    said = [text for text in texts if text.startswith(("Remark", "Mine"))]
    assert said == ["Remark 902", "Remark 901", "Remark 903", "Mine"]
    told = ask(technician.replica, lambda reading: timeline(reading, order_id))
    assert told is not None
    entries = [entry for entry in told.entries if entry.kind == "comment" and entry.text in said]
    assert [entry.text for entry in entries] == said
    assert entries[1].at.startswith("2090"), "what the device said is shown as it was said"
    assert entries[1].received_at == "2026-02-01T08:00:00.000000Z"


def test_the_last_statement_is_the_one_that_the_server_met_last(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    who = person("technician2").person_id

    def statement(number: int, meaning: str, *, at: str, met: str) -> tuple[str, Row]:
        values = {"work_order_id": order_id, "meaning": meaning, "signer_id": who, "signer_role": "technician"}
        values |= {"signer_device_id": uid(7), "body": "{}", "body_sha256": f"{number}", "signature": "x"}
        return "signature", row("signature", uid(number), order_id, **values, signed_at=at, version=1, created_at=met)

    later = instant_text(MORNING)
    bring(
        technician,
        statement(911, "performed", at="2090-01-01T00:00:00.000000Z", met="2026-02-01T08:00:00.000000Z"),
        statement(912, "accepted", at="1970-01-02T00:00:00.000000Z", met=later),
    )
    lines = ask(technician.replica, lambda reading: statement_lines(reading, order_id))
    assert [line.meaning for line in lines] == ["performed", "accepted"]

"""What is told of a wipe adds up, also when part of what was sealed went in the ordinary way after all."""

from pathlib import Path

from cmms_desktop.errors import ServerUnreachable
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet
from tests.support.recalling import (
    an_admin,
    device_id_of,
    held,
    in_the_name_of_another,
    leave,
    recalled,
    with_two_remarks,
)


def test_what_was_sealed_and_then_sent_counts_as_sent(fleet: Fleet, tmp_path: Path) -> None:
    """The push is lost, three changes are sealed, the hand-in is lost; then two are sent and the third is refused."""
    admin, device = an_admin(fleet, tmp_path), with_two_remarks(fleet)
    in_the_name_of_another(device, "Refused remark.")
    device_id = device_id_of(device)
    admin.command(device, "wipe")
    device.fleet.clock.advance(minutes=11)
    none, lost = Fault("none"), Fault("drop_request")
    assert isinstance(device.sync(none, lost, lost), ServerUnreachable)
    assert device.workplace.replica.state().handing_in == 3
    told = recalled(device)
    assert "1 change handed in; a supervisor decides." in told.sentence
    assert "could not be handed in" not in told.sentence
    (note,) = device.desk.wiping.begun()
    assert (note.report.handed_in, note.report.lost) == (1, 0)
    leave(device)
    assert admin.facts(device_id).lost_changes == 0
    assert sorted(str(row["text"]) for row in fleet.organization.rows("comment")) == ["First remark.", "Second remark."]
    taken = admin.take_over()
    assert (taken.outboxes, taken.failed, sum(taken.verdicts.values())) == (1, (), 3)
    assert held(fleet) == []

"""An organization says how it appears; its devices have it with the next sync, and no other organization's have."""

import pytest

from sync_server.application.tenants.branding import Appearance, appear
from sync_server.errors import Refused
from tests.support.server_side import Scene, Server


def seen(scene: Scene) -> list[tuple[object, object, object]]:
    """What a device of the technician holds."""
    rows = [row for (entity, _), row in scene.field.sync().rows.items() if entity == "branding"]
    return [(row["name"], row["colour"], row["help_text"]) for row in rows if row["deleted_at"] is None]


def test_devices_hear_how_their_organization_appears_and_nobody_else_does(server: Server) -> None:
    scene, other = Scene.of(server), Scene.of(server)
    organization = scene.organization
    appear(server.database, organization.id, Appearance("North Utilities", "#0F6CBD", "Call the control room."))
    assert seen(scene) == [("North Utilities", "#0f6cbd", "Call the control room.")]
    appear(server.database, organization.id, Appearance(colour="", help_text="Ask at the gate."))
    assert seen(scene) == [("North Utilities", None, "Ask at the gate.")]
    assert seen(other) == []
    (row,) = organization.rows("branding")
    assert (row["id"], row["version"]) == (organization.id, 2)


@pytest.mark.parametrize(
    "said",
    [
        Appearance(colour="#0f6cbd"),
        Appearance(name=" "),
        Appearance(name="x" * 201),
        Appearance(name="North\x00"),
        Appearance(name="North", colour="blue"),
        Appearance(name="North", help_text="x" * 501),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(server: Server, said: Appearance) -> None:
    organization = server.organization()
    with pytest.raises(Refused) as refused:
        appear(server.database, organization.id, said)
    assert refused.value.code == "invalid_value"
    assert organization.rows("branding") == []
    assert organization.seq() == 0

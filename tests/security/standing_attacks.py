"""Attacks on what a device without a session may ask: with something of the victim, and with something of nobody."""

from collections.abc import Iterator

from tests.security.attacked import Pair
from tests.support.device_side import Client
from tests.support.server_side import Scene, new_id
from tests.support.standing_side import hand_in, part_of, report_wiped, sealed_bytes, standing_of


def standing(own: Client, attacker: Scene, victim: Scene) -> Iterator[Pair]:
    organization_id = attacker.organization.id
    for field, known in (("organization_id", victim.organization.id), ("device_id", victim.field.device.id)):
        yield (
            standing_of(own, organization_id, **{field: known}),
            standing_of(own, organization_id, **{field: new_id()}),
        )


def sealed(own: Client, attacker: Scene, victim: Scene) -> Iterator[Pair]:
    whole = sealed_bytes()
    for field, known in (("organization_id", victim.organization.id), ("device_id", victim.field.device.id)):
        parts = [part_of(own.device, attacker.organization.id, whole, **{field: named}) for named in (known, new_id())]
        yield hand_in(own, parts[0]), hand_in(own, parts[1])


def wiped(own: Client, attacker: Scene, victim: Scene, command_id: str) -> Iterator[Pair]:
    yield report_wiped(own, victim.organization.id, command_id), report_wiped(own, new_id(), command_id)
    own_id = attacker.organization.id
    yield report_wiped(own, own_id, command_id), report_wiped(own, own_id, new_id())

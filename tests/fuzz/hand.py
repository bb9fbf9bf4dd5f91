"""What one request names: chosen by seed, the same in every world; and the request again, about nobody's things.

Wherever the first request names something that its sender may not see, the second one names something that nobody has,
alike to the last character but a few. All else is the same in both.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fuzz.sight import View
from tests.fuzz.world import Actor, Thing, World
from tests.support.device_side import encoded

OTHER_ORGANIZATION = 0.45
ALONE = frozenset({"cursor", "token", "refresh", "command", "sealed"})
"""Kinds of which each belongs to one person."""
TENANTS = frozenset({"organization", "slug", "login", "device", "public_key", "mutation_id", "group", "epoch"})
"""Kinds that are foreign only when they are of another organization: within one's own they may be told apart."""


@dataclass
class Hand:
    """Deals things. `is_twin`: the second time, with nobody's things in place of foreign ones."""

    world: World
    actor: Actor
    view: View
    seed: str
    is_twin: bool = False
    is_again: bool = False
    """The same once more: what it makes up is new."""
    known: frozenset[str] = frozenset()
    """What the sender was shown before; that there is such a thing he knows, though he may see it no more."""
    named: list[tuple[str, str]] = field(default_factory=list)
    """(label, value) of all that this request names or makes up; labels are the same in both."""
    foreign: list[Thing] = field(default_factory=list)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def twin(self) -> Hand:
        """Deal the same again, about nobody."""
        return Hand(self.world, self.actor, self.view, self.seed, is_twin=True, known=self.known)

    def again(self) -> Hand:
        """Deal the same once more."""
        return Hand(self.world, self.actor, self.view, self.seed, is_again=True, known=self.known)

    def thing(self, kind: str, *, own: float = 1 - OTHER_ORGANIZATION) -> Thing:
        """Choose something; `own`: how likely it is of the sender's organization."""
        organization_id = self.actor.organization.id
        is_own = self.dice.random() < own
        every = [each for each in self.world.things[kind] if (each.organization_id == organization_id) == is_own]
        chosen = self.dice.choice(every)
        other = self._nobodys(chosen)
        if self._is_foreign(chosen):
            self.foreign.append(chosen)
            if self.is_twin:
                chosen = Thing(kind, other, chosen.organization_id, chosen.owner_id, chosen.row)
        self.note(kind, chosen.value)
        return chosen

    def id(self, kind: str, *, own: float = 1 - OTHER_ORGANIZATION) -> str:
        """Choose something and give how it is named."""
        return self.thing(kind, own=own).value

    def fresh(self) -> str:
        """Make up an id; another one in each of the requests, because the first one is used up then."""
        last = "f" if self.is_twin else "d" if self.is_again else "e"
        value = str(UUID(int=self.dice.getrandbits(128), version=4))[:-1] + last
        self.note("fresh", value)
        return value

    def note(self, label: str, value: str) -> None:
        """Remember something that the request says."""
        self.named.append((f"<{label} {len(self.named)}>", value))

    def chance(self, share: float) -> bool:
        """Decide something."""
        return self.dice.random() < share

    def _is_foreign(self, thing: Thing) -> bool:
        if thing.organization_id != self.actor.organization.id:
            return True
        if thing.kind in ALONE:
            return thing.owner_id != self.actor.person_id
        if thing.kind == "sha256":
            return thing.owner_id != self.actor.person_id and thing.value not in self.view.digests
        if thing.kind in TENANTS or thing.kind == "access":
            return False
        return thing.value not in self.view.tokens | self.view.ruled | self.known

    def _nobodys(self, thing: Thing) -> str:
        """Give something that looks alike and is nobody's; the same again for each thing, so that what requests leave
        behind is alike, too."""
        digits = hashlib.sha256(thing.value.encode()).hexdigest()[:6]
        if thing.kind == "public_key":
            return encoded(
                Ed25519PrivateKey.from_private_bytes(digits.encode() * 5 + b"..").public_key().public_bytes_raw()
            )
        if thing.kind in {"cursor", "token"}:
            return thing.value[:4] + digits + thing.value[10:]
        if thing.kind == "access":  # a genuine one of a colleague: what no key of this device goes with
            mine = [each for each in self.world.things["access"] if each.organization_id == self.actor.organization.id]
            return next(each.value for each in mine if each.owner_id != self.actor.person_id)
        if thing.kind == "refresh":
            return thing.value[:-8] + digits + "AA"
        return thing.value[:-6] + digits

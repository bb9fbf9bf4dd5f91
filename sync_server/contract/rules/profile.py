"""The profile of an installation: what the administrator of an organization has signed about it. Shape and bounds.

It holds no secret. Ed25519 happens in the callers; here are the fields, and the bytes that are signed (D-255).
"""

from typing import Any, Final, Literal

import msgspec
import rfc8785

VERSION: Final = 1
PREFIX: Final = b"cmms/profile/v1\n"
"""Goes before what is signed, so that no other statement can be taken for a profile."""
MOST_BYTES: Final = 65_536
_FOR_TRAINING: Final = ".training"
MOST_SERIAL: Final = 2**53 - 1
"""What every reader of JSON counts exactly (RFC 8785)."""
MOST_SIGNATURES: Final = 4
MOST_PINS: Final = 4
DEMONSTRATION: Final = "demonstration"
"""The organization of a package that was built without a profile; such a profile yields to every other (D-265)."""
TRAINING: Final = "Training. Nothing here is real work."
"""Said wherever an exercise could be taken for real work: on every page, in files for people, to administrators."""
MOST_LEASE_DAYS: Final = 14
"""The lease of a device without a profile; a profile makes it shorter, never longer."""


class Receiver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where positions come from. `network` has a host and port, `serial` a line and its speed in bits a second."""

    source: Literal["none", "network", "serial"]
    host: str = ""
    port: int = 2947
    line: str = ""
    speed_baud: int = 4800


class Policies(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an organization fixes for its devices; None leaves it as it is without a profile."""

    offline_lease_days: int | None = None
    """Days a device may work without an answer of the server: 1 to MOST_LEASE_DAYS."""
    unlock: Literal["password"] | None = None
    """What unlocks work on a device: `password` takes no secret of digits alone, whatever the role."""
    photos_on_metered: Literal["wait", "send"] | None = None
    positioning: Receiver | None = None
    minimum_version: str | None = None
    """Such as 0.2.0; an older program says so and goes on."""
    training: bool = False
    """The organization is for exercise: the program says so everywhere, and keeps it apart from real work (D-268)."""


class Branding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the program appears. Colours are `#rrggbb`, the logo is a PNG as base64url; "" leaves the program's own."""

    name: str = ""
    colour: str = ""
    """On the light themes."""
    dark_colour: str = ""
    """On the dark theme; "" takes `colour`."""
    logo: str = ""


PLAIN: Final = Branding()
"""The program as it is."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is signed. Instants are wire text in UTC; keys and pins are base64url without padding."""

    version: int
    organization: str
    serial: int
    """Rises with each profile of an organization."""
    signed_at: str
    not_after: str
    """The last instant at which it may be taken; one that was taken before stays in force."""
    organization_key: str
    """Ed25519, public: it signs this profile, and from then on every one that may replace it."""
    server_url: str
    certificate_pins: tuple[str, ...] = ()
    """SHA-256 of the public keys (SubjectPublicKeyInfo) of which the server shows one; (): any trusted certificate."""
    certificate_authority: str = ""
    """The certificate (DER) that is trusted in place of the system's; "": those of the system."""
    update_channel: Literal["stable", "early"] = "stable"
    branding: Branding = PLAIN
    policies: Policies = Policies()

    @property
    def is_demonstration(self) -> bool:
        """Whether it is no organization's, but that of a package which was built to be tried."""
        return self.organization == DEMONSTRATION


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature over a profile, and the public key that made it."""

    key: str
    signature: str


class SignedProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. A change of keys carries the seals of both, the new one and the one before."""

    profile: Profile
    seals: tuple[Seal, ...]


class ProfileRefused(ValueError):  # noqa: N818 - the house's word: a rule said no
    """A profile is not taken, or not signed. `code` is a word for programs, `sentence` for whoever meets it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def kept_under(organization: str, policies: Policies) -> str:
    """Give the name under which a device keeps people and work: an exercise never shares one with real work.

    No short name of an organization has a full stop in it.
    """
    return f"{organization}{_FOR_TRAINING}" if policies.training else organization


def told_of(name: str) -> str:
    """Give what `kept_under` gave as people read it: `north`, `north (training)`."""
    return f"{name.removesuffix(_FOR_TRAINING)} (training)" if name.endswith(_FOR_TRAINING) else name


def signed_bytes(profile: Profile) -> bytes:
    """Give the bytes that a seal is made over. Raises ValueError for text that is no Unicode."""
    return PREFIX + rfc8785.dumps(msgspec.to_builtins(profile))


def written(signed: SignedProfile) -> bytes:
    """Give the file, as canonical JSON. Raises ValueError for text that is no Unicode."""
    builtins: Any = msgspec.to_builtins(signed)
    return rfc8785.dumps(builtins) + b"\n"

"""Whether a profile whose seals are genuine may take the place of the one in force: each no is one sentence. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sync_server.contract.instants import instant_of
from sync_server.contract.rules.profile import Profile, ProfileRefused, SignedProfile, kept_under, told_of

SLACK: Final = timedelta(days=1)
"""How far the clock of a device may be behind that of whoever signed."""
OTHER_ORGANIZATION: Final = (
    "This profile is of the organization {}, and people of {} are enrolled on this device. Their work stays; remove"
    " their enrolments first."
)
DEMONSTRATION_YIELDS: Final = (
    "This profile is a demonstration's, and this device is in use already. What was before stays."
)
FOREIGN: Final = "This profile is signed with another key than {} uses on this device. The one before stays."
OLDER: Final = "This profile is older (serial {}) than the one in use (serial {}). The one before stays."
EXPIRED: Final = "This profile could be taken until {}; this device says that it is {}. Ask for a new one."
CLOCK: Final = "This device says that it is {}, but the profile was signed on {}. Put its clock right, then try again."


def is_new(offered: SignedProfile, in_force: Profile | None, *, now: datetime, enrolled_for: Collection[str]) -> bool:
    """Tell whether a profile is to be taken; False: it is the one in force.

    Args:
        offered: its seals are genuine and its values can be right.
        in_force: the one that is used now; None: there is none.
        now: what this device's clock says.
        enrolled_for: what people, and what they have made, are `kept_under` on this device.

    Raises:
        ProfileRefused: why it may not; the one in force stays.
    """
    profile = offered.profile
    if profile == in_force:
        return False
    own = kept_under(profile.organization, profile.policies)
    others = [told_of(name) for name in sorted(set(enrolled_for) - {own})]
    if profile.is_demonstration and (others or (in_force is not None and not in_force.is_demonstration)):
        raise ProfileRefused("profile_demonstration", DEMONSTRATION_YIELDS)
    if others:
        sentence = OTHER_ORGANIZATION.format(told_of(own), " and ".join(others))
        raise ProfileRefused("profile_other_organization", sentence)
    if in_force is not None and in_force.organization == profile.organization:
        _require_successor(offered, in_force)
    _require_time(profile, in_force, now)
    return True


def _require_successor(offered: SignedProfile, in_force: Profile) -> None:
    profile = offered.profile
    if in_force.organization_key not in {seal.key for seal in offered.seals}:
        raise ProfileRefused("profile_foreign_key", FOREIGN.format(in_force.organization))
    if profile.serial <= in_force.serial:
        raise ProfileRefused("profile_older", OLDER.format(profile.serial, in_force.serial))


def _require_time(profile: Profile, in_force: Profile | None, now: datetime) -> None:
    """Refuse a profile out of its time, and a clock that is before something that certainly is over."""
    signed = max(instant_of(each.signed_at) for each in (profile, in_force) if each is not None)
    if signed - now > SLACK:  # a difference of instants is always one; an instant that is moved may be none
        raise ProfileRefused("profile_clock", CLOCK.format(_day(now), _day(signed)))
    if now > instant_of(profile.not_after):
        raise ProfileRefused("profile_expired", EXPIRED.format(_day(instant_of(profile.not_after)), _day(now)))


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")

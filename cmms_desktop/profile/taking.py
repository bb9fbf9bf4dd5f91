"""Taking a profile: by itself at a start, from where only an administrator writes; otherwise when a person says yes.

Whatever is refused leaves the profile in force as it is (D-256).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cmms_desktop.errors import CmmsError, Refused
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.in_force import enrolled_for, keep, read_in_force
from cmms_desktop.profile.places import Found, Place, read_place
from sync_server.contract.rules.profile import Profile, ProfileRefused, SignedProfile, kept_under, told_of
from sync_server.contract.rules.profile_reading import fingerprint
from sync_server.contract.rules.profile_taking import is_new

IN_USE: Final = "This profile is in use already."
ADMINISTRATORS: Final = (
    "The administrator of this device has set it up for {}. Only he can give it to another organization."
)
_NO_NEWS: Final = frozenset({"profile_older", "profile_demonstration"})
"""Refusals of what lies there since a package was installed: told to whoever scans it, not at each start."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A genuine profile that would be taken: what a person says yes to."""

    signed: SignedProfile
    is_known_key: bool
    """It is signed with the key that this installation trusts already, for the same people and work."""

    @property
    def profile(self) -> Profile:
        return self.signed.profile

    @property
    def fingerprint(self) -> str:
        """Of the organization's key, for comparing."""
        return fingerprint(self.signed.profile.organization_key)


@dataclass(frozen=True, slots=True)
class Start:
    """How an installation starts: its profile, one that waits for a person's yes, and what there is to tell."""

    in_force: Profile | None = None
    offered: Offer | None = None
    notes: tuple[str, ...] = ()


class Profiles:
    """The profiles of one data folder. Slow: reads and writes files. One call at a time."""

    def __init__(self, data_folder: Path, places: Iterable[Place], *, clock: Callable[[], datetime]) -> None:
        """`clock` is this device's, and may be set to anything."""
        self._data_folder, self._places, self._clock = data_folder, tuple(places), clock

    def start(self) -> Start:
        """Take what was baked or dropped since the last start, and say what is in force. Raises nothing."""
        in_force, notes = self._in_force()
        offered = None
        for place in self._places:
            try:
                offer, found = self._look(place, in_force)
                if offer is None or found is None:
                    continue
                if found.is_administrators or offer.is_known_key:
                    keep(self._data_folder, offer.signed)
                    in_force, offered = offer.profile, None
                else:
                    self._require_free(offer, in_force)
                    offered = offered or offer
            except CmmsError as problem:
                if not (isinstance(problem, Refused) and problem.code in _NO_NEWS):
                    notes.append(f"{place.path}: {problem.sentence}")
        return Start(in_force, offered, tuple(dict.fromkeys(notes)))

    def offer(self, content: bytes) -> Offer:
        """Look at a profile that somebody scanned, pasted or opened.

        Raises:
            Refused: why it is not taken; nothing has changed.
            EnvironmentFailure: the data folder cannot be looked at.
        """
        in_force, _ = self._in_force()
        offer = self._judged(content, in_force)
        if offer is None:
            raise Refused("profile_in_use", IN_USE)
        self._require_free(offer, in_force)
        return offer

    def take(self, offer: Offer) -> Profile:
        """Put a profile in force that somebody said yes to. Raises as `offer`, and when the disk does not take it."""
        in_force, _ = self._in_force()
        if self._is_new(offer.signed, in_force):
            self._require_free(offer, in_force)
            keep(self._data_folder, offer.signed)
        return offer.profile

    def _in_force(self) -> tuple[Profile | None, list[str]]:
        try:
            return read_in_force(self._data_folder), []
        except Refused as problem:
            return None, [problem.sentence]

    def _look(self, place: Place, in_force: Profile | None) -> tuple[Offer | None, Found | None]:
        found = read_place(place)
        return (None, None) if found is None else (self._judged(found.content, in_force), found)

    def _judged(self, content: bytes, in_force: Profile | None) -> Offer | None:
        """Give what would be taken; None: it is in force. Raises Refused."""
        signed = genuine(content)
        if not self._is_new(signed, in_force):
            return None
        return Offer(signed, in_force is not None and _whose(in_force) == _whose(signed.profile))

    def _is_new(self, signed: SignedProfile, in_force: Profile | None) -> bool:
        try:
            enrolled = enrolled_for(self._data_folder)
            return is_new(signed, in_force, now=self._clock(), enrolled_for=enrolled)
        except ProfileRefused as refusal:
            raise Refused(refusal.code, refusal.sentence) from refusal

    def _require_free(self, offer: Offer, in_force: Profile | None) -> None:
        """Let no person give a device away that its administrator has set up. Raises Refused."""
        if in_force is None or offer.is_known_key:
            return
        for place in self._places:
            try:
                found = read_place(place)
                if found is not None and found.is_administrators:
                    owner = genuine(found.content).profile
                    if _whose(owner) != _whose(offer.profile) and not owner.is_demonstration:
                        raise Refused("profile_administrators", ADMINISTRATORS.format(told_of(_whose(owner))))
            except Refused as problem:
                if problem.code == "profile_administrators":
                    raise


def _whose(profile: Profile) -> str:
    """Training and real work of one organization are as two organizations (D-268)."""
    return kept_under(profile.organization, profile.policies)

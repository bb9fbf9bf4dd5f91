"""Protections of an installation by its organization's profile."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

TAKING: Final = "sync_server/contract/rules/profile_taking.py"
GENUINE: Final = "cmms_desktop/profile/genuine.py"
TRUST: Final = "cmms_desktop/sync/server_trust.py"
NEW_PASSWORD: Final = "cmms_desktop/app/new_password.py"
CHOOSING: Final = "tests/integration/test_choosing_a_password.py"
FROM_PLACES: Final = "tests/unit/profile/test_taking.py"
FROM_DEMONSTRATIONS: Final = "tests/unit/profile/test_demonstration.py"

PROFILE: Final = (
    Mutant(
        "profile-unverified",
        "A profile is taken only when its seals are genuine.",
        (Edit(GENUINE, "    _require_seals(signed)\n    return signed", "    return signed"),),
        ("tests/property/test_profile_laws.py::test_no_byte_of_a_profile_can_be_another",),
    ),
    Mutant(
        "profile-of-any-key",
        "Only the key that a device trusts replaces its profile.",
        (Edit(TAKING, "if in_force.organization_key not in", "if False and in_force.organization_key not in"),),
        (FROM_PLACES,),
    ),
    Mutant(
        "profile-downgraded",
        "No older profile comes back.",
        (Edit(TAKING, "profile.serial <= in_force.serial", "profile.serial == in_force.serial"),),
        (FROM_PLACES,),
    ),
    Mutant(
        "profile-of-strangers",
        "No other organization takes over a device that has people.",
        (Edit(TAKING, "    if others:\n", "    if False and others:\n"),),
        (FROM_PLACES,),
    ),
    Mutant(
        "training-kept-with-real-work",
        "An exercise and real work of one organization are as two organizations on a device.",
        (
            Edit(
                "sync_server/contract/rules/profile.py",
                "if policies.training else organization",
                "if False and policies.training else organization",
            ),
        ),
        ("tests/unit/profile/test_training.py",),
    ),
    Mutant(
        "training-unsaid",
        "A device for training says so above every page.",
        (
            Edit(
                "cmms_desktop/ui/window/main_window.py",
                "self.training.setVisible(is_training)",
                "self.training.setVisible(False and is_training)",
            ),
        ),
        ("tests/ui/app/test_training.py",),
    ),
    Mutant(
        "password-chosen-by-a-passer-by",
        "Who chooses a password has to give the one before: an unlocked device is not enough.",
        (
            Edit(
                NEW_PASSWORD,
                "    desk.installation.unlock(person.person_id, wanted.now)  # before the server hears anything\n",
                "",
            ),
        ),
        (CHOOSING,),
    ),
    Mutant(
        "pin-leaves-the-device",
        "Digits that only unlock this device are never sent as a password.",
        (Edit(NEW_PASSWORD, "if not may_be_password(there):", "if False and not may_be_password(there):"),),
        (CHOOSING,),
    ),
    Mutant(
        "profile-without-a-yes",
        "The first profile is an administrator's, or a person says yes to it.",
        (
            Edit(
                "cmms_desktop/profile/taking.py",
                "if found.is_administrators or offer.is_known_key:",
                "if True or found.is_administrators or offer.is_known_key:",
            ),
        ),
        (FROM_PLACES,),
    ),
    Mutant(
        "demonstration-over-an-organization",
        "A demonstration's profile takes the place of no other.",
        (Edit(TAKING, "if profile.is_demonstration and (", "if False and profile.is_demonstration and ("),),
        (FROM_DEMONSTRATIONS,),
    ),
    Mutant(
        "demonstration-claims-a-device",
        "Where a package brought only a demonstration, a person may take his organization's profile.",
        (
            Edit(
                "cmms_desktop/profile/taking.py",
                "!= _whose(offer.profile) and not owner.is_demonstration:",
                "!= _whose(offer.profile):",
            ),
        ),
        (FROM_DEMONSTRATIONS,),
    ),
    Mutant(
        "pin-unchecked",
        "Nothing is said to a server with another key than the profile's.",
        (Edit(TRUST, "    context.sslsocket_class = PinnedSocket\n", ""),),
        ("tests/unit/sync/test_server_trust.py",),
    ),
    Mutant(
        "pin-unchecked-inside-a-tunnel",
        "A connection inside of another one is held to the pins as well.",
        (Edit(TRUST, "    context.sslobject_class = PinnedObject\n", ""),),
        ("tests/unit/sync/test_server_trust.py",),
    ),
)

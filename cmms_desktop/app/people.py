"""The people of an installation as screens know them: who is enrolled, and the proof that one of them stands here."""

from cmms_desktop.application.commands.sign_off import Hand
from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.credentials.identity import Installation


class PeopleHere:
    """`People` over an installation. Slow: reads key files, and Argon2 takes its time."""

    def __init__(self, installation: Installation, *, organization_id: str) -> None:
        """Answer for the people of one organization."""
        self._installation = installation
        self._organization_id = organization_id

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        """List them by login; somebody whose key file is damaged cannot unlock anything and is left out."""
        return enrolled_of(self._installation)

    def unlock(self, person_id: str, secret: str) -> Hand:
        """Give somebody's signing hand.

        Raises:
            Refused: the secret is wrong, with the tries left, or it is too soon after wrong ones.
        """
        signer = self._installation.unlock(person_id, secret).device_signer
        return Hand(
            organization_id=self._organization_id,
            person_id=person_id,
            device_id=signer.device_id,
            sign=signer.sign_text,
        )


def enrolled_of(installation: Installation) -> tuple[EnrolledHere, ...]:
    """List who can unlock his work on an installation, by login."""
    return tuple(
        EnrolledHere(person.person_id, person.login, person.role)
        for person in installation.people()
        if not person.is_damaged
    )

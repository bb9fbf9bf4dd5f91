"""The profile of a package that was built without one: a demonstration's, for a pilot on this computer (D-265).

Signed with a key that lies with the check-out, and dated by the commit, so that a second build has the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from client_packages.failures import WRONG_CALL, PackagingError
from client_packages.release import Release
from sync_server.application.profiles import Draft, sign_profile
from sync_server.authz.profile_key import ProfileKey
from sync_server.contract.rules.profile import DEMONSTRATION
from sync_server.errors import CmmsError
from sync_server.storage.new_file import SECRET, write_new_file

HOST = "localhost"
ADDRESS = f"https://{HOST}"
"""A pilot on this computer: `setup --address https://localhost --organization demonstration`."""
NAME = "Demonstration"
"""What the window, the sign-in page and About are called."""
POLICIES = {"training": True}
"""Every page says that nothing on it is real work (D-268)."""
DAYS = 3650
"""In which it may be taken: as long as anybody may want to try an old commit."""
PILOT_AUTHORITY = Path("/etc/cmms-sync-server/tls/ca.crt")
"""Where `cmms-sync-server setup` puts the authority of a pilot."""
CARRIED = f"The packages carry the profile of a demonstration, for {ADDRESS}; --profile puts your organization's in."
NO_PILOT = f"No pilot of {ADDRESS} is set up on this machine, so that nobody can sign in with them."


def demonstration_profile(release: Release, *, key_file: Path, authority: Path | None) -> bytes:
    """Give the file. `authority`: what it trusts in place of the authorities that the program knows.

    Raises:
        PackagingError: the key cannot be read or made, or the release has no possible date.
    """
    try:
        if not key_file.exists():
            write_new_file(key_file, ProfileKey.generate().file_content, mode=SECRET)
        draft = Draft(DEMONSTRATION, ADDRESS, DAYS, authority=authority, name=NAME, policies=POLICIES)
        return sign_profile(draft, [ProfileKey.read(key_file)], now=release.moment)
    except CmmsError as error:
        sentence = f"No profile of a demonstration can be made: {error.sentence}"
        raise PackagingError(sentence, code=WRONG_CALL) from error


def pilot_here(authority: Path) -> Path | None:
    """Give the authority of this machine's pilot when it speaks for the demonstration's address; otherwise None."""
    try:
        found = x509.load_pem_x509_certificate(authority.read_bytes())
        names = found.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    except (OSError, ValueError, x509.ExtensionNotFound):
        return None
    return authority if x509.DNSName(HOST) in (names or []) else None

"""What somebody types to get another password. It lives for one try, and its text form shows nothing of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A person's next password, with the proofs that he is the one.

    `now` unlocks this device so far. `at_server` counts there, when it is another one; `code` is what an administrator
    gave him in its place, as it was typed. None: neither was asked for.
    """

    now: str = field(repr=False)
    new: str = field(repr=False)
    at_server: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)

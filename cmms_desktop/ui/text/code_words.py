"""What is said about enrolment codes and new passwords, wherever one may be typed."""

from typing import Final

NO_CODE: Final = "This is no enrolment code. It has seven groups of four letters and digits."
PASSWORD_COUNTS: Final = "Your new password unlocks this device and counts at the server"

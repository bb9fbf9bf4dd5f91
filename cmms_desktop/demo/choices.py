"""What the demonstration's band offers: keys with their words. Plain values, loaded before anything else is."""

from typing import Final

TECHNICIAN, SUPERVISOR, PLANNER, COLLEAGUE = "technician", "supervisor", "planner", "technician2"
"""Logins of seeded people."""
PEOPLE: Final = ((TECHNICIAN, "Technician"), (SUPERVISOR, "Supervisor"))
"""Whose window it can be."""

AT_SITE, OUTSIDE, NO_FIX = "at_site", "outside", "no_fix"
STANDINGS: Final = ((AT_SITE, "At the site"), (OUTSIDE, "340 m outside"), (NO_FIX, "No satellites"))
"""Where the receiver can stand."""

EDIT, BOTH, AWAY, MORE = "edit", "both", "away", "more"
TURNS: Final = (
    (EDIT, "Change title and priority"),
    (BOTH, "Change the title on both sides"),
    (AWAY, "Give it to somebody else"),
    (MORE, "Send one more order"),
)
"""What the office can do to the order on screen; the last one needs none."""

PASSWORD: Final = "demo-only-password"
"""Of every seeded person."""

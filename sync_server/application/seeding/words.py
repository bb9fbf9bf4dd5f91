"""What demonstration orders say. Plain sentences about things; no names of anybody or anything real."""

TITLES = (
    "Monthly inspection",
    "Noise at start",
    "Replace worn part",
    "Leak under the housing",
    "Yearly maintenance",
    "Reading out of range",
    "Install spare unit",
    "No power",
    "Clean and lubricate",
    "Check after alarm",
)

FINDINGS = (
    "Somebody nearby heard a grinding noise for about a minute after each start.",
    "Routine visit of the plan. Take readings before and after, and note what changed.",
    "A small puddle was seen below the unit in the morning. It had dried by noon.",
    "The control room shows a warning that clears by itself. Find out what causes it.",
    "The part was reported as worn at the last visit and a spare one is in the store.",
    "Pressure drops slowly over a day. Valves were checked from outside only.",
    "The unit stopped twice in the last week and was started again by hand.",
    "Temperature is higher than usual by a few degrees, with no alarm so far.",
)

HAZARDS = (
    "Live electrical parts. Lock and tag out before opening.",
    None,
    "Hot surface. Let it cool down for 30 minutes.",
    None,
    "Confined space. Never enter alone.",
    "Rotating parts. Wait for standstill.",
)

REASONS = {
    "on_hold": "Waiting for a part that is not in stock.",
    "cancelled": "Done together with another order.",
    "rejected": "Not ours: the equipment belongs to the tenant.",
}
"""State → reason that stands with it."""

COMMENTS = (
    ("Please take a photo of the label before you start.", "Done, the label is hard to read."),
    ("The key is at the reception of the site.", "Found it, thank you."),
    ("Access is possible before noon only.", "I will be there at eight."),
    ("Compare with the unit next to it.", "Both show the same."),
)
"""What the office says, and what is answered."""

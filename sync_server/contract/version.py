"""Version numbers that both sides compare before they talk.

Each grows by itself: PROTOCOL when a message changes so that the other side must know, MUTATION when what mutations say
changes its form or a new entity or type of mutation appears, ROWS when a column or an entity is added.
"""

PROTOCOL = 1
"""Version of the messages in messages.py. A server answers every protocol from MINIMUM_PROTOCOL on."""

MINIMUM_PROTOCOL = 1
"""A device that speaks an older one may push what it has, and nothing else, until its program is updated."""

MUTATION = 4
"""Version written into new mutations (`v`). rules/upcasting.py brings older ones into its form."""

OLDEST_MUTATION = max(1, MUTATION - 3)
"""The oldest form that is still understood."""

ROWS = 5
"""Version of the synced columns: the highest `since` of any entity or column declared in entities/."""

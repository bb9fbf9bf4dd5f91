"""Version numbers that both sides compare before they talk."""

PROTOCOL = 1
"""Version of the messages in messages.py. A server answers every protocol from MINIMUM_PROTOCOL on."""

MINIMUM_PROTOCOL = 1

MUTATION = 1
"""Version written into new mutations (`v`). The server upcasts the last three."""

ROWS = 1
"""Version of the synced columns: the highest `since` of any column declared in entities/."""

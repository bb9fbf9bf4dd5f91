"""Taking an organization's profile: scanned or pasted, looked at, and taken with a yes. Needs no session."""

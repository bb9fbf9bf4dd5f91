"""The inbox: what two people changed at once, and what a supervisor decides about."""

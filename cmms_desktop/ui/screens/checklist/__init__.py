"""The checklists of one order: every kind of item, answered with gloves on, saved at each tap."""

"""The Parts page of an order: what is planned, what was used, and taking or putting back a part."""

"""What several test folders share: the fleet's databases, builders, and doors to real data."""

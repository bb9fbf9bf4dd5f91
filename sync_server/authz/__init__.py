"""Who somebody is, what he may do, and which scopes he may see."""

"""Sync: where everything is that was entered here, and what a person has to look at."""

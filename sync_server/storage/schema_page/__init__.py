"""Writes SCHEMA.md: what the database holds, for people who have never seen it."""

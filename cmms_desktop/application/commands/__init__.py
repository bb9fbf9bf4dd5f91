"""Imperative functions. Each takes an open write and makes one step of the day; the caller commits it."""

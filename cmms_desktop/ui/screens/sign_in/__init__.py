"""Signing in and unlocking: the one screen without a session."""

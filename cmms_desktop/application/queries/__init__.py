"""Nouns: frozen rows for screens and for the demonstration, read from the replica only."""

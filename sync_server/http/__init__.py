"""HTTP: parse, call, answer. Nothing is decided here."""

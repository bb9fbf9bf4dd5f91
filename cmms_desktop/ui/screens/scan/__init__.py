"""A label, scanned or typed."""

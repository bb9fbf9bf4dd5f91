"""Who works in the measured world. Alone in a module: a measured process imports nothing of the server."""

SLUG, LOGIN, PASSWORD = "benchmark", "technician", "benchmark-only-password"

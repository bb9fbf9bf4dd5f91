"""What a person can do (commands) and see (queries). No Qt, no HTTP, no waiting for a network."""

"""The conversation with the server: README.md tells states and failures. No Qt; never inside a replica transaction."""

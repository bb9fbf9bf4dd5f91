"""Qt models over frozen rows, told only what changed."""

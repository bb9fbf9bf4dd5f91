"""What records of the office ask: where they are written, and what single kinds ask besides what all do."""

"""One order: its header, its pages, what stands in the way, and the one next step."""

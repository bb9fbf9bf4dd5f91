"""Work that nobody asks for: run every night, for one organization at a time, in many short transactions."""

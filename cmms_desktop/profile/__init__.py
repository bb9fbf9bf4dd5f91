"""The signed profile of this installation: where it lies, whether it is genuine, which one is in force."""

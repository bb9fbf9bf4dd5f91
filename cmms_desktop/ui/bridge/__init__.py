"""Between the GUI thread and everything slow: doors for presenters, and the one that Qt stands behind."""

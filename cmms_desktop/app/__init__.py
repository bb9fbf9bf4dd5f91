"""The composition root: puts workplaces, sessions and the window together. Everything below is used from here."""

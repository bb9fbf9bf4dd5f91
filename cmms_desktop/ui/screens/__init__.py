"""Pages of the window: each a presenter in plain Python and a view of widgets."""

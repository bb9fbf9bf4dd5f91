"""Settings: how it looks and where positions come from, for everybody on this installation."""

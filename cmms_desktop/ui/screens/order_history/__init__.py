"""The History page of an order: everything that happened to it, in one timeline."""

"""Creating an order that follows another one up: a form in a sheet."""

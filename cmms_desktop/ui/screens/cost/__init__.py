"""Entering what an order cost: a form in a sheet."""

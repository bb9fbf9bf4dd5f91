"""Reporting a problem of an asset to the office: a form in a sheet."""

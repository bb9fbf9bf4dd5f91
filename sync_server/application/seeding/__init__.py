"""Demonstration data of the project's own: two fictional organizations, the same on every machine for the same day.

Planned as rows first (content, sheet), written by the unit of work afterwards (loading), or, what no device has, as who
may write it. Names are words of roles and things;
nothing here is a person, a company, a brand or a place. Only demonstrations, tests and benchmarks use it.
"""

"""Planned maintenance: schedules, the orders that come of them, and what was done."""

"""Arriving at a site: where this device is against the fence, and what is right. It never stands in the way of work."""

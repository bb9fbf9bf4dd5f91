"""Searching this device: orders, assets and parts in one palette."""

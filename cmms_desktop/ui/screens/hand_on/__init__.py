"""Asking that an order is taken back, or given to somebody else."""

"""The technician's day: his orders in route order, whether they can be done without a network, and the chosen one."""

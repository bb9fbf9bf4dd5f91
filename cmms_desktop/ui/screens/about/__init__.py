"""About: what this program is, which version, on which device, and the licences of what it is made of."""

"""Assets of the sites on this device, found by code, name or serial, and the card of one."""

"""Every order on this device, searched and filtered; those of others are read only."""

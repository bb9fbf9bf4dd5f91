"""Pure decisions used on both sides: no clock, no settings, no input or output."""

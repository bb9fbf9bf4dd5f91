"""The frame around every page: rail, status strip, sheets, keys, and where a person is."""

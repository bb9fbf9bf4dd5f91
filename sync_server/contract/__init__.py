"""The contract: what the desktop and the server share. It knows neither side; see README.md for the protocol."""

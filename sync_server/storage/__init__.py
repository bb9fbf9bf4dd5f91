"""The only room of the server that speaks SQL."""

"""Organizations as a whole, for whoever runs the server: seen, suspended, handed out, removed. Nothing of a request."""

"""A port for a program that takes no socket from us and cannot choose by itself."""

import socket


def free_port() -> int:
    """One of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

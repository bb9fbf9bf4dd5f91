"""Lets a test change where this process logs to, and puts it back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

CHANGED = ("", "uvicorn", "uvicorn.error", "uvicorn.access")


@contextmanager
def kept_logs() -> Iterator[None]:
    """Restore handlers, levels and propagation of the loggers that `configure_logs` changes."""
    before = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in map(_logger, CHANGED)]
    try:
        yield
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)
            logger.propagate = propagate


def _logger(name: str) -> logging.Logger:
    return logging.getLogger(name)

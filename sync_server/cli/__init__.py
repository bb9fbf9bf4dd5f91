"""The command line of the server: `cmms-sync-server` and `python -m sync_server`.

A wrong call or wrong input is one sentence on standard error and exit code 2. With `--json` standard output is exactly
one object.
"""

from sync_server.cli.command import main

__all__ = ["main"]

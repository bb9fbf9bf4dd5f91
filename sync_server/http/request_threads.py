"""The threads in which requests wait for the database: never more than it lends connections.

Litestar takes the loop's own threads, 32 on a host of many cores; a request that had a thread and no
connection would give up after seconds.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from sync_server.storage.engine import POOL_SIZE


async def bound_request_threads() -> None:
    """Give the running loop as many threads as Python would, at most one for each connection."""
    threads = min(POOL_SIZE, (os.cpu_count() or 1) + 4)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="requests"))

"""Names in folders that outlive a power cut: a file whose bytes are synced is lost when its name is not."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make new names, renames and removals in a folder durable; Windows has no handle for that and does it by itself.

    Raises:
        OSError: the disk failed. A file system that cannot sync folders at all is no failure.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)

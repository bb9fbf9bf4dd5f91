"""A bucket that speaks S3, on this machine: moto in a process of its own, which can be away for a while."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from sync_server.storage.blob_store import BlobStore

ROOT = Path(__file__).resolve().parents[2]
NAME = "photos"


class Bucket:
    """A running S3 server with one bucket."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Wait until it says its port."""
        self._process = process
        self.endpoint = f"http://127.0.0.1:{int(self._said())}"
        request = urllib.request.Request(f"{self.endpoint}/{NAME}", method="PUT")
        urllib.request.urlopen(request, timeout=60).close()

    @property
    def access(self) -> dict[str, str]:
        """What a server is told by its environment to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "secret of the bucket",
        }

    def a_place(self) -> str:
        """An address inside the bucket that nobody else uses."""
        return f"s3://{NAME}/{uuid4().hex}"

    def store(self) -> BlobStore:
        """A store at a place of its own."""
        return BlobStore.in_bucket(self.a_place(), self.access)

    def go_away(self) -> None:
        """Answer nobody; what is stored stays."""
        self._tell("away")

    def come_back(self) -> None:
        """Answer again, at the same address."""
        self._tell("back")

    def _tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        assert self._said() == "done"

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    """An S3 server, gone at the end with everything in it."""
    command = [sys.executable, "-m", "tests.support.bucket_process"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Bucket(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """One for a module, which imports this."""
    with a_bucket() as running:
        yield running

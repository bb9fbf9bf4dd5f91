"""An answer far larger than any buffer on its way, of bytes that hardly compress, arrives as it was sent."""

import random

import httpx
import msgspec
import zstandard

from cmms_desktop.sync.transport import READ_BYTES, Transport
from sync_server.contract.messages import PullRequest

URL = "http://127.0.0.1:1"
LINES, LINE_BYTES = 24, 400_000
HEADERS = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}


def test_an_answer_in_chunks_larger_than_the_decompressors_own_buffer_arrives_whole() -> None:
    """Its iterator copies what it reads into 128 KiB, whatever was read: this crashed, or gave other lines."""
    chance = random.Random(1)
    lines = [["rows", chance.randbytes(LINE_BYTES).hex()] for _ in range(LINES)]
    packed = zstandard.compress(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    assert len(packed) > 10 * READ_BYTES
    answer = httpx.MockTransport(lambda request: httpx.Response(200, headers=HEADERS, stream=httpx.ByteStream(packed)))
    transport = Transport(URL, prove=lambda token: "", client=httpx.Client(base_url=URL, transport=answer))
    transport.access_token = "token"
    assert list(transport.pull(PullRequest())) == lines
    transport.close()

"""The fixture `server` of a module whose tests hold for both stores of photos; it imports `bucket` beside it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.bucket import Bucket
from tests.support.postgres import Clusters
from tests.support.server_side import Server, a_server


@pytest.fixture(scope="module", params=["folder", "bucket"])
def server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    more: dict[str, Any] = {}
    if request.param == "bucket":
        bucket: Bucket = request.getfixturevalue("bucket")
        more = {"blob_bucket": bucket.a_place(), "bucket_access": bucket.access}
    with a_server(clusters, request.config.getoption("--postgres"), **more) as running:
        yield running

"""Filled databases of every revision: one goes down from the newest to the oldest, and is copied on its way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sync_server.storage.migrating import downgrade, head_revision
from tests.migrations.catalog import snapshot
from tests.migrations.filling import NORTH, SOUTH, fill
from tests.support.postgres import TEST_SECRET, Clusters


class Descent:
    """One on one PostgreSQL. Asked for revisions from the newest on, it takes each step once."""

    def __init__(self, clusters: Clusters, end: str) -> None:
        self._clusters, self._end = clusters, end
        self._begin()
        self.schema = snapshot(self._url)

    @contextmanager
    def copy_at(self, revision: str) -> Iterator[str]:
        """Lend a database of its own that stands at a revision, with the rows that it can hold: its URL."""
        if revision > self._revision:
            self.drop()
            self._begin()
        if revision != self._revision:
            downgrade(self._url, TEST_SECRET, revision)
            self._revision = revision
        copied = self._clusters.copy(self._end, self._name)
        try:
            yield self._clusters.get(self._end).url(copied)
        finally:
            self._clusters.drop(self._end, copied)

    def drop(self) -> None:
        """Let it go."""
        self._clusters.drop(self._end, self._name)

    def _begin(self) -> None:
        self._name = self._clusters.new_database(self._end, migrated=True)
        self._url = self._clusters.get(self._end).url(self._name)
        self._revision = head_revision()
        for organization in (NORTH, SOUTH):
            fill(self._url, organization)

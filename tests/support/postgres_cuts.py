"""A real PostgreSQL on a disk whose power goes while the server speaks with it, and what is left, started again."""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from sync_server.errors import EnvironmentFailure
from sync_server.storage import cluster_folder
from sync_server.storage.child_process import run_as
from sync_server.storage.embedded import Cluster, start
from tests.support.fuse_disk import FuseDisk, a_fuse_disk
from tests.support.postgres import EMBEDDED, Clusters
from tests.support.power_cuts import SURVIVALS
from tests.support.volatile_disk import DiskPlan, Survival

SOON: Final = 150
"""Operations within which the power goes while the server works: a commit takes two, a checkpoint some dozens."""
WHILE_STARTING: Final = 90
"""Operations of a start that recovers what a few units have changed; it takes 60 to 100."""


@dataclass
class CutPostgres:
    """The cluster of a test, always at the same address: on the plain disk, or on the one that is cut."""

    clusters: Clusters

    @property
    def cluster(self) -> Cluster:
        """The one that runs, or ran last."""
        return self.clusters.get(EMBEDDED)

    @contextmanager
    def on_a_bad_disk(self, plan: DiskPlan, *, durable: bool) -> Iterator[FuseDisk]:
        """Move a stopped cluster to such a disk for a block, start it there, and put what is left in its place.

        When the power goes before it has started, the block finds it dead.
        """
        folder = self.cluster.folder
        data, before, left = (folder / name for name in ("data", "before", "left"))
        user = run_as(data)
        data.rename(before)
        with a_fuse_disk(before, data, left, plan=plan, owner=(user.uid, user.gid)) as disk:
            try:
                with suppress(EnvironmentFailure, OSError):  # the power went while it started
                    self.start(durable=durable)
                yield disk
            finally:
                self.kill()
        shutil.rmtree(before)
        data.rmdir()
        left.rename(data)
        for path in (data, *data.rglob("*")):
            os.chown(path, user.uid, user.gid)

    def start(self, *, durable: bool = True) -> None:
        """Start what is there; raises EnvironmentFailure when nothing can be made of it.

        Durable on the plain disk, too: what PostgreSQL recovers on the bad one comes from a log that is whole.
        """
        self.clusters.put(EMBEDDED, start(self.cluster.folder, durable=durable))

    def kill(self) -> None:
        """End every process of the cluster without a word; on a dead disk there is nothing more to write."""
        self.cluster.kill()
        os.close(cluster_folder.take_lock(self.cluster.folder))  # held until the last of them is gone


def plan_of(seed: int) -> tuple[DiskPlan, bool]:
    """Draw when the power goes, and whether PostgreSQL dies before that start already: it then has to recover."""
    chance = random.Random(seed)
    survival: Survival = chance.choice(SURVIVALS)
    if chance.random() < 1 / 4:
        return DiskPlan(seed=seed, cut_at=chance.randint(1, WHILE_STARTING), survival=survival), True
    return DiskPlan(seed=seed, cut_in=chance.randint(1, SOON), survival=survival), False

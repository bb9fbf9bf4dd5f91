"""Everything that changes what scopes hold, by chance but repeatably, written as imports and routines write."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row, Scalar
from sync_server.routines.windows import end_windows
from tests.support.server_side import NOW, Scene

ENDED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class ScopeSteps:
    """An organization with two sites, three people, two teams and two assets."""

    def __init__(self, scene: Scene, seed: int) -> None:
        """Begin with a scene; the same seed makes the same steps."""
        self.dice = random.Random(seed)
        self.organization = scene.organization
        self.sites = [scene.site, self.organization.site()]
        self.people = [scene.technician, scene.supervisor, self.organization.person("technician", *self.sites)]
        self.teams = [self.organization.add("team", name=f"Team {n}") for n in range(2)]
        self.assets = [
            self.organization.add("asset", site_id=site["id"], code=f"A{n}", name="Asset")
            for n, site in enumerate(self.sites)
        ]

    def step(self) -> None:
        """Take one of them."""
        acts: list[Callable[[], None]] = [
            *(self._order, self._assign, self._unassign, self._join, self._leave, self._move, self._move_asset),
            *(self._finish, self._night, self._delete, self._role, self._access, self._say),
        ]
        self.dice.choice(acts)()

    def _pick(self, entity: str) -> Row | None:
        live = [row for row in self.organization.rows(entity) if row["deleted_at"] is None]
        return self.dice.choice(sorted(live, key=lambda row: str(row["id"]))) if live else None

    def _asset(self) -> Scalar:
        """Id of one of the assets, or of none."""
        return self.dice.choice([None, *(asset["id"] for asset in self.assets)])

    def _change(self, entity: str, row: Row | None, **values: Scalar) -> None:
        if row is not None:
            self.organization.change(entity, row["id"], **values)

    def _order(self) -> None:
        people = self.dice.sample(self.people, self.dice.randint(0, 2))
        self.organization.order(self.dice.choice(self.sites), *people, asset_id=self._asset())

    def _assign(self) -> None:
        if (order := self._pick("work_order")) is None:
            return
        teams = [{"team_id": team["id"]} for team in self.teams]
        people = [{"person_id": person["id"]} for person in self.people]
        whom = self.dice.choice([*teams, *people])
        self.organization.add("work_order_assignment", aggregate_id=order["id"], work_order_id=order["id"], **whom)

    def _unassign(self) -> None:
        self._change("work_order_assignment", self._pick("work_order_assignment"), deleted_at=NOW)

    def _join(self) -> None:
        team, person = self.dice.choice(self.teams), self.dice.choice(self.people)
        self.organization.add("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=person["id"])

    def _leave(self) -> None:
        self._change("team_member", self._pick("team_member"), deleted_at=NOW)

    def _move(self) -> None:
        site = self.dice.choice(self.sites)
        self._change("work_order", self._pick("work_order"), site_id=site["id"], asset_id=self._asset())

    def _move_asset(self) -> None:
        self._change("asset", self._pick("asset"), site_id=self.dice.choice(self.sites)["id"])

    def _finish(self) -> None:
        status, at = self.dice.choice(["closed", "cancelled", "in_progress", "new"]), instant_text(ENDED_AT)
        closed_at = at if status == "closed" else None
        self._change("work_order", self._pick("work_order"), status=status, closed_at=closed_at, updated_at=at)

    def _night(self) -> None:
        moment = ENDED_AT + timedelta(days=self.dice.choice([10, 20, 100]))
        end_windows(self.organization.database, self.organization.id, at=moment)

    def _delete(self) -> None:
        self._change("work_order", self._pick("work_order"), deleted_at=instant_text(ENDED_AT))

    def _role(self) -> None:
        self._change("site_access", self._pick("site_access"), role=self.dice.choice(["technician", "supervisor"]))

    def _access(self) -> None:
        person, site = self.dice.choice(self.people), self.dice.choice(self.sites)
        has = [
            row
            for row in self.organization.rows("site_access")
            if (row["person_id"], row["site_id"], row["deleted_at"]) == (person["id"], site["id"], None)
        ]
        if has:
            self._change("site_access", has[0], deleted_at=NOW)
        else:
            values = {"person_id": person["id"], "site_id": site["id"], "role": "technician"}
            self.organization.add("site_access", aggregate_id=person["id"], **values)

    def _say(self) -> None:
        if order := self._pick("work_order"):
            values = {
                "work_order_id": order["id"],
                "author_id": self.people[0]["id"],
                "text": "Said.",
                "written_at": NOW,
            }
            self.organization.add("comment", aggregate_id=order["id"], **values)

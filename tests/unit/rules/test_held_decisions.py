"""Who decides about a held change: a supervisor of its site, never its author; without a site a manager."""

import pytest

from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import may_decide

SITE = "00000000-0000-7000-8000-00000000b001"
AUTHOR = "00000000-0000-7000-8000-00000000a001"


@pytest.mark.parametrize(
    ("role", "site_roles", "site_id", "code"),
    [
        ("supervisor", {SITE: "supervisor"}, SITE, None),
        ("supervisor", {}, SITE, "not_allowed"),
        ("technician", {SITE: "supervisor"}, SITE, None),
        ("technician", {SITE: "technician"}, SITE, "not_allowed"),
        ("planner", {SITE: "planner"}, SITE, "not_allowed"),
        ("manager", {}, SITE, None),
        ("manager", {}, None, None),
        ("supervisor", {SITE: "supervisor"}, None, "not_allowed"),
    ],
)
def test_the_role_at_the_site_counts(
    role: str, site_roles: dict[str, str], site_id: str | None, code: str | None
) -> None:
    problem = may_decide(Actor("someone", role, site_roles), author_id=AUTHOR, site_id=site_id)
    assert (problem.code if problem else None) == code


def test_nobody_decides_about_his_own_change() -> None:
    problem = may_decide(Actor(AUTHOR, "admin"), author_id=AUTHOR, site_id=SITE)
    assert problem is not None
    assert problem.code == "own_work"

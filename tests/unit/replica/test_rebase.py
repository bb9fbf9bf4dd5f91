"""Corners of the replay that a random walk seldom reaches; the laws themselves: tests/property/test_rebase_laws.py."""

from sync_server.contract.codec import json_scalar
from sync_server.contract.rules.draft import Key
from tests.support.replicas import SCOPE, SITE, TECHNICIAN, Field, sign, uid

ORDER = uid(1)
CONFLICT = uid(300)


def add_conflict(field: Field) -> None:
    """A conflict about the order's priority, which the technician settles on the device for his own value."""
    field.add(
        "conflict",
        300,
        ORDER,
        target_entity="work_order",
        target_id=ORDER,
        field="priority",
        kind="field",
        base_value=json_scalar("medium"),
        mine_value=json_scalar("critical"),
        theirs_value=json_scalar("medium"),
        mutation_id=uid(301),
    )
    field.pull()
    chosen = (json_scalar("medium"), json_scalar("critical"))
    with field.replica.write() as write:
        write.mutate(
            "conflict.resolve",
            entity="conflict",
            id=CONFLICT,
            set={"resolution": (None, "mine"), "resolved_value": chosen, "reason": (None, None)},
        )


def test_a_replay_that_comes_to_read_other_rows_takes_their_edits_along_in_order(field: Field) -> None:
    """The resolution touched nothing while its conflict was gone; a later edit of the order still comes after it."""
    add_conflict(field)
    gone = field.server.rows.pop(("conflict", CONFLICT))
    field.server.join(SCOPE, ORDER, "work_order")
    field.pull()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "medium"
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="low", asset_text="P-9")
    field.server.commit({("conflict", CONFLICT): gone})
    field.pull()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "critical"  # old value of the later edit was medium: it loses, as it will at the server
    assert row["asset_text"] == "P-9"
    field.sync()
    field.assert_converged()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["priority"] == "critical"


def test_an_edit_without_effect_comes_back_when_it_has_one_again(field: Field) -> None:
    with field.replica.write() as write:
        write.set("checklist_item", uid(11), note="Loose")
    field.server.change("checklist_item", uid(11), deleted_at="2026-03-02T10:00:00.000000Z")
    field.pull()
    assert field.replica.get("checklist_item", uid(11)) is None
    field.server.change("checklist_item", uid(11), deleted_at=None)
    field.pull()
    row = field.replica.get("checklist_item", uid(11))
    assert row is not None
    assert row["note"] == "Loose"


def test_a_commit_that_the_row_already_holds_is_not_replayed_over_newer_values(field: Field) -> None:
    """Acknowledged, and its row came with a scope that was fetched before the next pull: the row says so itself."""
    with field.replica.write() as write:
        write.set("work_order", ORDER, asset_text="P-5")
    field.server.allowed.append("review:later")
    batch = field.replica.outbox.seal_next(sign)
    assert batch is not None
    verdicts = field.server.push(each.sealed for each in batch.mutations)
    field.server.change("work_order", ORDER, asset_text=None)
    field.replica.outbox.record_verdicts(verdicts)
    field.server.join("review:later", ORDER, "work_order")
    field.fetch("review:later")
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["asset_text"] is None
    field.pull()
    field.assert_converged()


def test_a_new_order_stays_visible_while_its_scope_is_still_to_be_fetched(field: Field) -> None:
    """Invariants 9 and 10: the pull contains the commit, but not the scope that the order is in."""
    with field.replica.write() as write:
        made = write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
    field.server.allowed.append("site:new")
    field.server.join("site:new", made, "work_order")
    field.push()
    field.server.scopes[SCOPE].pop(made, None)
    field.pull_once()
    assert field.replica.state().bootstrap == ("site:new",)
    assert field.replica.get("work_order", made) is not None
    assert len(field.replica.outbox.acknowledged()) == 1
    field.fetch("site:new")
    field.pull_once()
    assert field.replica.outbox.acknowledged() == ()
    field.assert_converged()


def test_an_order_that_reaches_no_scope_of_the_device_goes_with_its_pull(field: Field) -> None:
    with field.replica.write() as write:
        made = write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
    field.push()
    del field.server.scopes[SCOPE][made]
    field.pull()
    assert field.replica.get("work_order", made) is None
    field.assert_converged()


def test_a_new_role_counts_for_what_is_not_sent_yet(field: Field) -> None:
    """As it will at the server: a technician's request becomes the planner's decision."""
    due = "2026-04-01T08:00:00.000000Z"
    with field.replica.write() as write:
        write.set("work_order", ORDER, due_at=due)
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["due_at"] is None
    field.server.join(SCOPE, TECHNICIAN, "person")
    field.add_person(TECHNICIAN, "planner")
    field.pull()
    row = field.replica.get("work_order", ORDER)
    assert row is not None
    assert row["due_at"] == due


def test_a_thousand_edits_are_replayed_only_where_something_changed(field: Field) -> None:
    for number in range(2, 40):
        field.add_order(number)
    field.pull()
    for number in range(1, 40):
        with field.replica.write() as write:
            write.set("work_order", uid(number), priority="critical")
    touched: list[frozenset[Key]] = []
    field.replica.subscribe(touched.append)
    field.server.change("work_order", ORDER, title="Newer")
    field.pull()
    assert touched == [frozenset({("work_order", ORDER)})]


def test_edits_made_on_one_order_by_two_people_of_one_tablet_do_not_mix(field: Field) -> None:
    """Two people are two replicas: what one has not sent, the other does not see."""
    other = Field(field.folder / "other", server=field.server)
    other.pull()
    with field.replica.write() as write:
        write.create(
            "comment", {"work_order_id": ORDER, "author_id": TECHNICIAN, "text": "Hi", "written_at": write.now}
        )
    assert [key for key in other.visible() if key[0] == "comment"] == []
    field.sync()
    other.pull()
    assert [key for key in other.visible() if key[0] == "comment"] != []
    other.replica.close()

"""A device without a readable cursor reads afresh: what was lost meanwhile goes, what is unsent waits."""

from tests.support.replicas import SCOPE, Field
from tests.unit.replica.order_one import ORDER, OTHER, edit, of_order, traces


def lose_cursor(field: Field) -> None:
    """What the engine does when the server does not know the cursor."""
    field.replica.remember(cursor=None)


def test_a_scope_that_was_lost_while_the_cursor_was_is_gone_after_reading_afresh(field: Field) -> None:
    other = field.add_order(5, scope=OTHER)
    field.server.allowed = [SCOPE, OTHER]
    field.pull()
    assert traces(field, other) == ["work_order", "member"]
    field.server.allowed = [SCOPE]
    lose_cursor(field)
    field.pull()
    assert traces(field, other) == []
    field.assert_converged()


def test_a_scope_that_is_lost_before_it_was_fetched_again_is_gone(field: Field) -> None:
    other = field.add_order(5, scope=OTHER)
    field.server.allowed = [SCOPE, OTHER]
    field.pull()
    lose_cursor(field)
    field.pull_once()
    assert traces(field, other) == ["work_order", "member"]
    field.server.allowed = [SCOPE]
    field.pull()
    assert traces(field, other) == []


def test_an_edit_in_a_scope_lost_with_the_cursor_waits_for_its_answer(field: Field) -> None:
    edit(field, title="Mine")
    field.server.allowed = [OTHER]
    lose_cursor(field)
    field.pull()
    assert of_order(field) == set()
    assert traces(field, ORDER) == ["shadow", "hidden_aggregate"]
    assert [entry.state for entry in field.replica.outbox.waiting()] == ["pending"]


def test_a_scope_that_is_read_afresh_holds_nothing_that_left_meanwhile(field: Field) -> None:
    stays = field.add_order(5)
    field.pull()
    field.server.leave(SCOPE, ORDER)
    lose_cursor(field)
    field.pull()
    assert (traces(field, ORDER), traces(field, stays)) == ([], ["work_order", "member"])
    field.assert_converged()

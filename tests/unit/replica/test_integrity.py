"""Digests: the same as the server's, over the server's rows, whatever lies over them."""

import shutil
from functools import reduce
from operator import xor
from pathlib import Path

from cmms_desktop.replica.integrity import aggregate_term, differing_scopes, digests_of, scope_digest
from cmms_desktop.replica.transaction import Replica
from sync_server.storage.scope_index import share
from tests.support.replicas import KEY, SCOPE, SITE, TECHNICIAN, Field, sign, uid

ORDER = uid(1)


def served(field: Field, scope: str = SCOPE) -> tuple[int, int]:
    """The digest as the server's own code computes it from its own rows."""
    live = [each for each, line in field.server.scopes[scope].items() if line.live]
    digests = dict.fromkeys(live, 0)
    for one in field.server.rows.values():
        if one["aggregate_id"] in digests and one["deleted_at"] is None:
            digests[str(one["aggregate_id"])] ^= int(one["row_hash"] or 0)
    return reduce(xor, (share(*each) for each in digests.items()), 0), len(digests)


def held(field: Field, scope: str = SCOPE) -> tuple[int, int]:
    with field.replica.read() as reading:
        return scope_digest(reading.cursor, scope)


def test_both_sides_compute_the_same_digest(field: Field) -> None:
    field.add_order(2)
    field.pull()
    assert held(field) == served(field) != (0, 2)


def test_an_aggregate_counts_as_the_server_counts_it() -> None:
    assert aggregate_term(ORDER, -7) == share(ORDER, -7)


def test_tombstones_do_not_count(field: Field) -> None:
    before = held(field)
    field.server.change("checklist_item", uid(11), deleted_at="2026-03-02T10:00:00.000000Z")
    field.pull()
    assert held(field) == served(field) != before


def test_open_edits_do_not_change_a_digest(field: Field) -> None:
    before = held(field)
    with field.replica.write() as write:
        write.set("work_order", ORDER, priority="critical")
        write.create(
            "comment", {"work_order_id": ORDER, "author_id": TECHNICIAN, "text": "Hi", "written_at": write.now}
        )
        write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
    assert held(field) == before == served(field)
    field.server.change("work_order", ORDER, title="Newer")
    field.pull()
    assert held(field) == served(field) != before
    assert field.replica.outbox.seal_next(sign) is not None
    field.sync()
    assert held(field) == served(field)


def test_a_row_that_differs_is_found_and_its_aggregate_named(field: Field) -> None:
    field.add_order(2)
    field.pull()
    told = {SCOPE: held(field)}
    with field.replica.read() as reading:
        good = digests_of(reading.cursor, SCOPE)
        assert differing_scopes(reading.cursor, told) == ()
    with field.replica.database.writer() as handle:
        handle.cursor.execute("DELETE FROM checklist_item WHERE id = ?", (uid(11),))
    with field.replica.read() as reading:
        assert differing_scopes(reading.cursor, told) == (SCOPE,)
        bad = digests_of(reading.cursor, SCOPE)
    assert [each for each in good if good[each] != bad[each]] == [ORDER]


def test_an_empty_scope_is_zero(field: Field) -> None:
    assert held(field, "site:none") == (0, 0)


def test_only_a_program_that_ended_without_closing_its_store_is_said_to_have_been_killed(
    field: Field, tmp_path: Path
) -> None:
    field.replica.close()
    with Replica.open(field.folder / "replica.db", KEY) as replica:
        assert not replica.was_killed
        with replica.write() as write:
            write.set("work_order", ORDER, priority="critical")
        shutil.copytree(field.folder, tmp_path / "as it lay there")
    with Replica.open(tmp_path / "as it lay there" / "replica.db", KEY) as replica:
        assert replica.was_killed

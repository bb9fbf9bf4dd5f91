"""Protections of what the server writes and reads."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

FEED: Final = "sync_server/storage/feed.py"
MEMBERSHIP: Final = "sync_server/storage/membership.py"
ACCESS: Final = "sync_server/application/access.py"
CLOCK: Final = "sync_server/storage/org_clock.py"
UNIT: Final = "sync_server/application/apply_unit.py"
WORK: Final = "sync_server/application/unit_of_work.py"
PUSH: Final = "sync_server/application/push.py"
CONCURRENCY: Final = "tests/integration/test_concurrency.py"
CHAIN: Final = "tests/integration/test_push_chain.py"

SERVER: Final = (
    Mutant(
        "no-dedupe",
        "A second delivery finds the verdict of the first.",
        (
            Edit(
                UNIT,
                "stored = unit.known.stored",
                "stored: dict[str, Stored] = {}",
            ),
        ),
        (f"{CHAIN}::test_invariant_3_a_second_delivery_gets_the_same_bytes_and_has_no_effect",),
    ),
    Mutant(
        "no-verdict-kept",
        "A verdict commits with its effect.",
        (
            Edit(
                UNIT,
                "return applied_mutations.record(\n"
                "            connection, caller.organization_id, caller.device_id, commit.seq, answers, chain=chain\n"
                "        )",
                "return {each.mutation_id: applied_mutations.text_of(each) for each, _, _ in answers}",
            ),
        ),
        ("tests/faults/test_lost_answers.py::test_a_push_whose_answer_is_lost_is_answered_alike_and_counts_once",),
    ),
    Mutant(
        "one-id-on-two-connections",
        "Whoever records a verdict second starts again.",
        (
            Edit(
                "sync_server/storage/applied_mutations.py",
                "if made is None or made[0] != len(rows):",
                "if made is None or made[0] > len(rows):",
            ),
        ),
        ("tests/integration/test_push_races.py::test_one_id_from_two_devices_at_the_same_moment_counts_once",),
    ),
    Mutant(
        "feed-by-sequence",
        "Commits become visible in the order of their numbers: the clock is held until the commit.",
        (
            Edit(
                CLOCK,
                '''"with tick as (update org_clock set seq = seq + 1,"
        " membership_seq = case when %s then seq + 1 else membership_seq end"
        " where organization_id = %s returning organization_id, seq, epoch, membership_seq),"''',
                '''"with tick as (select organization_id, pg_current_xact_id()::text::bigint as seq, epoch,"
        " case when %s then membership_seq else membership_seq end as membership_seq"
        " from org_clock where organization_id = %s),"''',
            ),
            Edit(FEED, '"select c.seq, coalesce(o.nonce, 0)', '"select coalesce(o.seq, 0), coalesce(o.nonce, 0)'),
            Edit(
                FEED,
                "and o.seq = c.seq where c.organization_id = %s",
                "and o.seq = (select max(n.seq) from org_commit n"
                " where n.organization_id = c.organization_id) where c.organization_id = %s",
            ),
        ),
        (f"{CONCURRENCY}::test_a_reader_misses_no_commit_of_many_writers",),
    ),
    Mutant(
        "membership-before-the-clock",
        "What a commit means for membership is asked under the clock.",
        (
            Edit(
                WORK,
                "        inputs = self._membership_inputs()\n        commit",
                "        inputs = self._membership_inputs()\n"
                "        asked = membership.sources(self.connection, self.organization_id, inputs)\n        commit",
            ),
            Edit(
                WORK,
                "            asked = membership.sources(self.connection, self.organization_id, inputs)\n",
                "",
            ),
        ),
        (f"{CONCURRENCY}::test_assigning_to_a_team_and_joining_it_at_once_never_miss_each_other",),
    ),
    Mutant(
        "digest-keeps-what-went",
        "The digest of an aggregate loses the hash that a row had.",
        (Edit(WORK, "^ _share(self.loaded.get(key)) ^ _share(row)", "^ _share(row)"),),
        (
            "tests/integration/test_unit_of_work.py"
            "::test_invariant_22_digests_follow_what_is_made_edited_deleted_and_brought_back",
        ),
    ),
    Mutant(
        "foreign-assets-lent",
        "An order lends no asset of a site that its holder may not enter.",
        (Edit(MEMBERSHIP, "where t.site_id = h.site_id or exists (", "where true or exists ("),),
        (
            "tests/security/test_foreign_assets.py::test_an_edit_lends_nothing_of_another_site",
            "tests/security/test_foreign_assets.py::test_an_imported_list_lends_nothing_of_another_site",
        ),
    ),
    Mutant(
        "a-moved-asset-stays-lent",
        "Who holds an asset for an order is asked again when the asset moves.",
        (Edit(MEMBERSHIP, '    if "asset" in found:', '    if "asset" in found and not changed:'),),
        ("tests/security/test_foreign_assets.py::test_a_card_is_lent_as_long_as_it_is_of_the_order_s_site",),
    ),
    Mutant(
        "access-lends-nothing",
        "Who may enter a site is asked for the assets that his orders name there.",
        (Edit(MEMBERSHIP, '    "site_access": frozenset({"deleted_at"}),\n', ""),),
        (
            "tests/security/test_foreign_assets.py::test_who_enters_the_other_site_gets_the_card_and_gives_it_back_with_his_access",
        ),
    ),
    Mutant(
        "site-named-in-passing",
        "A site that a mutation only names does not say where its record is.",
        (
            Edit(
                ACCESS,
                'return mutation.set.get("site_id", (None, None))[1] if is_made else None',
                'return mutation.set.get("site_id", (None, None))[1]',
            ),
        ),
        ("tests/security/test_site_rights.py::test_a_site_that_is_named_in_passing_opens_no_team",),
    ),
    Mutant(
        "permission-unasked",
        "Who holds a record does with it what the matrix gives him, and nothing else.",
        (
            Edit(
                ACCESS,
                "else Access(may_do(actor, mutation.type, place))",
                "else Access()",
            ),
        ),
        ("tests/security/test_permission_matrix.py",),
    ),
    Mutant(
        "change-of-a-record-judged-by-its-root",
        "What nobody can do is refused before anybody looks whether the record is there.",
        (
            Edit(
                ACCESS,
                "return FOLLOWS if is_kept(mutation.type) else impossible(mutation.type)",
                "return FOLLOWS if is_kept(mutation.type) else None",
            ),
        ),
        ("tests/integration/test_no_empty_tables.py::test_each_role_changes_exactly_what_the_rules_let_it",),
    ),
    Mutant(
        "visits-of-others",
        "A technician corrects his own visits only.",
        (
            Edit(
                "sync_server/contract/rules/permission.py",
                "return place.is_held and place.is_own",
                "return place.is_held",
            ),
        ),
        ("tests/security/test_permission_matrix.py::test_a_colleague_s_visit_is_not_a_technician_s_to_change",),
    ),
    Mutant(
        "moved-anywhere",
        "Who moves a record to a site has rights there.",
        (
            Edit(
                UNIT,
                "outcome.problem or named.problem or access.may_place(actor, outcome.changes, unit.work.get)",
                "outcome.problem",
            ),
        ),
        (
            "tests/security/test_site_rights.py::test_nobody_moves_an_order_to_a_site_where_he_may_do_nothing",
            "tests/security/test_site_rights.py::test_a_request_to_move_is_granted_only_by_who_may_write_where_it_goes",
        ),
    ),
    Mutant(
        "uploads-of-who-is-away-collected",
        "An upload waits for a device of its author that has been away since.",
        (
            Edit(
                "sync_server/storage/blobs.py",
                "coalesce(d.last_seen_at, d.enrolled_at) < %(since)s)",
                "coalesce(d.last_seen_at, d.enrolled_at) > %(since)s + interval '1000 years')",
            ),
        ),
        ("tests/integration/test_collected_files.py::test_a_device_that_has_been_away_since_goes_on_where_it_stopped",),
    ),
    Mutant(
        "told-wipes-withdrawn",
        "A wipe that any answer has carried is not undone.",
        (
            Edit(
                "sync_server/storage/device_commands.py",
                '"update device_command set is_withdrawable = false,"',
                '"update device_command set"',
            ),
        ),
        (
            "tests/integration/test_device_standing.py"
            "::test_a_wipe_that_was_told_is_not_undone_when_the_person_is_active_again",
        ),
    ),
    Mutant(
        "for-update",
        "Rows are locked so that checks of references to them, which come after the clock, do not wait.",
        (
            Edit(
                "sync_server/storage/wire_rows.py",
                'order by t.id for no key update) r"',
                'order by t.id for update) r"',
            ),
        ),
        (f"{CONCURRENCY}::test_what_is_being_edited_is_referred_to_meanwhile",),
    ),
    Mutant(
        "locks-in-any-order",
        "Rows are locked by id, whoever asks.",
        (
            Edit(
                "sync_server/storage/wire_rows.py",
                'order by t.id for no key update) r"',
                'order by md5(t.id::text || pg_backend_pid()) for no key update) r"',
            ),
        ),
        (f"{CONCURRENCY}::test_pushes_over_the_same_aggregates_in_any_order_never_deadlock",),
    ),
    Mutant(
        "no-nonce",
        "A cursor names the nonce of its commit: the same number in another history is a fork.",
        (
            Edit(
                "sync_server/application/pull.py",
                "if cursor.epoch != now.epoch or (cursor.top > 0 and nonce != cursor.nonce):",
                "if cursor.epoch != now.epoch or (cursor.top > 0 and nonce is None):",
            ),
        ),
        ("tests/integration/test_pull.py::test_a_cursor_of_another_history_is_a_fork",),
    ),
    Mutant(
        "group-in-parts",
        "A group counts whole or not at all.",
        (
            Edit(
                UNIT,
                "            work.changed, work.stamped, work.readings = before\n",
                "",
            ),
        ),
        ("tests/integration/test_push.py::test_a_rejected_member_refuses_its_whole_group",),
    ),
    Mutant(
        "poison-stops-all",
        "What cannot be applied is refused alone.",
        (
            Edit(
                PUSH,
                "        if len(unit) > 1:\n            middle",
                "        if not unit:\n            middle",
            ),
            Edit(
                PUSH,
                "[refused(unit[0], _problem_of(error))]",
                "[refused(g, _problem_of(error)) for g in unit]",
            ),
        ),
        (f"{CHAIN}::test_a_change_that_breaks_the_program_is_refused_alone_and_reported",),
    ),
    Mutant(
        "rows-of-a-torn-moment",
        "A pull reads one moment.",
        (
            Edit(
                "sync_server/application/pull.py",
                "isolation=IsolationLevel.REPEATABLE_READ",
                "isolation=IsolationLevel.READ_COMMITTED",
            ),
        ),
        (f"{CONCURRENCY}::test_a_reader_misses_no_commit_of_many_writers",),
    ),
    Mutant(
        "slice-of-a-later-clock",
        "A scope that is fetched in slices counts from the clock of the first one.",
        (
            Edit(
                "sync_server/application/pull.py",
                "return token if is_of_now else first",
                "return Token(token.epoch, token.scope, now.seq, now.nonce, token.after) if is_of_now else first",
            ),
        ),
        ("tests/integration/test_bootstrap.py::test_what_happens_between_slices_comes_with_the_next_pull",),
    ),
    Mutant(
        "loser-forgotten",
        "Of two values for one field the second is kept.",
        (
            Edit(
                "sync_server/contract/rules/policy.py",
                "outcome = Outcome(status, draft.changes, tuple(draft.conflicts), readings=tuple(draft.readings))",
                "outcome = Outcome(status, draft.changes, readings=tuple(draft.readings))",
            ),
        ),
        (
            "tests/integration/test_push.py::test_two_values_for_one_field_leave_the_first_and_keep_the_second_in_a_conflict",
        ),
    ),
)

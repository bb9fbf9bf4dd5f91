"""Protections of the server against whoever asks: another tenant, another device, a forger, a former member."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

UNIT: Final = "sync_server/application/apply_unit.py"
PUSH: Final = "sync_server/application/push.py"
CHAIN: Final = "tests/integration/test_push_chain.py"
SCHEMA: Final = "sync_server/migrations/versions/0001_create_first_schema.py"
ROWS: Final = "tests/security/test_row_level_security.py"
CATALOG: Final = "tests/security/test_catalog_doors.py"
KEPT: Final = "tests/security/test_what_connections_keep.py"

FUZZ: Final = (
    "tests/fuzz/test_fuzz.py::test_invariant_28_no_request_of_any_role_shows_changes_or_hints_at_what_is_not_his"
)

DOORS: Final = (
    Mutant(
        "session-set",
        "The tenant is set for one transaction.",
        (
            Edit(
                "sync_server/storage/tenant_connection.py",
                "set_config('app.organization_id', {tenant}, true)",
                "set_config('app.organization_id', {tenant}, false)",
            ),
        ),
        (
            "tests/integration/test_engine.py::test_the_tenant_does_not_outlive_its_transaction",
            f"{KEPT}::test_however_a_transaction_ends_its_tenant_is_gone",
        ),
    ),
    Mutant(
        "no-forced-row-security",
        "Row security binds the owner of the tables, too.",
        (
            Edit(
                SCHEMA,
                " ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
                "",
            ),
        ),
        (f"{ROWS}::test_the_owner_of_the_tables_is_bound_like_anybody_else",),
    ),
    Mutant(
        "names-of-the-unseen",
        "Naming what one never saw is naming nothing.",
        (Edit("sync_server/application/naming.py", "return Access(IN_NOBODYS_SIGHT)", "return Access()"),),
        (
            "tests/security/test_unseen_names.py"
            "::test_invariant_28_naming_what_is_unseen_is_answered_like_naming_nothing",
        ),
    ),
    Mutant(
        "ids-of-other-kinds",
        "No thing is made under the id of another kind of thing.",
        (Edit("sync_server/application/unit_of_work.py", "            self._require_own_ids()\n", ""),),
        ("tests/security/test_shared_ids.py::test_a_thing_under_the_id_of_a_foreign_one_opens_nothing_of_it",),
    ),
    Mutant(
        "policy-using-true",
        "A policy shows the rows of one organization.",
        (Edit(SCHEMA, 'rule = f"organization_id = {THIS_ORGANIZATION}"', 'rule = "true"'),),
        ("tests/security/test_side_doors.py::test_no_way_of_reading_shows_the_other_organization",),
    ),
    Mutant(
        "single-column-key",
        "A key starts with the organization.",
        (
            Edit(
                "sync_server/migrations/versions/0001_create_first_schema/records.sql",
                "CONSTRAINT pk_personal_value PRIMARY KEY (organization_id, id)",
                "CONSTRAINT pk_personal_value PRIMARY KEY (id)",
            ),
        ),
        ("tests/security/test_side_doors.py::test_a_row_of_the_other_organization_stands_in_nobodys_way",),
    ),
    Mutant(
        "plain-view",
        "A view runs with the rights of whoever asks; there is none that does not.",
        (
            Edit(
                SCHEMA,
                '_run_file("grants")',
                '_run_file("grants")\n    _run("CREATE VIEW order_list AS TABLE work_order;'
                ' GRANT SELECT ON order_list TO cmms_app_office")',
            ),
        ),
        (f"{CATALOG}::test_all_doors_are_shut_as_the_migrations_leave_them",),
    ),
    Mutant(
        "site-policy-on-the-write-path",
        "The policy by site narrows what the office reads, and nothing else.",
        (
            Edit(
                SCHEMA,
                "AS RESTRICTIVE FOR SELECT TO cmms_app_office USING",
                "AS RESTRICTIVE FOR SELECT TO cmms_app_office, cmms_app_sync USING",
            ),
        ),
        (f"{ROWS}::test_the_sites_of_the_office_narrow_neither_pull_nor_push",),
    ),
    Mutant(
        "open-doors-served",
        "A server does not serve while a door stands open.",
        (Edit("sync_server/storage/engine.py", "check_catalog(connection, is_own_schema=is_own_schema)", "pass"),),
        (f"{CATALOG}::test_the_server_refuses_while_a_door_stands_open",),
    ),
    Mutant(
        "policy-that-also-names-the-organization",
        "A policy is nothing but the comparison with the organization.",
        (
            Edit(
                "sync_server/storage/catalog_doors.py",
                "ELSE shown = wanted AND",
                "ELSE strpos(shown, wanted) > 0 AND",
            ),
        ),
        (f"{CATALOG}::test_whatever_opens_a_door_is_found",),
    ),
    Mutant(
        "restriction-told-apart",
        "Whatever stands in the way of a key or reference has one answer.",
        (Edit("sync_server/storage/translation.py", '"23001", "23503"', '"23503"'),),
        ("tests/security/test_neutral_refusals.py::test_every_violation_of_integrity_has_one_of_two_answers",),
    ),
    Mutant(
        "less-work-for-nobody",
        "A sign-in costs the same whatever is wrong with it.",
        (
            Edit(
                "sync_server/application/sessions.py",
                "self._note_failure(organization_id or NOBODYS, NOBODYS, at)",
                "pass",
            ),
        ),
        ("tests/security/test_resolver.py::test_a_wrong_sign_in_costs_the_same_work_whatever_is_wrong",),
    ),
    Mutant(
        "no-digest-check",
        "An id that was used for another change is refused.",
        (
            Edit(
                UNIT,
                "is_reused = item.digest != (known.body_digest if known else first[item.mutation.mutation_id].digest)",
                "is_reused = known is not None and not known.body_digest",
            ),
        ),
        (f"{CHAIN}::test_an_id_used_again_for_another_change_is_refused_with_an_alarm",),
    ),
    Mutant(
        "seal-not-verified",
        "A batch is what its device sealed.",
        (Edit(PUSH, "if not verify(device.public_key, seal.sig, message):", "if not message:"),),
        (f"{CHAIN}::test_another_devices_seal_is_refused",),
    ),
    Mutant(
        "chain-not-verified",
        "The changes of a device follow one another.",
        (
            Edit(
                "sync_server/storage/devices.py",
                'if verdict.kind == "broken":',
                'if verdict.kind == "broken" and not links:',
            ),
        ),
        (f"{CHAIN}::test_a_chain_that_does_not_fit_is_refused",),
    ),
    Mutant(
        "signature-not-checked",
        "A statement counts when its signer's key signed it.",
        (
            Edit(
                "sync_server/application/signatures.py",
                'return said if verify(public_key, str(value.get("signature")), message) else None',
                "return said if message else None",
            ),
        ),
        ("tests/integration/test_sign_off.py::test_a_forged_statement_is_refused_with_all_that_rests_on_it",),
    ),
    Mutant(
        "revoked-device-served",
        "A revoked device is served nothing.",
        (
            Edit(
                "sync_server/authz/claims.py",
                "if device.is_revoked or device.person_id != asker.person_id:",
                "if device.person_id != asker.person_id:",
            ),
        ),
        ("tests/security/test_endpoints.py::test_a_revoked_device_is_served_nothing",),
    ),
    Mutant(
        "token-without-its-device",
        "A token counts with a proof of its device's key.",
        (Edit("sync_server/authz/tokens.py", "if not proves(token, proof, public_key):", "if not token:"),),
        ("tests/security/test_endpoints.py::test_no_token_is_worth_anything_without_its_devices_proof",),
    ),
    Mutant(
        "late-work-applied",
        "What a former member changes waits for a person.",
        (
            Edit(
                "sync_server/application/access.py",
                'return Access(held="access_lost")',
                "return Access(is_late=True)",
            ),
        ),
        ("tests/integration/test_late_mutations.py::test_an_edit_from_before_waits_for_a_supervisor",),
    ),
    Mutant(
        "damaged-chunk-taken",
        "A chunk of a photo is compared with its checksum.",
        (
            Edit(
                "sync_server/application/attachments.py",
                "if promised != hashlib.sha256(chunk).digest():",
                "if len(promised) > len(hashlib.sha256(chunk).digest()):",
            ),
        ),
        ("tests/integration/test_blobs.py::test_a_chunk_that_was_damaged_on_the_way_does_not_count",),
    ),
    Mutant(
        "scope-of-another-site",
        "A bootstrap gives a scope only to whom it belongs to.",
        (
            Edit(
                "sync_server/application/pull.py",
                "if request.scope not in scopes_here(connection, caller):",
                "if not request.scope:",
            ),
        ),
        (FUZZ,),
    ),
    Mutant(
        "unseen-told-from-nothing",
        "What is not there and what may not be seen are refused with one sentence.",
        (
            Edit(
                "sync_server/application/access.py",
                "    return Access(NOT_FOUND)\n\n\ndef _covers",
                '    return Access(Problem("not_found", "You may not see this record."))\n\n\ndef _covers',
            ),
        ),
        (FUZZ,),
    ),
)

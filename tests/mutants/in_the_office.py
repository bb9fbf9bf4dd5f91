"""Protections of the records that the office keeps."""

from typing import Final

from tests.mutants.mutant import Edit, Mutant

CHANGES: Final = "tests/integration/test_change_requests.py"
DOCUMENTS: Final = "tests/integration/test_controlled_documents.py"

OFFICE: Final = (
    Mutant(
        "own-approval",
        "Nobody approves what he has written himself.",
        (
            Edit(
                "sync_server/application/records/versions.py",
                '        if row["created_by"] == desk.actor.person_id:\n            raise Refused("own_work",',
                '        if row["created_by"] is None:\n            raise Refused("own_work",',
            ),
        ),
        (f"{DOCUMENTS}::test_nobody_approves_what_he_has_written_and_only_one_version_holds",),
    ),
    Mutant(
        "former-rounds-count",
        "What is handed in again is decided about anew.",
        (
            Edit(
                "sync_server/application/records/changes.py",
                'named: Row = {"change_request_id": change["id"], "round": change["round"]}',
                'named: Row = {"change_request_id": change["id"]}',
            ),
        ),
        (f"{CHANGES}::test_what_is_handed_in_again_is_decided_about_anew",),
    ),
    Mutant(
        "not-only-the-office",
        "Only the office reads its records.",
        (
            Edit(
                "sync_server/application/records/desk.py",
                "if actor is None or not is_office(actor):",
                "if actor is None:",
            ),
        ),
        ("tests/integration/test_office_records.py::test_only_the_office_reads_them",),
    ),
)

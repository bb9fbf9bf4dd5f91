"""Who may sign is judged where the statement is applied, whoever carries it there."""

import msgspec
import pytest

from sync_server.contract.version import MUTATION
from tests.unit.rules.scene import (
    ITEMS,
    ORDER,
    SUPERVISOR,
    TECHNICIAN,
    edit_item,
    edit_order,
    id_of,
    planner,
    scene,
    sign,
    supervisor,
    technician,
)

PERFORMED, APPROVED = id_of("e", 1), id_of("e", 2)


def completed_by(actor, person_id):
    here = scene()
    assert here.apply(sign("performed", PERFORMED, person_id), actor).status == "applied"
    here.rows["work_order", ORDER]["status"] = "completed"
    return here


def test_a_supervisor_signs_off_the_work_of_another():
    here = completed_by(technician, TECHNICIAN)
    assert here.apply(sign("approved", APPROVED, SUPERVISOR), supervisor).status == "applied"


def test_nobody_signs_off_his_own_work():
    here = completed_by(supervisor, SUPERVISOR)
    outcome = here.apply(sign("approved", APPROVED, SUPERVISOR), supervisor)
    assert (outcome.status, outcome.problem.code) == ("rejected", "own_work")
    assert here.order["approved_signature_id"] is None


@pytest.mark.parametrize("actor", [technician, planner])
def test_only_a_supervisor_signs_off(actor):
    here = completed_by(supervisor, SUPERVISOR)
    outcome = here.apply(sign("approved", APPROVED, actor.person_id), actor)
    assert (outcome.status, outcome.problem.code) == ("rejected", "not_allowed")


def test_work_that_is_not_completed_is_not_signed_off():
    outcome = scene().apply(sign("approved", APPROVED, SUPERVISOR), supervisor)
    assert (outcome.status, outcome.problem.code) == ("rejected", "illegal_transition")


@pytest.mark.parametrize("version", [0, MUTATION - 1, MUTATION + 1, -1])
def test_a_change_of_a_version_that_is_not_known_is_refused_whole(version):
    made = msgspec.structs.replace(sign("performed", PERFORMED), v=version)
    assert scene().apply(made).problem.code == "unknown_type"


def test_a_statement_in_another_role_than_the_signer_s_is_refused():
    made = sign("performed", PERFORMED)
    made = msgspec.structs.replace(made, set={**made.set, "signer_role": (None, "manager")})
    assert scene().apply(made).problem.code == "signature_invalid"


def test_returned_work_is_signed_anew_before_it_is_completed_again():
    here = completed_by(technician, TECHNICIAN)
    back = edit_order(status=("completed", "in_progress"), status_reason=(None, "A photo is missing."))
    assert here.apply(back, supervisor).problem is None
    assert here.order["status"] == "in_progress"
    assert (here.order["performed_signature_id"], here.order["is_signature_stale"]) == (None, False)
    again = here.apply(edit_order(status=("in_progress", "completed")))
    assert (again.status, here.order["status"]) == ("conflict", "in_progress")


def test_a_stale_signature_completes_nothing():
    here = scene()
    here.apply(sign("performed", PERFORMED))
    here.apply(edit_item(0, result=(None, "fail")))
    assert here.order["is_signature_stale"] is True
    assert here.apply(edit_order(status=("in_progress", "completed"))).status == "conflict"


def test_nobody_answers_in_the_name_of_another():
    here = scene()
    here.apply(edit_item(0, result=(None, "pass"), answered_by=(None, SUPERVISOR)))
    assert here.rows["checklist_item", ITEMS[0]]["answered_by"] == TECHNICIAN

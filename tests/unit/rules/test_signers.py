"""Who may sign is judged where the statement is applied, whoever carries it there."""

import msgspec
import pytest

from tests.unit.rules.scene import ORDER, SUPERVISOR, TECHNICIAN, id_of, planner, scene, sign, supervisor, technician

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


@pytest.mark.parametrize("version", [0, 2, -1])
def test_a_change_of_a_version_that_is_not_known_is_refused_whole(version):
    made = msgspec.structs.replace(sign("performed", PERFORMED), v=version)
    assert scene().apply(made).problem.code == "unknown_type"

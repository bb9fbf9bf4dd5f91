"""Results of a procedure: judged like answers of a checklist, and the end that follows from them."""

import json

import pytest

from sync_server.contract.problems import Problem
from sync_server.contract.rules.procedures import NO_RESULTS, StepResult, judged, outcome, photos_of, steps_of, text_of

STEPS = steps_of(
    json.dumps(
        [
            {"key": "a", "kind": "pass_fail", "prompt": "Tight"},
            {"key": "b", "kind": "text", "prompt": "Why", "condition": {"item": "a", "is": "fail"}},
        ]
    )
)


def results(**said: dict[str, str]) -> dict[str, StepResult]:
    found = judged(STEPS, json.dumps(said))
    assert not isinstance(found, Problem)
    return found


def test_nothing_is_a_beginning_and_no_end() -> None:
    assert judged(STEPS, NO_RESULTS) == {}
    ended = outcome(STEPS, {})
    assert isinstance(ended, Problem)
    assert (ended.code, "Tight" in ended.sentence, "Why" in ended.sentence) == ("answers_missing", True, False)


def test_a_failure_asks_what_hangs_on_it_and_fails_the_whole() -> None:
    failed = results(a={"result": "fail", "note": "Drops."})
    ended = outcome(STEPS, failed)
    assert isinstance(ended, Problem)
    assert "Why" in ended.sentence
    assert outcome(STEPS, {**failed, **results(b={"value": "Seal"})}) == "failed"
    assert outcome(STEPS, results(a={"result": "pass"})) == "passed"
    assert outcome(STEPS, results(a={"result": "flag", "note": "Soon."})) == "passed"


def test_what_is_not_asked_any_more_does_not_count() -> None:
    """Somebody noted a failure below one that he took back."""
    left = results(a={"result": "pass"}, b={"result": "fail", "note": "Seal", "value": "Seal"})
    assert outcome(STEPS, left) == "passed"


def test_results_are_kept_in_one_form() -> None:
    photo = "0" * 64
    said = results(b={"value": " Seal ", "photo": photo}, a={"result": "pass"})
    assert text_of(said) == f'{{"a":{{"result":"pass"}},"b":{{"photo":"{photo}","result":"pass","value":"Seal"}}}}'
    assert judged(STEPS, text_of(said)) == said
    assert photos_of(said) == {photo}


@pytest.mark.parametrize("text", ["", "[]", "1", '{"a": 1}', '{"a": {"result": 1}}', "{" * 2000, '{"\\ud800": {}}'])
def test_what_is_no_document_of_results_is_refused(text: str) -> None:
    found = judged(STEPS, text)
    assert isinstance(found, Problem)
    assert found.code == "invalid_value"

"""Carrying out a procedure: its steps are items of a checklist, and its results are answers to them.

Pure. Steps are written like the items of a checklist template (template.py), results judged like answers (answer.py):
`{"key of the step": {"result": …, "value": …, "note": …, "photo": …}}`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from sync_server.contract.fields import Row, Scalar
from sync_server.contract.problems import Problem
from sync_server.contract.rules.answer import Answer, judge_answer
from sync_server.contract.rules.checklist import missing, visible
from sync_server.contract.rules.template import instantiate, read_items

NO_RESULTS: Final = "{}"
UNREADABLE: Final = Problem("invalid_value", "The results cannot be read.")


class StepResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody found at a step."""

    result: str | None = None
    value: str | None = None
    note: str | None = None
    photo: str | None = None


def steps_of(text: str) -> list[Row]:
    """Give the steps of a procedure as rows of checklist items. Raises ValueError, a sentence for the author."""
    template: Mapping[str, Scalar] = {"items": text, "id": None, "template_version": 1, "name": ""}
    ids = [str(number) for number in range(len(read_items(text)))]
    _, rows = instantiate(template, work_order_id="", checklist_id="", item_ids=ids)
    return rows


def judged(steps: Iterable[Row], results: str) -> dict[str, StepResult] | Problem:
    """Judge results that somebody wrote, as far as they go; give them as they are to be kept."""
    try:
        given = msgspec.json.decode(results, type=dict[str, StepResult])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return UNREADABLE
    by_key = {str(step["key"]): step for step in steps}
    if not given.keys() <= by_key.keys():
        return Problem("invalid_value", "There is a result of a step that the procedure does not have.")
    kept: dict[str, StepResult] = {}
    for key, said in given.items():
        answer = judge_answer(by_key[key], value=said.value, result=said.result, note=said.note, photo=said.photo)
        if not isinstance(answer, Answer):
            return Problem(answer.code, f"{by_key[key]['prompt']}: {answer.sentence}")
        kept[key] = StepResult(result=answer.result, value=answer.value, note=answer.note, photo=answer.photo_sha256)
    return kept


def outcome(steps: Iterable[Row], results: Mapping[str, StepResult]) -> str | Problem:
    """Say how it ended: `failed` when any step that is asked did, else `passed`; a Problem when a result is missing."""
    nothing = StepResult()
    answered: list[Row] = []
    for step in steps:
        said = results.get(str(step["key"]), nothing)
        answered.append({**step, "result": said.result, "value": said.value})
    unanswered = missing(answered)
    if unanswered:
        named = ", ".join(str(step["prompt"]) for step in unanswered[:3])
        return Problem("answers_missing", f"{len(unanswered)} results are missing: {named}.")
    return "failed" if any(step["result"] == "fail" for step in visible(answered)) else "passed"


def photos_of(results: Mapping[str, StepResult]) -> set[str]:
    """Give the digests of the photos that results name."""
    return {said.photo for said in results.values() if said.photo is not None}


def text_of(results: Mapping[str, StepResult]) -> str:
    """Write results as they are stored, by key."""
    return msgspec.json.encode(results, order="sorted").decode()

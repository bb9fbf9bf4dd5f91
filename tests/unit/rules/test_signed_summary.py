import msgspec
import pytest

from sync_server.contract.problems import Problem
from sync_server.contract.rules.signed_body import PersonalValue, Summary, check_body, first_digits, summary
from tests.unit.rules.statements import a_signed_body, an_order

SIGNED = a_signed_body()


def shown(signed=SIGNED, values=None) -> Summary:
    made = summary(signed.body, signed.personal_values if values is None else values)
    assert isinstance(made, Summary)
    return made


def lines(made: Summary) -> dict[str, dict[str, str]]:
    return {section.title: {line.label: line.text for line in section.lines} for section in made.sections}


def test_the_signer_reads_everything_that_he_signs():
    made = shown()
    assert made.headline == "WO-1001 · Inspect pump"
    assert (made.meaning, made.first_digits) == ("performed", first_digits(SIGNED.body))
    assert made.not_yet_included == ("2 photos not sent yet",)
    said = lines(made)
    assert list(said) == ["Statement", "Pump", "Parts", "Photos", "Time", "Arrival"]
    assert said["Statement"]["Meaning"] == "I did this work."
    assert said["Statement"]["Name"] == "Technician One"
    assert said["Statement"]["Contact"] == "front desk, extension 12"
    assert said["Statement"]["Drawing"] == "drawn"
    assert said["Statement"]["Completion note"] == "Gasket replaced."
    assert said["Statement"]["Device clock against the server"] == "-340 ms"
    assert said["Pump"] == {
        "Question 1": "pass",
        "Pressure": "fail · 5.10 bar · note: Valve stuck · photo aaaaaaaaaaaa",
        "Question 3": "not asked",
    }
    assert said["Parts"] == {"G-7 Gasket": "usage -2.0000 each"}
    assert said["Time"] == {"2026-03-01T08:30:00.000000Z": "work 45 min"}
    assert said["Arrival"]["Position"] == "52.5200066, 13.404954 ± 4 m"
    assert said["Arrival"]["At the site"] == "inside"


def test_erased_values_are_withheld_and_the_rest_stays():
    said = lines(shown(values=()))
    assert said["Statement"]["Name"] == "withheld"
    assert said["Statement"]["Contact"] == "withheld"
    assert said["Statement"]["Drawing"] == "withheld"
    assert said["Arrival"]["Position"] == "withheld"
    assert said["Pump"]["Question 1"] == "pass"


@pytest.mark.parametrize("column", ["value", "salt"])
def test_a_value_that_does_not_open_its_commitment_is_never_shown(column):
    forged = tuple(
        msgspec.structs.replace(value, **{column: '"Somebody Else"' if column == "value" else "A" * 22})
        for value in SIGNED.personal_values
    )
    assert lines(shown(values=forged)) == lines(shown(values=()))


def test_a_value_of_another_path_is_never_shown_in_its_place():
    (name,) = (value for value in SIGNED.personal_values if value.path == "/printed_name")
    moved = PersonalValue(path="/contact", salt=name.salt, value=name.value, commitment=name.commitment)
    assert lines(shown(values=(moved,)))["Statement"]["Contact"] == "withheld"


def test_a_refusal_and_a_return_are_worded_with_their_reason():
    refused = a_signed_body(meaning="refused", role="customer", reason="still leaks", ink=None)
    said = lines(shown(refused))["Statement"]
    assert (said["Meaning"], said["Reason"]) == ("I refuse this work.", "still leaks")
    assert "Drawing" not in said
    returned = a_signed_body(meaning="reviewed", role="supervisor", decision="returned", reason="no photo", ink=None)
    said = lines(shown(returned))["Statement"]
    assert (said["Decision"], said["Reason"]) == ("The work is returned.", "no photo")


def test_what_is_unknown_is_called_unknown():
    arrival = {
        "id": "00000000-0000-7000-8000-000000000031",
        "device_at": "2026-03-01T08:20:00.000000Z",
        "offset_ms": None,
        "is_mock": True,
        "source": "manual",
        "reason": "no sky",
    }
    said = lines(shown(a_signed_body(arrival=arrival, offset_ms=None)))
    assert said["Statement"]["Device clock against the server"] == "never compared"
    assert said["Arrival"] == {
        "Time on the device": "2026-03-01T08:20:00.000000Z",
        "At the site": "unknown",
        "Source": "manual (simulated)",
        "Reason": "no sky",
    }


def test_empty_parts_of_a_statement_take_no_room():
    bare = a_signed_body(checklists=(), movements=(), photos=(), visits=(), arrival=None)
    assert [section.title for section in shown(bare).sections] == ["Statement"]


def test_text_that_looks_like_markup_stays_text():
    title = "<b>Pump</b> &amp; <img src=x>"
    assert shown(a_signed_body(order=an_order(title=title))).headline == f"WO-1001 · {title}"


def test_a_body_with_a_fault_is_not_rendered():
    changed = SIGNED.body.replace(b'"role":"technician"', b'"role":""')
    assert summary(changed) == check_body(changed)[0]
    assert isinstance(summary(b"not a body"), Problem)

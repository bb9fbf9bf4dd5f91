import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import rfc8785

from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.signed_body import check_body, first_digits, sha256_of, signing_input
from tests.unit.rules.statements import INK, a_signed_body, a_statement, an_id, an_item, an_order, the_problem

SIGNED = a_signed_body()
SAID = json.loads(SIGNED.body)


def rewritten(change) -> bytes:
    """The canonical bytes of the body after somebody changed its content."""
    document = json.loads(SIGNED.body)
    change(document)
    return rfc8785.dumps(document)


def codes(body: bytes) -> list[str]:
    return [problem.code for problem in check_body(body)]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def test_what_is_built_has_no_fault_and_is_the_same_every_time():
    assert check_body(SIGNED.body) == []
    assert a_signed_body() == SIGNED
    assert rfc8785.dumps(SAID) == SIGNED.body


def test_the_body_says_who_signed_what_when_and_after_what():
    assert SAID["schema"] == "cmms.signed-statement/1"
    assert (SAID["organization"], SAID["device"], SAID["user"]) == (an_id(5), an_id(6), an_id(4))
    assert (SAID["role"], SAID["meaning"]) == ("technician", "performed")
    assert SAID["at"] == {"device": "2026-03-01T09:30:00.000000Z", "offset_ms": -340}
    assert SAID["order"]["id"] == an_id(1)
    assert SAID["order"]["version"] == 4
    assert SAID["previous"] is None
    assert SAID["not_yet_included"] == ["2 photos not sent yet"]


def test_the_checklist_is_a_full_snapshot_in_its_own_order_with_its_template_version():
    (checklist,) = SAID["checklists"]
    assert (checklist["template_id"], checklist["template_version"]) == (an_id(11), 3)
    assert [item["key"] for item in checklist["items"]] == ["item1", "item2", "item3"]
    assert [item["is_asked"] for item in checklist["items"]] == [True, True, False]
    reading = checklist["items"][1]
    assert (reading["value"], reading["unit"], reading["minimum"]) == ("5.10", "bar", "2.0000")
    assert reading["photo_sha256"] == "a" * 64


def test_parts_photos_visits_and_arrival_are_in_it():
    (part,) = SAID["parts"]
    assert (part["code"], part["quantity"], part["unit"]) == ("G-7", "-2.0000", "each")
    assert [photo["sha256"] for photo in SAID["photos"]] == ["b" * 64]
    assert SAID["visits"][0]["work_minutes"] == 45
    assert (SAID["arrival"]["fence"], SAID["arrival"]["fix_age_s"]) == ("inside", "1.5")


def test_no_personal_value_stands_in_the_body():
    plain = SIGNED.body.decode()
    for secret in ("Technician One", "extension", "52.52", "13.40", "12.345", "[10,10,0]"):
        assert secret not in plain
    assert {value.path for value in SIGNED.personal_values} == {
        "/printed_name",
        "/contact",
        "/ink",
        "/arrival/position",
    }


def test_every_commitment_opens_with_its_value_and_with_no_other():
    for value in SIGNED.personal_values:
        node = SAID
        for name in value.path.strip("/").split("/"):
            node = node[name]
        assert node == {"c": value.commitment}
        assert signed_body.open_commitment(value.commitment, value.salt, value.value)
        others = [other for other in SIGNED.personal_values if other is not value]
        assert not any(signed_body.open_commitment(value.commitment, other.salt, other.value) for other in others)
    assert len({value.salt for value in SIGNED.personal_values}) == 4


def test_the_committed_ink_is_the_drawing_and_the_position_is_text():
    by_path = {value.path: json.loads(value.value) for value in SIGNED.personal_values}
    assert by_path["/ink"] == [[list(point) for point in stroke] for stroke in INK]
    assert by_path["/arrival/position"] == {
        "latitude": "52.5200066",
        "longitude": "13.404954",
        "accuracy_m": "4",
        "distance_m": "12.345678901",
    }


def test_numbers_are_whole_and_everything_else_is_text():
    def walk(value: Any) -> None:
        assert not isinstance(value, float)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    walk(SAID)


def test_every_flipped_bit_changes_the_digest_and_almost_none_is_a_statement():
    digest, still_shaped = sha256_of(SIGNED.body), 0
    for place in range(len(SIGNED.body)):
        changed = bytearray(SIGNED.body)
        changed[place] ^= 1
        assert sha256_of(bytes(changed)) != digest
        assert signing_input("performed", bytes(changed)) != signing_input("performed", SIGNED.body)
        still_shaped += not check_body(bytes(changed))
    assert 0 < still_shaped < len(SIGNED.body)  # a changed letter of a text is another statement: the digest tells


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"NaN",
        SIGNED.body + b"\n",
        b" " + SIGNED.body,
        b"\xef\xbb\xbf" + SIGNED.body,
        SIGNED.body[:-1],
        SIGNED.body.replace(b'"reason":null', b'"reason":null,"reason":null'),
        SIGNED.body.replace(b'"reason":null', b'"reason": null'),
        SIGNED.body.replace(b'"offset_ms":-340', b'"offset_ms":-340.0'),
        SIGNED.body.replace(b'"offset_ms":-340', b'"offset_ms":-3.4e2'),
        SIGNED.body.replace(b'"offset_ms":-340', b'"offset_ms":NaN'),
        SIGNED.body.replace(b'"offset_ms":-340', b'"offset_ms":1e999'),
        SIGNED.body.replace(b'"offset_ms":-340', b'"offset_ms":9007199254740993'),
        SIGNED.body.replace(b'"offset_ms":-340', b'"offset_ms":true'),
        SIGNED.body.replace(b"Inspect", b"In\\u0073pect"),
        SIGNED.body.replace(b"Inspect pump", b"Inspect \\ud800"),
        SIGNED.body.replace(b"Inspect pump", b"Inspect \xed\xa0\x80"),
        SIGNED.body.replace(b"Inspect pump", b"Inspect \x00"),
        SIGNED.body.replace(b"Inspect pump", b"Inspect \\u0000"),
        SIGNED.body.replace(b"Inspect pump", "Ame\u0301lie".encode()),
        SIGNED.body.replace(b"cmms.signed-statement/1", b"cmms.signed-statement/2"),
        SIGNED.body.replace(b'"meaning":"performed"', b'"meaning":"signed"'),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        json.dumps(SAID, indent=1).encode(),
        json.dumps(dict(reversed(SAID.items())), separators=(",", ":")).encode(),
    ],
)
def test_bytes_in_any_other_form_are_refused(body):
    assert body != SIGNED.body
    assert check_body(body) != []


@pytest.mark.parametrize("name", sorted(SAID))
def test_every_name_is_required(name):
    assert codes(rewritten(lambda document: document.pop(name))) == ["invalid_value"]


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(extra=1),
        lambda said: said["order"].update(extra=None),
        lambda said: said["order"].pop("title"),
        lambda said: said["checklists"][0]["items"][0].pop("result"),
        lambda said: said["checklists"][0]["items"][0].update(is_asked=1),
        lambda said: said["checklists"][0].update(template_version="3"),
        lambda said: said["parts"][0].update(quantity=-2),
        lambda said: said["parts"][0].update(quantity="-2e0"),
        lambda said: said["parts"][0].update(quantity="NaN"),
        lambda said: said["parts"][0].update(quantity="٢"),
        lambda said: said["parts"][0].update(quantity="-2.0000\n"),
        lambda said: said["photos"][0].update(sha256="B" * 64),
        lambda said: said.update(user=said["user"].upper().replace("0", "A")),
        lambda said: said.update(user=said["user"] + "\n"),
        lambda said: said.update(organization=""),
        lambda said: said.update(previous=""),
        lambda said: said.update(role=""),
        lambda said: said["at"].update(device="2026-03-01 09:30:00"),
        lambda said: said["at"].update(device="2026-03-01T09:30:00.000000+00:00"),
        lambda said: said["printed_name"].update(c="A" * 42 + "B"),
        lambda said: said["printed_name"].update(c="A" * 44),
        lambda said: said.update(printed_name="Technician One"),
        lambda said: said.update(printed_name=None),
        lambda said: said.update(ink=None),
        lambda said: said.update(meaning="accepted"),
        lambda said: said.update(meaning="refused", role="customer"),
        lambda said: said.update(role="customer"),
        lambda said: said.update(decision="returned"),
        lambda said: said.update(decision="returned", reason="why"),
        lambda said: said.update(not_yet_included=None),
    ],
)
def test_a_canonical_body_with_another_content_than_the_shape_allows_is_refused(change):
    assert check_body(rewritten(change)) != []


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(arrival=None),
        lambda said: said["arrival"].update(position=None),
        lambda said: said.update(contact=None),
        lambda said: said.update(checklists=[], parts=[], photos=[], visits=[], not_yet_included=[]),
        lambda said: said.update(previous="c" * 64),
        lambda said: said.update(meaning="accepted", role="customer"),
        lambda said: said.update(meaning="refused", role="customer", reason="still leaks", ink=None),
        lambda said: said.update(meaning="approved", role="supervisor", ink=None),
        lambda said: said.update(meaning="reviewed", role="supervisor", decision="returned", reason="no photo"),
        lambda said: said["at"].update(offset_ms=None),
    ],
)
def test_what_may_be_absent_may_be_absent(change):
    assert check_body(rewritten(change)) == []


def test_the_faults_name_what_somebody_can_do():
    assert codes(rewritten(lambda said: said.update(meaning="refused", role="customer"))) == ["reason_required"]
    assert codes(b"x" * (signed_body.LARGEST_BYTES + 1)) == ["too_large"]
    assert codes(rewritten(lambda said: said.update(ink=None))) == ["invalid_value"]


def test_the_largest_body_fits_its_column():
    assert REGISTRY["signature"].by_name["body"].characters >= signed_body.LARGEST_BYTES


def test_an_order_too_large_to_sign_is_said_before_anything_is_signed():
    items = [an_item(number, note="n" * 4000) for number in range(70)]
    checklist = a_statement().checklists[0][0]
    assert the_problem(checklists=[(checklist, items)]).code == "too_large"


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_nobody_signs_without_a_name(name):
    assert the_problem(printed_name=name).code == "invalid_value"


@pytest.mark.parametrize("ink", [None, [], [[]], [[(3, 3, 0)]]])
@pytest.mark.parametrize(("meaning", "role"), [("performed", "technician"), ("accepted", "customer")])
def test_who_performs_or_accepts_draws(meaning, role, ink):
    assert "Nothing was drawn" in the_problem(meaning=meaning, role=role, ink=ink).sentence


def test_a_refusal_says_why():
    assert the_problem(meaning="refused", role="customer", reason=None).code == "reason_required"
    said = json.loads(a_signed_body(meaning="refused", role="customer", reason="still leaks", ink=None).body)
    assert (said["meaning"], said["reason"], said["ink"]) == ("refused", "still leaks", None)


def test_a_return_is_a_review_that_says_so_and_why():
    returned = {"meaning": "reviewed", "role": "supervisor", "ink": None, "decision": "returned"}
    assert json.loads(a_signed_body(**returned, reason="no photo").body)["decision"] == "returned"
    assert the_problem(**returned).code == "reason_required"
    assert the_problem(**{**returned, "meaning": "approved"}, reason="no photo").code == "invalid_value"


@pytest.mark.parametrize(
    "changes",
    [
        {"meaning": "witnessed"},
        {"meaning": "approved", "role": "customer"},
        {"organization_id": "one"},
        {"device_at": "yesterday"},
        {"offset_ms": 2**60},
        {"previous": "abc"},
        {"order": {}},
        {"order": an_order(version=1.5)},
        {"order": an_order(title="\ud800")},
        {"order": an_order(title="a\0b")},
        {"order": an_order(number=None)},
        {"arrival": {"latitude": float("nan"), "longitude": 1.0}},
        {"movements": [{"id": an_id(20), "part_id": an_id(21), "kind": "usage", "quantity": "NaN", "moved_at": "x"}]},
        {"photos": [{"id": an_id(40), "sha256": None, "taken_at": None}]},
        {"not_yet_included": ["\udfff"]},
        {"printed_name": "\ud800"},
        {"contact": "\ud800"},
    ],
)
def test_rows_that_say_nonsense_are_refused_and_never_crash(changes):
    assert the_problem(**changes).code == "invalid_value"


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 1e30])
def test_a_fix_with_an_impossible_number_is_never_signed(number):
    arrival = {**(a_statement().arrival or {}), "fix_age_s": number}
    assert the_problem(arrival=arrival).code == "invalid_value"


def test_missing_children_are_absent_not_invented():
    said = json.loads(a_signed_body(checklists=(), movements=(), photos=(), visits=(), arrival=None, contact=None).body)
    assert (said["checklists"], said["parts"], said["photos"], said["visits"]) == ([], [], [], [])
    assert (said["arrival"], said["contact"]) == (None, None)


def test_an_arrival_without_a_fix_commits_to_no_position():
    arrival = {**(a_statement().arrival or {}), "latitude": None, "longitude": None, "reason": "no sky"}
    built = a_signed_body(arrival=arrival)
    assert json.loads(built.body)["arrival"]["position"] is None
    assert "/arrival/position" not in {value.path for value in built.personal_values}


def test_all_text_is_normalized():
    decomposed = "Ame\u0301lie \u212b"
    built = a_signed_body(order=an_order(title=decomposed), not_yet_included=[decomposed], reason=decomposed)
    assert all(unicodedata.is_normalized("NFC", text) for text in texts(json.loads(built.body)))
    assert json.loads(built.body)["order"]["title"] == "Am\u00e9lie \u00c5"


def test_look_alike_titles_are_different_statements():
    assert sha256_of(a_signed_body(order=an_order(title="Pump A")).body) != sha256_of(
        a_signed_body(order=an_order(title="Pump \u0410")).body
    )


def test_the_order_of_rows_does_not_matter():
    movements = [{**dict(a_statement().movements[0]), "id": an_id(20 + number)} for number in range(3)]
    assert a_signed_body(movements=movements).body == a_signed_body(movements=movements[::-1]).body


def test_a_signature_is_bound_to_its_purpose_and_meaning():
    assert signing_input("performed", b"{}") == b"cmms/signed-statement/v1\nperformed\n{}"
    for meaning in ("", "Performed", "performed\n", "witnessed"):
        with pytest.raises(ValueError, match="no meaning"):
            signing_input(meaning, b"{}")


def test_the_signer_sees_the_first_twelve_digits():
    assert first_digits(SIGNED.body) == sha256_of(SIGNED.body)[:12]
    assert first_digits(b"abc") == "ba7816bf8f01"


def test_a_salt_source_that_gives_too_little_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="16 bytes"):
        signed_body.build_signed_body(a_statement(), new_salt=lambda: b"short")


def test_a_body_reads_back_into_its_shape():
    body = signed_body.read_body(SIGNED.body)
    assert rfc8785.dumps(msgspec.to_builtins(body)) == SIGNED.body
    assert signed_body.read_body(b"{}") == check_body(b"{}")[0]

import hashlib
import itertools

import pytest

from sync_server.contract.rules.chain import ChainVerdict, digest_of, proof_input, seal_input, verify_chain

DEVICE = "00000000-0000-7000-8000-000000000006"


def a_chain(length: int) -> list[tuple[int, str, bytes]]:
    links, head = [], ""
    for seq in range(1, length + 1):
        sealed = b'{"device_seq":%d,"prev":"%s"}' % (seq, head.encode())
        links.append((seq, head, sealed))
        head = digest_of(sealed)
    return links


LINKS = a_chain(10)


def head_at(seq: int) -> str:
    return digest_of(LINKS[seq - 1][2]) if seq else ""


def test_a_digest_is_the_sha256_of_the_sealed_bytes():
    assert digest_of(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_every_piece_of_a_true_chain_is_accepted_or_asked_for_again():
    for stored, first, last in itertools.product(range(11), range(1, 11), range(1, 11)):
        verdict = verify_chain(stored, head_at(stored), LINKS[first - 1 : last])
        expected = ChainVerdict(kind="ok", seq=stored, head=head_at(stored))
        if last >= first > stored + 1:
            expected = ChainVerdict(kind="gap", seq=stored, head=head_at(stored), resend_from=stored + 1)
        elif last >= first and last > stored:
            expected = ChainVerdict(kind="ok", seq=last, head=head_at(last), fresh=last - stored)
        assert verdict == expected, (stored, first, last)


@pytest.mark.parametrize("stored", [0, 4, 9])
@pytest.mark.parametrize("missing", range(2, 10))
def test_a_hole_inside_a_batch_is_asked_for(stored, missing):
    batch = [link for link in LINKS if link[0] != missing]
    verdict = verify_chain(stored, head_at(stored), batch)
    assert verdict == ChainVerdict(kind="gap", seq=stored, head=head_at(stored), resend_from=missing)


@pytest.mark.parametrize("position", range(9))
def test_a_changed_byte_breaks_the_chain_at_the_next_link(position):
    seq, prev, sealed = LINKS[position]
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        batch = [*LINKS[:position], (seq, prev, bytes(changed)), *LINKS[position + 1 :]]
        assert verify_chain(0, "", batch) == ChainVerdict(kind="broken", seq=0, head="")


def test_another_history_under_numbers_already_stored_is_broken():
    other = [(5, head_at(4), b"something else")]
    assert verify_chain(5, head_at(5), other).kind == "broken"
    assert verify_chain(4, head_at(3), [LINKS[4]]).kind == "broken"
    assert verify_chain(5, "f" * 64, LINKS[3:7]).kind == "broken"


@pytest.mark.parametrize(
    "batch",
    [
        [LINKS[0], LINKS[0]],
        [LINKS[1], LINKS[0]],
        [(0, "", b"zero")],
        [(-3, "", b"negative")],
        [(1, "f" * 64, b"first with a past")],
        [(2, "", b"second without a past"), (3, "", b"third")],
    ],
)
def test_a_batch_that_is_no_chain_is_broken(batch):
    assert verify_chain(3, head_at(3), batch).kind == "broken"


def test_a_verdict_other_than_ok_leaves_the_chain_where_it_was():
    for batch in ([LINKS[6]], [(4, "e" * 64, b"x")]):
        verdict = verify_chain(3, head_at(3), batch)
        assert verdict.kind != "ok"
        assert (verdict.seq, verdict.head, verdict.fresh) == (3, head_at(3), 0)


def test_a_seal_signs_device_range_and_head():
    head = "a" * 64
    assert seal_input(DEVICE, from_seq=1, to_seq=12, head=head) == (
        b"cmms/seal/v1\n00000000-0000-7000-8000-000000000006\n1\n12\n" + head.encode()
    )


@pytest.mark.parametrize(
    ("device", "from_seq", "to_seq", "head"),
    [
        (DEVICE, 0, 1, "a" * 64),
        (DEVICE, 2, 1, "a" * 64),
        (DEVICE, 1, 1, ""),
        (DEVICE, 1, 1, "A" * 64),
        (DEVICE, 1, 1, "a" * 64 + "\n"),
        (DEVICE, 1, 1, "a" * 63),
        (DEVICE.upper().replace("0", "A"), 1, 1, "a" * 64),
        (DEVICE + "\n1", 1, 1, "a" * 64),
        ("", 1, 1, "a" * 64),
    ],
)
def test_a_seal_never_signs_what_could_be_read_in_two_ways(device, from_seq, to_seq, head):
    with pytest.raises(ValueError, match="a seal names"):
        seal_input(device, from_seq=from_seq, to_seq=to_seq, head=head)


def test_a_proof_is_bound_to_its_token_and_to_its_purpose():
    assert proof_input("header.payload.mac") == b"cmms/proof/v1\nheader.payload.mac"
    assert not proof_input("x").startswith(b"cmms/seal")


@pytest.mark.parametrize("token", ["", "tökén", "\ud800"])
def test_a_proof_of_no_token_is_refused(token):
    with pytest.raises(ValueError, match="ASCII"):
        proof_input(token)

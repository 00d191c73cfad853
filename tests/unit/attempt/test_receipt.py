"""Receipts: anyone with the published keys can check them, nobody without ours can make them."""

import asyncio
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from struct import pack
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.attempt.model import CloseKind
from exam_api.attempt.receipt import (
    LONGEST,
    MAC_BYTES,
    PREFIX,
    TREE_MOST,
    Fault,
    Receipt,
    ReceiptRefused,
    Said,
    body,
    is_sync_mac,
    key_id,
    public_bytes,
    says,
    sign,
    sign_all,
    sync_mac,
    verify,
)
from exam_api.usecases.signing import Signing

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_bytes(KEY)
KEYS = {key_id(PUBLIC): PUBLIC}
RECEIPT = Receipt(
    attempt=UUID(int=1),
    session=UUID(int=2),
    fence=2,
    seq=17,
    head="ab" * 32,
    answers_digest="cd" * 32,
    closed_ms=1_700_000_000_000,
    close_kind=CloseKind.MANUAL,
    score_centi=9_150,
    full_centi=10_000,
    passed=True,
    key_id=key_id(PUBLIC),
)
SAID = Said(UUID(int=1), 2, 17, b"h" * 32, 1_700_000_000_000)


def test_a_receipt_can_be_checked_with_the_published_key() -> None:
    assert verify(sign(RECEIPT, KEY), KEYS) == RECEIPT


def test_a_receipt_fits_a_qr_code() -> None:
    assert len(sign(RECEIPT, KEY)) < 700


def test_the_signed_body_has_sorted_names_and_no_blanks() -> None:
    assert body(RECEIPT).startswith(b'{"answersDigest":"cdcd')
    assert b'": ' not in body(RECEIPT)


def test_the_key_id_is_the_start_of_the_public_keys_hash() -> None:
    assert key_id(PUBLIC) == "56475aa7"


def test_old_keys_stay_good() -> None:
    newer = public_bytes(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert verify(sign(RECEIPT, KEY), KEYS | {key_id(newer): newer}) == RECEIPT


def _refusal(text: str, keys: dict[str, bytes]) -> Fault:
    with pytest.raises(ReceiptRefused) as refused:
        verify(text, keys)
    return refused.value.fault


def test_a_key_that_was_never_published_is_named() -> None:
    assert _refusal(sign(RECEIPT, KEY), {}) is Fault.UNKNOWN_KEY


def test_a_changed_body_is_refused() -> None:
    prefix, told, signature = sign(RECEIPT, KEY).split(".")
    forged = urlsafe_b64encode(body(RECEIPT).replace(b"9150", b"9950")).decode()
    assert forged != told
    assert _refusal(f"{prefix}.{forged.rstrip('=')}.{signature}", KEYS) is Fault.WRONG_SIGNATURE


def test_a_signature_by_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert _refusal(sign(RECEIPT, other), KEYS) is Fault.WRONG_SIGNATURE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KW1",
        "KW1.a.b.c",
        "KW2.e30.e30",
        "KW1.e30.e30",
        "KW1.é.e30",
        "KW1.a.b",
        "KW1." + "a" * LONGEST + ".b",
    ],
)
def test_what_is_no_receipt_is_unreadable(text) -> None:
    assert _refusal(text, KEYS) is Fault.UNREADABLE


def _many(count: int) -> list[Receipt]:
    return [msgspec.structs.replace(RECEIPT, attempt=UUID(int=number)) for number in range(count)]


def _bodies(count: int) -> list[bytes]:
    return [body(one) for one in _many(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 63, TREE_MOST, TREE_MOST + 1, 2 * TREE_MOST + 3])
def test_every_receipt_of_a_batch_can_be_checked_by_itself(count) -> None:
    receipts = _many(count)
    texts = sign_all([body(one) for one in receipts], KEY)
    assert [verify(text, KEYS) for text in texts] == receipts
    assert len({text.split(".")[-1] for text in texts}) == -(-count // TREE_MOST)
    assert all(says(text, body(one)) for text, one in zip(texts, receipts, strict=True))


def test_one_receipt_alone_has_its_own_signature() -> None:
    assert sign_all([body(RECEIPT)], KEY) == [sign(RECEIPT, KEY)]
    assert sign_all([], KEY) == []


def test_a_receipt_of_a_full_batch_fits_a_qr_code() -> None:
    assert max(map(len, sign_all(_bodies(TREE_MOST), KEY))) < 1000


@pytest.mark.parametrize("part", [1, 2, 3])
def test_parts_of_another_receipt_do_not_prove_this_one(part) -> None:
    mine, other = (text.split(".") for text in sign_all(_bodies(TREE_MOST + 2), KEY)[TREE_MOST - 1 :][:2])
    forged = [*mine[:part], other[part], *mine[part + 1 :]]
    assert _refusal(".".join(forged), KEYS) is Fault.WRONG_SIGNATURE


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_node_of_the_tree_is_no_receipt_and_a_root_is_no_body() -> None:
    prefix, told, way, signature = sign_all(_bodies(4), KEY)[0].split(".")
    raw = urlsafe_b64decode(way + "=" * (-len(way) % 4))
    shorter = _b64(raw[:2] + raw[34:])
    assert _refusal(f"{prefix}.{told}.{shorter}.{signature}", KEYS) is Fault.WRONG_SIGNATURE
    assert _refusal(f"{PREFIX}.{told}.{signature}", KEYS) is Fault.WRONG_SIGNATURE
    assert _refusal(f"{prefix}.{told}.{_b64(raw + b'x')}.{signature}", KEYS) is Fault.UNREADABLE
    assert _refusal(f"{prefix}.{told}..{signature}", KEYS) is Fault.UNREADABLE
    assert _refusal(f"{prefix}.{told}.{signature}", KEYS) is Fault.UNREADABLE


def test_a_text_says_what_is_in_its_body_and_nothing_else() -> None:
    other = msgspec.structs.replace(RECEIPT, score_centi=1)
    assert says(sign(RECEIPT, KEY), body(RECEIPT))
    assert not says(sign(RECEIPT, KEY), body(other))
    assert not says("", body(RECEIPT))
    assert not says("", b"")


async def test_what_is_signed_at_once_shares_a_signature_and_one_statement_has_one_text() -> None:
    signing = Signing(KEY)
    texts = await asyncio.gather(*(signing.sign(body(one)) for one in [*_many(3), RECEIPT, RECEIPT]))
    assert len({text.split(".")[-1] for text in texts}) == 1
    assert len(set(texts)) == 3  # RECEIPT is the second of the three
    assert await signing.sign(body(RECEIPT)) == sign(RECEIPT, KEY)


async def test_a_caller_who_goes_away_leaves_the_others_their_receipts() -> None:
    signing = Signing(KEY)
    gone, stays = (asyncio.create_task(signing.sign(one)) for one in _bodies(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert verify(await stays, KEYS) == _many(2)[1]


@pytest.mark.parametrize("length", [1, 32, 64, 65, 200])
def test_a_sync_mac_is_the_hmac_of_what_is_said(length: int) -> None:
    key = bytes(range(length))
    text = b"kaowu-sync-01" + SAID.attempt_id.bytes + pack(">IIQ", SAID.fence, SAID.seq, SAID.server_ms)
    assert sync_mac(key, SAID) == hmac.digest(key, text + SAID.head, "sha256")[:MAC_BYTES]


def test_a_sync_mac_has_16_bytes_and_is_known_again() -> None:
    mac = sync_mac(b"k" * 32, SAID)
    assert (len(mac), is_sync_mac(mac, b"k" * 32, SAID)) == (MAC_BYTES, True)


@pytest.mark.parametrize(
    "other",
    [
        Said(UUID(int=9), 2, 17, b"h" * 32, 1_700_000_000_000),
        Said(UUID(int=1), 3, 17, b"h" * 32, 1_700_000_000_000),
        Said(UUID(int=1), 2, 18, b"h" * 32, 1_700_000_000_000),
        Said(UUID(int=1), 2, 17, b"i" * 32, 1_700_000_000_000),
        Said(UUID(int=1), 2, 17, b"", 1_700_000_000_000),
        Said(UUID(int=1), 2, 17, b"h" * 32, 1_700_000_000_001),
    ],
)
def test_every_fact_is_under_the_mac(other) -> None:
    assert not is_sync_mac(sync_mac(b"k" * 32, SAID), b"k" * 32, other)

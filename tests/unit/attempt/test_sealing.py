"""Sealed papers: a vector that the phone opens too, and who gets a key."""

import json
import zlib
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam_api.attempt import sealing
from exam_api.attempt.model import ArmedAttempt, LiveAttempt, State, Takeover

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sealed.json").read_text(encoding="utf-8"))
ROOT = bytes(range(32))
SESSION = UUID(int=7)
ATTEMPT = UUID(GOLDEN["attempt"])
OTHER = UUID(int=9)
PAPER = GOLDEN["paper"].encode()
PAPER_DIGEST = sha256(PAPER).digest()
NONCE = bytes(range(12))
SECRET = sealing.session_secret(ROOT, SESSION)
PICTURE = sealing.Enclosed("ab" * 32, "image/png", bytes(range(256)))


def sealed(nonce: bytes = NONCE, packed: bytes = b"packed") -> sealing.Bundle:
    return sealing.seal(packed, secret=SECRET, attempt_id=ATTEMPT, paper_digest=PAPER_DIGEST, nonce=nonce)


def live(state: State = State.RUNNING, *, started_ms: int = 1_000, attempt_id: UUID = ATTEMPT) -> LiveAttempt:
    armed = ArmedAttempt(
        attempt_id=attempt_id,
        session_id=SESSION,
        institution_id=UUID(int=1),
        person_id=UUID(int=2),
        label="考生|1|1",
        paper=b"",
        paper_digest=PAPER_DIGEST,
        slots=1,
        opens_ms=1_000,
        latest_entry_ms=2_000,
        closes_ms=9_000,
        length_ms=5_000,
        earliest_hand_in_ms=0,
        takeover=Takeover.OWN,
        late_hold=True,
    )
    return LiveAttempt(
        armed=armed,
        state=state,
        fence=1,
        seq=0,
        head=b"",
        storage_key="k",
        answers=b"",
        started_ms=started_ms,
        deadline_ms=6_000,
        paused_ms=0,
        closed_ms=0,
        close_kind=None,
        last_seen_ms=0,
        late_ops=0,
        side_ops=0,
        durable=False,
        result=b"",
    )


def opened(bundle: sealing.Bundle, key: bytes, attempt_id: UUID = ATTEMPT) -> bytes:
    """As a phone does it."""
    nonce = bundle.digest[: sealing.NONCE_BYTES]
    return AESGCM(key).decrypt(nonce, bundle.sealed, attempt_id.bytes + bundle.digest)


def test_the_vector_that_the_phone_opens_is_what_is_sealed_here() -> None:
    bundle = sealed(packed=bytes.fromhex(GOLDEN["packed"]))
    assert bundle.digest.hex() == GOLDEN["digest"]
    assert bundle.sealed.hex() == GOLDEN["sealed"]
    assert sealing.key_of(bundle.digest, secret=SECRET, attempt_id=ATTEMPT).hex() == GOLDEN["key"]


def test_a_packed_paper_holds_paper_and_pictures_as_the_vector_does() -> None:
    packed = sealing.pack([PAPER], [PICTURE])
    assert zlib.decompress(packed, wbits=31) == zlib.decompress(bytes.fromhex(GOLDEN["packed"]), wbits=31)


def test_pictures_that_are_too_large_together_all_stay_at_home() -> None:
    half = sealing.Enclosed("cd" * 32, "image/png", bytes(sealing.PICTURES_MAX // 2 + 1))
    plain = zlib.decompress(sealing.pack([PAPER], [half, half]), wbits=31)
    assert msgspec.json.decode(plain[4:])["pictures"] == []
    assert len(zlib.decompress(sealing.pack([PAPER], [half]), wbits=31)) > sealing.PICTURES_MAX // 2


def test_sealing_again_changes_nonce_name_key_and_every_byte_that_travels() -> None:
    first, second = sealed(), sealed(bytes(12))
    keys = [sealing.key_of(one.digest, secret=SECRET, attempt_id=ATTEMPT) for one in (first, second)]
    assert first.digest[:12] != second.digest[:12]
    assert first.digest[12:] != second.digest[12:]
    assert keys[0] != keys[1]
    with pytest.raises(InvalidTag):
        opened(second, keys[0])


def test_a_bundle_opens_for_its_own_attempt_only() -> None:
    bundle = sealed()
    key = sealing.key_of(bundle.digest, secret=SECRET, attempt_id=ATTEMPT)
    assert opened(bundle, key) == b"packed"
    with pytest.raises(InvalidTag):
        opened(bundle, key, OTHER)
    with pytest.raises(InvalidTag):
        opened(bundle, sealing.key_of(bundle.digest, secret=SECRET, attempt_id=OTHER))


def test_sessions_share_no_secret() -> None:
    assert sealing.session_secret(ROOT, OTHER) != SECRET
    assert sealing.session_secret(bytes(32), SESSION) != SECRET


def test_the_key_of_a_running_attempt_is_released_for_its_own_bundle() -> None:
    bundle = sealed()
    key = sealing.released_key(live(), bundle.digest, ROOT)
    assert key is not None
    assert opened(bundle, key) == b"packed"


@pytest.mark.parametrize("state", [State.READY, State.CLOSED, State.VOID])
def test_no_key_is_released_while_an_attempt_does_not_run(state: State) -> None:
    assert sealing.released_key(live(state), sealed().digest, ROOT) is None


def test_no_key_is_released_for_a_start_before_the_opening() -> None:
    assert sealing.released_key(live(started_ms=999), sealed().digest, ROOT) is None


def test_no_key_is_released_for_a_bundle_of_another_attempt() -> None:
    assert sealing.released_key(live(attempt_id=OTHER), sealed().digest, ROOT) is None


def test_no_key_is_released_for_a_name_that_was_not_given_here() -> None:
    digest = sealed().digest
    for other in (b"", digest[:-1], digest[:-1] + bytes([digest[-1] ^ 1]), bytes(32)):
        assert sealing.released_key(live(), other, ROOT) is None


def test_no_key_is_released_when_the_paper_is_another_one_by_now() -> None:
    bundle = sealing.seal(b"old", secret=SECRET, attempt_id=ATTEMPT, paper_digest=bytes(32), nonce=NONCE)
    assert sealing.released_key(live(), bundle.digest, ROOT) is None

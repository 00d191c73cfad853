"""`kaowu verify-receipt`: check a hand-in receipt without the service."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.attempt.receipt import Fault, ReceiptRefused, key_id, public_bytes, verify
from exam_api.cli.given import FAILED, refuse, settings
from exam_api.keys import KEY_BYTES, Purpose, derive

REASONS = {
    Fault.UNREADABLE: "this is not a receipt of Kaowu, or a part of it is missing",
    Fault.UNKNOWN_KEY: "it is signed with a key that was not given: pass the published one with --public-key",
    Fault.WRONG_SIGNATURE: "its contents were changed after signing",
}


def run(
    file: Annotated[
        Path, typer.Argument(help="The receipt's text (KW1.…), as its QR holds it; - reads it from input.")
    ],
    *,
    public_key: Annotated[
        list[str] | None,
        typer.Option(help="Published key, 64 hex digits; without it this installation's own key."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the receipt's contents for a program.")] = False,
) -> None:
    """Check a receipt's signature and print what it says. Status 1 when it is not genuine."""
    keys = _given_keys(public_key) if public_key else _own_key()
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="ascii")
        receipt = verify(text, keys)
    except OSError as failed:
        refuse(f"{file} cannot be read: {failed.strerror}.")
    except UnicodeDecodeError:
        refuse(f"Not genuine: {REASONS[Fault.UNREADABLE]}.")
    except ReceiptRefused as refused:
        if json:
            typer.echo(msgspec.json.encode({"genuine": False, "fault": refused.fault}).decode())
            sys.exit(FAILED)
        refuse(f"Not genuine: {REASONS[refused.fault]}.")
    said: dict[str, object] = {"genuine": True, **msgspec.to_builtins(receipt)}
    if json:
        typer.echo(msgspec.json.encode(said).decode())
        return
    for name, value in said.items():
        typer.echo(f"{name:14} {value}")


def _own_key() -> dict[str, bytes]:
    seed = derive(settings().secret, Purpose.RECEIPT_SIGNING)
    public = public_bytes(Ed25519PrivateKey.from_private_bytes(seed))
    return {key_id(public): public}


def _given_keys(texts: list[str]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for text in texts:
        try:
            public = bytes.fromhex(text)
        except ValueError:
            public = b""
        if len(public) != KEY_BYTES:
            refuse("--public-key takes 64 hex digits, as the service publishes them.")
        keys[key_id(public)] = public
    return keys

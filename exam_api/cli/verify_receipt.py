"""`kaowu verify-receipt`: check a hand-in receipt without the service."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.attempt.receipt import Fault, ReceiptRefused, key_id, public_bytes, verify
from exam_api.cli.given import FAILED, refuse, settings
from exam_api.keys import KEY_BYTES, Purpose, derive

REASONS = {
    Fault.UNREADABLE: (
        "这不是考务的回执，或缺少一部分",
        "this is not a receipt of Kaowu, or a part of it is missing",
    ),
    Fault.UNKNOWN_KEY: (
        "签名所用的公钥没有给出：请用 --public-key 给出已公布的公钥",
        "it is signed with a key that was not given: pass the published one with --public-key",
    ),
    Fault.WRONG_SIGNATURE: ("内容在签名之后被改动", "its contents were changed after signing"),
}


def run(
    file: Annotated[
        Path,
        typer.Argument(help="The receipt's text (KW1.…, KW2.…), as its QR holds it; - reads it from input."),
    ],
    *,
    public_key: Annotated[
        list[str] | None,
        typer.Option(help="Published key, 64 hex digits; without it this installation's own key."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the receipt's contents for a program.")] = False,
) -> None:
    """核验交卷回执 Check a receipt's signature and print what it says. Status 1 when it is not genuine."""
    keys = _given_keys(public_key) if public_key else _own_key()
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="ascii")
        receipt = verify(text, keys)
    except OSError as failed:
        refuse(f"{file} 无法读取。\n{file} cannot be read: {failed.strerror}.")
    except UnicodeDecodeError:
        _refuse_receipt(Fault.UNREADABLE)
    except ReceiptRefused as refused:
        if json:
            typer.echo(msgspec.json.encode({"genuine": False, "fault": refused.fault}).decode())
            sys.exit(FAILED)
        _refuse_receipt(refused.fault)
    said: dict[str, object] = {"genuine": True, **msgspec.to_builtins(receipt)}
    if json:
        typer.echo(msgspec.json.encode(said).decode())
        return
    for name, value in said.items():
        typer.echo(f"{name:14} {value}")


def _refuse_receipt(fault: Fault) -> NoReturn:
    zh, en = REASONS[fault]
    refuse(f"回执无效：{zh}。\nNot genuine: {en}.")


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
            refuse(
                "--public-key 是 64 位十六进制数字。\n"
                "--public-key takes 64 hex digits, as the service publishes them."
            )
        keys[key_id(public)] = public
    return keys

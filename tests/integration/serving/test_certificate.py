"""The certificate of a local network: phones that trust the authority trust the service."""

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta

import pytest

from exam_api.serving.certificate import CERTIFICATE_LIFE, lan_addresses, lan_tls


def handshake(made, *, name: str) -> None:
    """Serve one TLS connection and connect to it by `name`, trusting the authority only."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(made.certificate, made.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            connection, _ = listening.accept()
            try:
                server_side.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        server = threading.Thread(target=accept)
        server.start()
        try:
            trusting = ssl.create_default_context(cafile=str(made.authority))
            with (
                socket.create_connection(listening.getsockname()) as plain,
                trusting.wrap_socket(plain, server_hostname=name),
            ):
                pass
        finally:
            server.join(10)


def test_who_trusts_the_authority_trusts_each_of_our_addresses(tmp_path):
    made = lan_tls(tmp_path / "tls", ["192.168.7.9"], now=datetime.now(UTC))
    for name in ("192.168.7.9", "127.0.0.1", "localhost"):
        handshake(made, name=name)


def test_another_address_is_not_ours(tmp_path):
    made = lan_tls(tmp_path / "tls", ["192.168.7.9"], now=datetime.now(UTC))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(made, name="192.168.7.10")


def test_the_authority_stays_when_the_address_changes(tmp_path):
    now = datetime.now(UTC)
    first = lan_tls(tmp_path / "tls", ["192.168.7.9"], now=now)
    authority, certificate = first.authority.read_bytes(), first.certificate.read_bytes()
    assert lan_tls(tmp_path / "tls", ["192.168.7.9"], now=now).certificate.read_bytes() == certificate
    moved = lan_tls(tmp_path / "tls", ["10.0.0.8"], now=now)
    assert moved.authority.read_bytes() == authority
    assert moved.certificate.read_bytes() != certificate


def test_a_certificate_is_made_anew_before_it_ends(tmp_path):
    now = datetime.now(UTC)
    made = lan_tls(tmp_path / "tls", [], now=now)
    before = made.certificate.read_bytes()
    lan_tls(tmp_path / "tls", [], now=now + CERTIFICATE_LIFE - timedelta(days=31))
    assert made.certificate.read_bytes() == before
    lan_tls(tmp_path / "tls", [], now=now + CERTIFICATE_LIFE - timedelta(days=29))
    assert made.certificate.read_bytes() != before


def test_private_keys_are_their_owner_s_only(tmp_path):
    lan_tls(tmp_path / "tls", [], now=datetime.now(UTC))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tls").glob("*.key")} == {0o600}


def test_only_private_addresses_are_offered():
    assert all(not text.startswith("127.") for text in lan_addresses())

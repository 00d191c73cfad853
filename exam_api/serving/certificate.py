"""TLS on a local network without a public name: an authority of this installation and its certificate."""

import ipaddress
import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE: Final = timedelta(days=3650)
"""The authority is trusted on phones by hand, so it lives long."""

CERTIFICATE_LIFE: Final = timedelta(days=397)
"""Phones refuse certificates that live longer than 398 days."""

RENEW_BEFORE: Final = timedelta(days=30)
"""A certificate that ends sooner is made anew."""


class LanTls(msgspec.Struct, frozen=True):
    """The files that the service and the phones need."""

    certificate: Path
    key: Path
    authority: Path


def lan_addresses() -> list[str]:
    """This machine's private addresses, the one of the default route first."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only the route is looked up
            found.append(str(probe.getsockname()[0]))
        except OSError:
            found = []
    try:
        told = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        told = []
    found += [str(row[4][0]) for row in told]
    private = [text for text in found if _is_lan(text)]
    return list(dict.fromkeys(private))


def lan_tls(folder: Path, addresses: Sequence[str], *, now: datetime) -> LanTls:
    """The certificate for these addresses; made when it is missing, names others or ends soon."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = LanTls(folder / "certificate.pem", folder / "certificate.key", folder / "authority.crt")
    names = _names(addresses)
    if not _still_good(made.certificate, names, now):
        authority, authority_key = _authority(folder, now)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder("Kaowu", authority.subject, key, now, CERTIFICATE_LIFE)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(authority_key, SHA256())
        )
        _write_key(made.key, key)
        made.certificate.write_bytes(
            certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
        )
    return made


def _authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    path, key_path = folder / "authority.crt", folder / "authority.key"
    if path.exists() and key_path.exists():
        held = load_pem_private_key(key_path.read_bytes(), password=None)
        if isinstance(held, ec.EllipticCurvePrivateKey):
            return x509.load_pem_x509_certificate(path.read_bytes()), held
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    name = f"Kaowu {socket.gethostname()}"
    authority = (
        _builder(name, _name(name), key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
    _write_key(key_path, key)
    path.write_bytes(authority.public_bytes(Encoding.PEM))
    return authority, key


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + life)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _names(addresses: Sequence[str]) -> list[x509.GeneralName]:
    own = dict.fromkeys(["127.0.0.1", *addresses])
    return [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(text)) for text in own)]


def _still_good(path: Path, names: Sequence[x509.GeneralName], now: datetime) -> bool:
    if not path.exists():
        return False
    held = x509.load_pem_x509_certificate(path.read_bytes())
    told = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) <= set(told) and held.not_valid_after_utc > now + RENEW_BEFORE


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _is_lan(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return address.is_private and not address.is_loopback and not address.is_unspecified

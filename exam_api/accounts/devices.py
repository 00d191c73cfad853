"""Devices: the family a browser names, the network an address lies in, and devices that logged in before."""

import ipaddress
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

ID_BYTES: Final = 16
TAG_BYTES: Final = 12
"""A tag opens nothing, it only spares its device a slow-down: 96 bits are plenty."""

NAMES_MOST: Final = 4
"""Login names one device is known for: an office computer is shared by a few."""

DEVICE_LIFE_MS: Final = 180 * 24 * 3_600_000
"""How long a device stays known without a new log-in."""

_IPV6_NETWORK: Final = 64
_PERSON: Final = b"kaowu-device"

SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def family_of(user_agent: str) -> str:
    """What people recognise a device by: `Windows · Edge`; no version, nothing to follow somebody with."""
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    return " · ".join(part for part in (system, browser) if part)


def network_of(address: str) -> str:
    """What failures are counted by: the address, of IPv6 the /64 that one subscriber has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False))
    return str(found)


class KnownDevice:
    """The cookie of a device on which somebody has logged in: an id, and a tag for each login name."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def knows(self, cookie: bytes | None, login_name: str) -> bytes | None:
        """The device's id if this login name has logged in on it before."""
        device, tags = _read(cookie)
        own = self._tag(device, login_name)
        known = False
        for tag in tags:
            known |= compare_digest(tag, own)
        return device if known else None

    def remembering(self, cookie: bytes | None, login_name: str, *, new_id: bytes) -> str:
        """The cookie's text with this login name in front; a device without one becomes `new_id`."""
        device, tags = _read(cookie)
        genuine = device or new_id
        own = self._tag(genuine, login_name)
        kept = [own, *(tag for tag in tags if tag != own)][:NAMES_MOST]
        return urlsafe_b64encode(genuine + b"".join(kept)).rstrip(b"=").decode()

    def _tag(self, device: bytes, login_name: str) -> bytes:
        told = device + login_name.encode()
        return blake2b(told, key=self._key, digest_size=TAG_BYTES, person=_PERSON).digest()


def _read(cookie: bytes | None) -> tuple[bytes, Sequence[bytes]]:
    if not cookie or len(cookie) > 2 * (ID_BYTES + TAG_BYTES * NAMES_MOST):
        return b"", ()
    try:
        raw = urlsafe_b64decode(cookie + b"=" * (-len(cookie) % 4))
    except (NotBase64, ValueError):
        return b"", ()
    tags = raw[ID_BYTES:]
    if len(raw) < ID_BYTES or len(tags) % TAG_BYTES:
        return b"", ()
    return raw[:ID_BYTES], [tags[at : at + TAG_BYTES] for at in range(0, len(tags), TAG_BYTES)]

"""Devices: families, networks, and the cookie by which one is known."""

import pytest

from exam_api.accounts.devices import ID_BYTES, NAMES_MOST, KnownDevice, family_of, network_of

DEVICES = KnownDevice(b"k" * 32)
NEW = b"n" * ID_BYTES


def test_a_device_is_known_for_who_logged_in_on_it_and_for_nobody_else():
    cookie = DEVICES.remembering(None, "he", new_id=NEW).encode()
    assert DEVICES.knows(cookie, "he") == NEW
    assert DEVICES.knows(cookie, "lin") is None
    assert KnownDevice(b"x" * 32).knows(cookie, "he") is None


def test_a_shared_device_is_known_for_the_last_few_and_keeps_its_id():
    cookie = None
    names = [f"n{number}" for number in range(NAMES_MOST + 1)]
    for name in names:
        cookie = DEVICES.remembering(cookie, name, new_id=NEW if cookie is None else b"o" * 16).encode()
    assert [DEVICES.knows(cookie, name) for name in names] == [None, *[NEW] * NAMES_MOST]


@pytest.mark.parametrize("cookie", [b"", b"x", b"!!!", b"A" * 500, b"AAAAAAAAAAAAAAAAAAAAAAAA"])
def test_what_is_no_cookie_of_ours_knows_nobody_and_is_replaced(cookie):
    assert DEVICES.knows(cookie, "he") is None
    assert DEVICES.knows(DEVICES.remembering(cookie, "he", new_id=NEW).encode(), "he")


def test_a_tag_changed_by_hand_is_not_known():
    cookie = DEVICES.remembering(None, "he", new_id=NEW)
    assert DEVICES.knows((cookie[:-4] + ("AAAA" if cookie[-4:] != "AAAA" else "BBBB")).encode(), "he") is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_a_whole_network_counts_once(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120",
            "Windows · Edge",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/1 MicroMessenger/8", "Android · WeChat"),
        ("Mozilla/5.0 (iPhone; CPU) AppleWebKit Version/17 Safari/604", "iPhone · Safari"),
        ("curl/8", ""),
    ],
)
def test_a_device_is_told_by_its_family_only(agent, family):
    assert family_of(agent) == family

"""Settings: what the code knows, what the operator reads, and what is refused."""

import re
import stat

import pytest

from exam_api.keys import Purpose, derive
from exam_api.settings import Settings, SettingsRefused, from_environ, variable
from tests.house.sources import ROOT

SECRET = "s" * 40


def given(**fields: str) -> dict[str, str]:
    return {variable(name): value for name, value in fields.items()}


def test_every_setting_is_documented_and_nothing_else():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(KAOWU_[A-Z_]+)` \|", text, flags=re.MULTILINE)
    assert told == [variable(field) for field in Settings.__struct_fields__]


def test_an_unknown_name_is_refused_and_the_near_one_told():
    with pytest.raises(SettingsRefused, match="KAOWU_PROT is not a setting; did you mean KAOWU_PORT"):
        from_environ(given(prot="1", secret=SECRET))


def test_variables_of_others_are_not_read():
    assert from_environ({"PATH": "/bin", **given(secret=SECRET)}).port == 8000


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"port": "many"}, "KAOWU_PORT"),
        ({"port": "0"}, "KAOWU_PORT"),
        ({"demo": "maybe"}, "KAOWU_DEMO"),
        ({"log_level": "loud"}, "KAOWU_LOG_LEVEL"),
        ({"tls_cert": "/c.pem"}, "KAOWU_TLS_KEY"),
        ({"cookies_secure": "false"}, "KAOWU_COOKIES_SECURE"),
        ({"secret": "short"}, "KAOWU_SECRET"),
        ({"trusted_proxies": "10.0.0.1, nginx"}, "KAOWU_TRUSTED_PROXIES"),
        ({"data_dir": "/" + "d" * 120}, "KAOWU_DATA_DIR"),
    ],
)
def test_a_wrong_value_is_refused_by_name(fields, named):
    with pytest.raises(SettingsRefused, match=named):
        from_environ({**given(secret=SECRET), **given(**fields)})


def test_there_is_no_secret_outside_the_demo():
    with pytest.raises(SettingsRefused, match="KAOWU_SECRET"):
        from_environ({})


def test_the_demo_keeps_one_secret_that_only_its_owner_reads(tmp_path):
    first = from_environ(given(demo="true", data_dir=str(tmp_path)))
    again = from_environ(given(demo="true", data_dir=str(tmp_path)))
    assert first.secret == again.secret
    assert len(first.secret) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "8.8.8.8", "exam.example", "100.64.0.1"])  # noqa: S104 - refused
def test_the_demo_does_not_listen_where_strangers_are(host, tmp_path):
    with pytest.raises(SettingsRefused, match="KAOWU_HOST"):
        from_environ(given(demo="true", data_dir=str(tmp_path), host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "192.168.1.20", "10.0.0.1"])
def test_the_demo_listens_on_loopback_and_private_addresses(host, tmp_path):
    assert from_environ(given(demo="true", data_dir=str(tmp_path), host=host)).host == host


def test_what_is_shown_of_settings_holds_no_secret():
    settings = from_environ(given(secret=SECRET, database_url="postgresql+asyncpg://u:hidden@h/d"))
    assert SECRET not in repr(settings)
    assert "hidden" not in repr(settings)


def test_origins_are_the_listening_address_unless_they_are_given():
    assert from_environ(given(secret=SECRET, host="192.168.1.2")).public_origins == (
        "http://192.168.1.2:8000",
    )
    told = from_environ(given(secret=SECRET, public_origins="https://a.example, https://b.example"))
    assert told.public_origins == ("https://a.example", "https://b.example")


def test_each_purpose_has_a_key_of_its_own():
    keys = {derive(SECRET, purpose) for purpose in Purpose}
    assert len(keys) == len(Purpose)
    assert {len(key) for key in keys} == {32}


def test_a_derived_key_never_changes():
    """Stored identity numbers are encrypted under it: another value here would lose them."""
    assert (
        derive(SECRET, Purpose.BLIND_INDEX).hex()
        == "b8e5e1dc61b50658f703c6e986939ada0f44822845c1b9c7bded7501a4a77177"
    )

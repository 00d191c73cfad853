"""Accounts at the console: an operator makes an officer, who takes a second factor and is closed."""

import time

import pytest
from playwright.async_api import expect

from exam_api.accounts.second_factor import code_at, step_of
from tests.browser import console
from tests.browser.console import at
from tests.browser.devices import Device, Devices

pytestmark = pytest.mark.browser

OPERATOR = "yunwei"
NEW = "three green horses"


def _code(secret: str, *, steps: int = 0) -> str:
    return code_at(secret, step_of(time.time_ns() // 1_000_000) + steps)


async def _log_in(device: Device, login_name: str, password: str) -> None:
    await device.go("/console/")
    await at(device, "login-name").fill(login_name)
    await at(device, "login-password").fill(password)
    await at(device, "login-send").click()


async def _out(device: Device) -> None:
    await at(device, "me-menu").click()
    await at(device, "log-out").click()
    await expect(at(device, "login-name")).to_be_visible()


async def _made(device: Device) -> str:
    """The operator makes an officer's account; gives the password to hand over."""
    await console.log_in_by_hand(device, OPERATOR)
    await at(device, "rail-staff").click()
    await expect(at(device, "staff-list")).to_contain_text("jiankao")
    await at(device, "staff-new").click()
    await at(device, "staff-role").select_option("officer")
    await at(device, "staff-name").fill("省厅人事处 祁处")
    await at(device, "staff-login").fill("Qichu")
    await device.shot("accounts-1-new")
    await at(device, "staff-create").click()
    await expect(at(device, "given")).to_be_visible()
    await device.shot("accounts-2-given")
    return (await at(device, "given").inner_text()).strip()


async def _enrolled(device: Device) -> tuple[str, list[str]]:
    """The officer takes a second factor: its secret and the recovery codes."""
    await at(device, "me-menu").click()
    await at(device, "rail-account").click()
    await at(device, "account-enrol").click()
    await at(device, "enrol-password").fill(NEW)
    await at(device, "enrol-begin").click()
    await expect(at(device, "enrol-qr")).to_be_visible()
    await device.shot("accounts-4-enrol")
    secret = (await at(device, "enrol-secret").inner_text()).replace(" ", "")
    await at(device, "enrol-code").fill(_code(secret))
    await at(device, "enrol-confirm").click()
    codes = at(device, "recovery-codes")
    await expect(codes.locator("code")).to_have_count(10)
    await device.shot("accounts-5-recovery-codes")
    shown = await codes.locator("code").all_inner_texts()
    await at(device, "codes-kept").click()
    await expect(at(device, "account-second")).to_contain_text("10")
    await device.shot("accounts-6-my-account")
    return secret, shown


async def test_an_officer_logs_in_with_two_steps_until_the_account_is_closed(devices: Devices) -> None:
    async with devices.computer() as office, devices.computer() as desk:
        given = await _made(office)
        desk.expected |= {(403, "/api/login/second"), (401, "/api/home"), (401, "/api/my/account")}
        desk.expected |= {(401, "/api/my/logins"), (401, "/api/logout")}
        await _log_in(desk, "qichu", given)
        await expect(at(desk, "step-password")).to_be_visible()
        await at(desk, "pass-new").fill(NEW)
        await at(desk, "pass-again").fill(NEW)
        await desk.shot("accounts-3-own-password")
        await at(desk, "pass-send").click()
        await expect(at(desk, "me-menu")).to_be_visible()
        secret, codes = await _enrolled(desk)
        await _out(desk)

        await _log_in(desk, "qichu", NEW)
        await expect(at(desk, "step-code")).to_be_visible()
        await desk.page.reload()
        await expect(at(desk, "step-code")).to_be_visible()
        await at(desk, "login-code").fill("000000")
        await at(desk, "login-code-send").click()
        await expect(at(desk, "step-code")).to_contain_text("验证码不对")
        await desk.shot("accounts-7-second-step")
        await at(desk, "login-code").fill(_code(secret, steps=1))
        await at(desk, "login-code-send").click()
        await expect(at(desk, "me-menu")).to_be_visible()
        await _out(desk)
        await _log_in(desk, "qichu", NEW)
        await at(desk, "login-code").fill(codes[0].lower())
        await at(desk, "login-code-send").click()
        await expect(at(desk, "me-menu")).to_be_visible()

        await at(office, "staff-list").get_by_text("祁处").click()
        await office.page.reload()
        await at(office, "staff-list").get_by_text("祁处").click()
        await expect(at(office, "staff-detail")).to_contain_text("已启用")
        await office.shot("accounts-8-staff")
        await at(office, "staff-close").click()
        await at(office, "staff-do").click()
        await expect(at(office, "staff-no-logins")).to_be_visible()
        await desk.go("/console/#/account")
        await desk.page.reload()
        await expect(at(desk, "login-name")).to_be_visible()

"""What every browser story gets: devices on the running product, and the officer at the API."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.devices import Devices
from tests.browser.office import OFFICER, Office
from tests.servers import Service


@pytest.fixture
def devices(chromium: Browser, service: Service) -> Devices:
    return Devices(chromium, service.url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def office(service: Service) -> AsyncIterator[Office]:
    async with httpx.AsyncClient(base_url=service.url, timeout=15, trust_env=False) as client:
        office = Office(client)
        await office.log_in(OFFICER)
        yield office

"""One migrated database of each kind for the whole run: tests use ids of their own and share the tables."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from exam_api.store.engine import Database
from tests.servers import PostgresServer

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def kept_sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("store") / "kaowu.db")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def kept_postgres_url(postgres_server: PostgresServer) -> str:
    return postgres_server.new_database()


@pytest.fixture(params=BOTH)
def kept_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"kept_{request.param}_url"))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of tests share their cores: a turn or a connection may be late. An absence is told at once."""
    monkeypatch.setattr("exam_api.store.engine.POOL_WAIT_S", 60.0)
    monkeypatch.setattr("exam_api.store.engine.CONNECT_S", 30.0)


@pytest_asyncio.fixture
async def database(kept_url: str) -> AsyncIterator[Database]:
    held = Database(kept_url)
    yield held
    await held.close()


@pytest_asyncio.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """A file of its own, empty but for its tables."""
    held = Database(sqlite_url)
    yield held
    await held.close()


@pytest_asyncio.fixture
async def postgres_database(kept_postgres_url: str) -> AsyncIterator[Database]:
    held = Database(kept_postgres_url)
    yield held
    await held.close()

"""The shadow candidates: programs of the load test, started here, whose phones ring in this process."""

import asyncio
import contextlib
import os
import resource
import secrets
import shutil
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from exam_api.people import Login, Role
from exam_api.rehearsal.plan import HAND_IN_SHARE, Plan
from exam_api.rehearsal.verdict import Limit, Part, Seen, Use
from exam_api.rehearsal_ports import Came, Crowd, Shadow, ShadowLive, ShadowPerson
from exam_api.serving import tied
from exam_api.serving.errors import ServingRefused
from exam_api.serving.uses import Sampler
from exam_api.settings import Settings
from exam_api.usecases.login_parts import CODE_LIFE_MS
from exam_api.wiring import Wired

HEAD_START_S: Final = 3.0
"""The programs read the plan meanwhile."""

PATIENCE_S: Final = 60.0
"""So long after the last hand-in was due replies are waited for."""

DRIVERS_FROM: Final = 1_000
"""Candidates from which two programs share them."""

PER_WATCHER: Final = 50
"""Candidates for each invigilator who looks at the live table."""

WATCHES_ON_MS: Final = 10 * 60_000
"""An invigilator stays logged in so much longer than the rehearsal may take."""

ROOT: Final = Path(__file__).parents[2]
"""Where packages lie: the load test stands beside this one."""

ANY: Final[Mapping[str, str]] = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}  # noqa: S104 - not listened on
"""Where a service that listens on all addresses is called."""


class CrowdFailed(ServingRefused):
    """The shadows' program did not do its work."""

    def __init__(self, told: str) -> None:
        super().__init__(f"影子考生程序失败：{told}\nThe shadows' program failed: {told}")


class _Kept(msgspec.Struct):
    """Of one shadow."""

    started_s: float
    seq: int
    receipt: str


class _Home(msgspec.Struct):
    """What is read of a driver's book (`loadtest.book`)."""

    kept: Sequence[_Kept]


class _Endpoint(msgspec.Struct):
    peak_rps: int
    p99_ms: float


class _Named(msgspec.Struct):
    name: str
    zh: str
    en: str
    limit: str
    measured: str
    held: bool


class _Summed(msgspec.Struct):
    """What `loadtest.summed` prints."""

    came: int
    started: int
    handed_in: int
    ops: int
    down_mbit: float
    summaries: Mapping[str, _Endpoint]
    limits: Sequence[_Named]
    refusals: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a crowd is told of its surroundings."""

    settings: Settings
    folder: Path
    """Its own: what a rehearsal that died left there is removed, and so is everything at the end."""
    uplink_mbit: float | None = None
    """What goes out at most; None: nobody said."""


class LocalCrowd(Crowd):
    """`Crowd` as processes on this machine, against the service's own address."""

    def __init__(self, wired: Wired, live: ShadowLive, where: Where, sampler: Sampler) -> None:
        self._wired = wired
        self._live = live
        self._where = where
        self._sampler = sampler
        self._came = False
        self._phone_of: dict[UUID, str] = {}

    def close(self) -> None:
        """Remove the folder, where it is ours."""
        if self._came:
            shutil.rmtree(self._where.folder, ignore_errors=True)

    async def run(self, plan: Plan, shadow: Shadow, people: Sequence[ShadowPerson]) -> Came:
        """As the port says."""
        self._came = True  # whoever comes here holds the right to rehearse: nobody else uses the folder
        await asyncio.to_thread(_emptied, self._where.folder)
        await self._sampler.find()
        # Nobody guesses one: whoever reaches the port and knew it would be let in as that shadow.
        self._phone_of = {one.registration_id: secrets.token_urlsafe(24) for one in people}
        async with self._phones(people) as gateway_port:
            drivers = 1 if plan.candidates < DRIVERS_FROM else 2
            begins_s = time.monotonic() + max(HEAD_START_S, self._wait_s(plan, shadow))
            path = self._where.folder / "plan.json"
            whole = await self._plan(plan, shadow, people, gateway_port, drivers, begins_s)
            path.write_bytes(msgspec.json.encode(whole))
            running = [await self._start(path, part, drivers) for part in range(drivers)]
            watching = asyncio.create_task(self._sampler.watch([one.pid for one in running]))
            try:
                async with asyncio.timeout(begins_s - time.monotonic() + plan.ends_s + 2 * PATIENCE_S):
                    told = await asyncio.gather(*(one.communicate() for one in running))
            except TimeoutError:
                raise CrowdFailed("it did not end in time") from None
            finally:
                watching.cancel()
                for one in running:
                    if one.returncode is None:
                        one.kill()
                        await one.wait()
                with contextlib.suppress(asyncio.CancelledError):
                    await watching
        for one, (_, wrong) in zip(running, told, strict=True):
            if one.returncode:
                raise CrowdFailed(wrong.decode(errors="replace").strip()[-500:])
        return await asyncio.to_thread(_came, self._where.folder)

    async def seen(self, plan: Plan, *, lost: int, lag_s: float) -> Seen:
        """As the port says."""
        found = await self._summed(plan, lost=lost, lag_s=lag_s)
        starts = found.summaries.get("start")
        uses = list(self._sampler.uses())
        if self._where.uplink_mbit is not None:
            uses.append(
                Use(part=Part.NETWORK, used=found.down_mbit, of=self._where.uplink_mbit, unit="Mbit/s")
            )
        return Seen(
            started=found.started,
            handed_in=found.handed_in,
            ops=found.ops,
            starts_per_s=float(starts.peak_rps) if starts else 0.0,
            p99_ms={name: one.p99_ms for name, one in found.summaries.items()},
            uses=uses,
            cores=os.cpu_count() or 1,
            machine=self._sampler.machine,
            driver=self._sampler.driver,
            lag_most_s=self._sampler.lag_most_s,
            limits=[Limit(**msgspec.structs.asdict(one)) for one in found.limits],
            refusals=found.refusals,
        )

    def _wait_s(self, plan: Plan, shadow: Shadow) -> float:
        """Until the first of them may come, so that they wait for the opening as on the day."""
        return (shadow.opens_ms - self._wired.exam.clock.now_ms()) / 1000 - plan.opens_s

    async def _plan(  # noqa: PLR0913, PLR0917 - what a plan is made of
        self,
        plan: Plan,
        shadow: Shadow,
        people: Sequence[ShadowPerson],
        gateway_port: int,
        drivers: int,
        begins_s: float,
    ) -> Mapping[str, Any]:
        """As `loadtest.plan.Plan` has it."""
        settings = self._where.settings
        staff = {"session_id": shadow.session_id, "cookie": await self._invigilator(plan, shadow)}
        begins_ms = self._wired.exam.clock.now_ms() + round((begins_s - time.monotonic()) * 1000)
        opens_s = max(0.0, (shadow.opens_ms - begins_ms) / 1000)  # 0 where arming took longer than thought
        return {
            "host": address_of(settings),
            "port": settings.port,
            "gateway_port": gateway_port,
            "origin": settings.public_origins[0],
            "shape": _shape(plan, opens_s, drivers),
            "people": [
                {
                    "attempt_id": one.registration_id,
                    "name": one.name,
                    "id_no": one.id_no,
                    "phone": self._phone_of[one.registration_id],
                }
                for one in people
            ],
            "staff": [staff] * max(1, plan.candidates // PER_WATCHER),
            "seed": secrets.randbelow(2**31),
            "begins_mono_s": begins_s,
            "begins_ms": begins_ms,
            "stop_s": plan.ends_s + PATIENCE_S,
        }

    async def _invigilator(self, plan: Plan, shadow: Shadow) -> str:
        """The cookie of somebody who may look at the shadow session, and at nothing else."""
        token, now_ms = secrets.token_bytes(32), self._wired.exam.clock.now_ms()
        login = Login(
            id=self._wired.exam.new_id(),
            role=Role.INVIGILATOR,
            subject_id=shadow.institution_id,
            institution_id=shadow.institution_id,
            name="影子监考",
            since_ms=now_ms,
            until_ms=now_ms + plan.length_ms + WATCHES_ON_MS,
            rehearsal=True,
        )
        parts = self._wired.parts
        hashed = parts.login.keys.token_hash(token)
        await parts.login.logins.open(login, token_hash=hashed, life_ms=login.until_ms - now_ms)
        return f"{parts.cookies.login.decode()}={urlsafe_b64encode(token).decode().rstrip('=')}"

    @asynccontextmanager
    async def _phones(self, people: Sequence[ShadowPerson]) -> AsyncGenerator[int, None]:
        """Shadows have no phone; what a shadow's own program asks for here is a code, told once."""
        waits = {self._phone_of[one.registration_id]: one for one in people}

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:  # one connection asks for many phones
                    head = await reader.readuntil(b"\r\n\r\n")
                    phone = head.removeprefix(b"GET /code/").split(b" ", 1)[0].decode()
                    code = await self._code(waits.pop(phone))
                    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(code)}\r\n\r\n{code}".encode())
                    await writer.drain()
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, KeyError):
                return
            finally:
                writer.close()

        server = await asyncio.start_server(serve, address_of(self._where.settings), 0, backlog=4096)
        async with server:
            yield int(server.sockets[0].getsockname()[1])

    async def _code(self, one: ShadowPerson) -> str:
        """A code in the place of the one that the service made and sent nowhere."""
        login = self._wired.parts.login
        code, blind = login.new_code(), login.keys.blind(one.id_no)
        await self._live.ring(blind, login.keys.code_hash(blind, code), life_ms=CODE_LIFE_MS)
        return code

    async def _start(self, path: Path, part: int, of: int) -> asyncio.subprocess.Process:
        words = ("loadtest.driver", str(path), str(part), str(of), str(self._where.folder))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(Path(tied.__file__)), str(os.getpid())),
            *(sys.executable, "-m", *words),
            cwd=ROOT,
            env=bare_environ(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours: what was begun is taken out in order
        )

    async def _summed(self, plan: Plan, *, lost: int, lag_s: float) -> _Summed:
        within = plan.arrive_s + 5
        words = (
            str(self._where.folder),
            "--within",
            f"{within}",
            "--lost",
            f"{lost}",
            "--lag",
            f"{lag_s:.2f}",
        )
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "loadtest.summed", *words),
            cwd=ROOT,
            env=bare_environ(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, wrong = await program.communicate()
        if program.returncode:
            raise CrowdFailed(wrong.decode(errors="replace").strip()[-500:])
        return msgspec.json.decode(told, type=_Summed)


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def _came(folder: Path) -> Came:
    homes = [msgspec.json.decode(path.read_bytes(), type=_Home) for path in folder.glob("kept-*.json")]
    kept = [one for home in homes for one in home.kept]
    return Came(
        started=sum(one.started_s >= 0 for one in kept),
        handed_in=sum(bool(one.receipt) for one in kept),
        ops=sum(one.seq for one in kept),
    )


def address_of(settings: Settings) -> str:
    """Where the service is called on this machine."""
    return ANY.get(settings.host, settings.host)


def bare_environ() -> Mapping[str, str]:
    """Without settings: the shadows' program knows no secret."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}


def _shape(plan: Plan, opens_s: float, drivers: int) -> Mapping[str, Any]:
    """As `loadtest.shapes.Shape` has it."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    listens = min(1.0, max(0.1, 0.8 * files * drivers / plan.candidates - 1.0))
    return {
        "tier": "rehearsal",
        "candidates": plan.candidates,
        "arrive_s": min(plan.log_in_s, 0.9 * opens_s) if opens_s else plan.arrive_s,
        "opens_s": opens_s,
        "start_s": plan.start_s if opens_s else 0.0,
        "steady_s": plan.steady_s,
        "hand_in_s": plan.wave_s,
        "hand_in_share": HAND_IN_SHARE,
        "tail_s": plan.tail_s,
        "listen_share": listens,
        "photo_share": plan.photo_share,
        "per_watcher": PER_WATCHER,
        "drivers": drivers,
    }

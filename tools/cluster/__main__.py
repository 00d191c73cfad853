"""`make cluster`: build the nodes, sit exams while they die in turn, prove that nothing was lost."""

import asyncio
import contextlib
import logging
import os
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import msgspec
import structlog

from exam_api.settings import Settings, from_environ
from exam_api.wiring import Wired, open_parts
from tools.bench.candidate import Candidate
from tools.bench.gateway import Gateway
from tools.bench.ground import Ground
from tools.bench.processes import ROOT, DidNotStart, clean_environ
from tools.cluster.asked import asked_for, check_ground
from tools.cluster.engines import PostgresPair, RedisNodes, start_front
from tools.cluster.machines import Machines
from tools.cluster.net import HUB, Net, NoNamespaces
from tools.cluster.proof import Proof, prove
from tools.cluster.sitter import Refused, Sitter
from tools.cluster.story import Cost, Story, costs
from tools.refuse import refuse

LIMIT_S: Final = 300.0
"""Candidates and proof end so long after the nodes were ready, whatever they have."""

SMS_PORT: Final = 9_000

API_PORT: Final = 8_000

OUT: Final = ROOT / "build" / "cluster.json"

INTERRUPTED: Final = 130

TOGETHER: Final = 25
"""Log-ins under way at once before the story begins: they are not what is measured."""

_began: Final = time.monotonic()


class ClusterOut(msgspec.Struct, frozen=True):
    """What build/cluster.json says."""

    candidates: int
    seconds: float
    costs: Sequence[Cost]
    fell_back: int
    """Acknowledged ops that a failover lost and the outboxes said again."""
    proof: Proof


def main() -> NoReturn:
    """Run it; status 1 when something was lost."""
    count = asked_for(os.environ.get("CANDIDATES", ""))
    check_ground(platform=sys.platform, user_id=os.geteuid())
    # Our own way to the cluster loses it, too: what that says belongs to no node.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="kw-cluster-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user
    try:
        with ExitStack() as ends:
            out = _run(folder, ends, count)
    except NoNamespaces as refused:
        refuse(
            f"无法建立网络命名空间：{refused}。需要 root；在容器中还需要 CAP_SYS_ADMIN 与 CAP_NET_ADMIN。",
            f"Network namespaces cannot be made ({refused}): root is needed, in a container also "
            "CAP_SYS_ADMIN and CAP_NET_ADMIN.",
        )
    except DidNotStart as failed:
        refuse("没有启动，原因见下。", str(failed))
    except subprocess.SubprocessError as failed:
        refuse("没有启动，原因见下。", f"It did not start: {failed}")
    except TimeoutError:
        refuse(f"{LIMIT_S:.0f} 秒内没有完成。", f"It was not done in {LIMIT_S:.0f} s.")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(out), indent=2) + b"\n")
    _show(out)
    sys.exit(not out.proof.holds)


def _run(folder: Path, ends: ExitStack, count: int) -> ClusterOut:
    machines = Machines(Net(ends), folder, ends)
    _say("Redis Cluster 3+3 …")
    nodes = RedisNodes(machines)
    nodes.start()
    _say("PostgreSQL 主库与同步副本 primary and synchronous standby …")
    pair = PostgresPair(machines)
    pair.start()
    api = {name: machines.net.add(name, number) for number, name in ((11, "api1"), (12, "api2"))}
    workers = {name: machines.net.add(name, number) for number, name in ((13, "worker1"), (14, "worker2"))}
    front = start_front(machines, behind=list(api.values()))
    shared = clean_environ() | {
        "KAOWU_DATABASE_URL": pair.url,
        "KAOWU_REDIS_URL": nodes.url,
        "KAOWU_SECRET": os.urandom(32).hex(),
        "KAOWU_PUBLIC_ORIGINS": "http://127.0.0.1:443",  # what the benchmark's candidate names as its page
        "KAOWU_TRUSTED_PROXIES": front,
        "KAOWU_SMS_URL": f"http://{HUB}:{SMS_PORT}/",
    }
    own = shared | {"KAOWU_DATA_DIR": str(folder / "hub")}
    migrate = [sys.executable, "-m", "exam_api.cli", "migrate"]
    done = subprocess.run(migrate, env=own, cwd=ROOT, capture_output=True, timeout=60, check=False)
    if done.returncode:
        (folder / "migrate.log").write_bytes(done.stderr)
        raise DidNotStart("migrate", folder / "migrate.log")
    _say("2 API、2 worker、nginx …")
    for name, host in {**api, **workers}.items():
        module = "exam_api.serving.api" if name in api else "exam_api.worker"
        environ = shared | {"KAOWU_DATA_DIR": str(folder / name)}
        if name in api:
            environ |= {"KAOWU_HOST": host, "KAOWU_PORT": str(API_PORT)}
        machines.start(name, [sys.executable, "-m", module], environ=environ)
    settings = from_environ(own)
    return asyncio.run(_sat(settings, Story(machines, nodes, pair, _say), count, front=front, folder=folder))


async def _sat(settings: Settings, story: Story, count: int, *, front: str, folder: Path) -> ClusterOut:
    gateway = Gateway()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            await gateway.take(reader, writer)
        writer.close()

    server = await asyncio.start_server(take, HUB, SMS_PORT, backlog=512)
    try:
        async with asyncio.timeout(LIMIT_S), server, open_parts(settings) as wired:
            return await _told(wired, gateway, story, count, front=front)
    except (Refused, ConnectionError) as refused:
        refuse("服务拒绝了必须接受的请求。", f"{refused}\n{_ends_of(folder)}")


async def _told(wired: Wired, gateway: Gateway, story: Story, count: int, *, front: str) -> ClusterOut:
    ground = Ground(wired)
    people = await ground.lay(count)
    now_ms = wired.exam.clock.now_ms()
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE  # the certificate was made a minute ago, for these namespaces only
    sitters = [
        Sitter(
            candidate=Candidate(attempt_id, person, port=443, now_ms=now_ms),
            host=front,
            trust=trust,
            chance=random.Random(number),  # noqa: S311 - pauses are no secret
        )
        for number, (attempt_id, person) in enumerate(people)
    ]
    door = asyncio.Semaphore(TOGETHER)

    async def enter(sitter: Sitter) -> None:
        async with door:
            await sitter.log_in(gateway)

    await asyncio.gather(*(enter(sitter) for sitter in sitters))
    _say(f"{count} 人已开考 candidates have started")
    await story.sit(sitters)
    _say("全部交卷；核对 all handed in; comparing …")
    await ground.drained()
    proof = prove(sitters, await ground.held(), wired.exam)
    for sitter in sitters:
        sitter.close()
    waits = [wait for sitter in sitters for wait in sitter.waits]
    return ClusterOut(
        candidates=count,
        seconds=round(time.monotonic() - _began, 1),
        costs=costs(story.faults, waits),
        fell_back=sum(sitter.fell_back for sitter in sitters),
        proof=proof,
    )


def _show(out: ClusterOut) -> None:
    print()
    print(f"{'故障 fault':<44}{'恢复 mended':>12}{'重试 retried':>12}{'最长等待 longest':>14}{'>1 s':>7}")
    for cost in out.costs:
        print(
            f"{cost.name:<46}{cost.mended_s:>11.1f}s{cost.failed:>13}{cost.longest_s:>16.1f}s{cost.slower:>7}"
        )
    proof = out.proof
    print()
    print(
        f"{proof.attempts} 份作答，{proof.ops} 条已确认，{proof.receipts} 张回执；"
        f"故障转移丢失后由本机补发 {out.fell_back} 条。"
    )
    print(
        f"{proof.attempts} attempts, {proof.ops} acknowledged answers, {proof.receipts} receipts; "
        f"{out.fell_back} answers lost by a failover and said again by outboxes."
    )
    print(
        f"lost {proof.lost} · out of order {proof.disordered} · without result {proof.not_handed_in} · "
        f"false receipts {proof.false_receipts} · {out.seconds:.0f} s"
    )
    print("未丢失任何已确认的作答 Nothing was lost." if proof.holds else "有丢失 SOMETHING WAS LOST.")


def _say(words: str) -> None:
    print(f"{time.monotonic() - _began:6.1f} s  {words}", flush=True)


def _ends_of(folder: Path) -> str:
    logs = sorted(folder.glob("api*.log"))
    return "\n".join(log.read_text(encoding="utf-8", errors="replace")[-1_500:] for log in logs)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()

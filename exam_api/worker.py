"""The worker process: settings from the environment, parts from the wiring, loops until SIGTERM."""

import asyncio
import os
import signal

import uvloop

from exam_api.jobs.leftovers import keep_clean
from exam_api.jobs.measure import keep_measured, metrics_served
from exam_api.jobs.segments import keep_segments
from exam_api.jobs.worker import Worker
from exam_api.live.measure import RedisMeasures
from exam_api.log import start_logging
from exam_api.settings import from_environ
from exam_api.wiring import open_parts
from exam_api.wiring.rehearsal import rehearse_parts


async def main() -> None:
    settings = from_environ(os.environ)  # noqa: TID251 - an entry point hands the environment to the settings
    start_logging(settings)
    async with open_parts(settings) as parts:
        worker = Worker(parts.exam, parts.log, parts.parts.audit.seals)
        beside = [
            asyncio.create_task(keep_measured(RedisMeasures(parts.lane), parts.exam.clock)),
            asyncio.create_task(keep_segments(parts.parts.snapshots)),
            asyncio.create_task(
                keep_clean(rehearse_parts(parts.ground, parts.exam, parts.parts.snapshots.segments))
            ),
        ]
        loop = asyncio.get_running_loop()
        for end in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(end, worker.stop)
        with metrics_served(settings.metrics_port):
            await worker.run()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


if __name__ == "__main__":
    uvloop.run(main())

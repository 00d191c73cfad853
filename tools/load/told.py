"""What a run says on the terminal; its last line can be quoted as it stands."""

from pathlib import Path
from typing import Final

from loadtest.report import Run
from loadtest.waiting import Waited

QUOTED: Final = ("login", "start", "sync", "submit")
"""Endpoints whose p99 stands in the last line."""


def show(run: Run) -> None:
    """Everything but the last line."""
    for one in run.summaries.values():
        print(
            f"{one.name:8} {one.count:9,} calls {one.errors:6} errors {one.waits:7} waits  "
            f"peak {one.peak_rps:5}/s  p50 {one.p50_ms:7.1f}  p99 {one.p99_ms:8.1f} ms"
        )
    if run.waiting is not None:
        one = run.waiting
        print(f"排队 waiting: to log in {_waited(one.log_in)}; to start {_waited(one.start)}")
        print(
            f"{one.people:,} people were told to wait, {one.told:,} times; "
            f"{one.without_sealed:,} started without a sealed paper"
        )
    for phase in run.phases:
        used = ", ".join(f"{name} {cores:.2f}" for name, cores in phase.cores.items())
        print(
            f"{phase.en:20} {phase.from_s:4.0f}-{phase.upto_s:<4.0f} s  cores: {used}; "
            f"most together {phase.cores_most:.2f}; {phase.ms_each:.1f} ms a candidate"
        )
    if run.handshakes is not None:
        one = run.handshakes
        print(
            f"{one.protocol}: CPU of nginx {one.full_us:.0f} µs a handshake, "
            f"{one.resumed_us:.0f} µs a resumption ({one.resumed} of {one.asked} resumed), "
            f"{one.call_us:.0f} µs a call on a kept connection"
        )
    for verdict in run.verdicts:
        mark = "kept  " if verdict.held else "BROKEN"
        print(f"{mark} {verdict.zh} {verdict.en}: {verdict.measured} ({verdict.limit})")


def _waited(one: Waited) -> str:
    return f"p50 {one.p50_s:g}, p99 {one.p99_s:g}, most {one.most_s:g} s"


def last_line(run: Run, page: Path) -> str:
    """Verdict, people, errors, losses, p99 of what counts, CPU of one candidate."""
    broken = [one.en for one in run.verdicts if not one.held]
    verdict = "全部达标 every limit kept" if run.held else f"未达标 broken: {'; '.join(broken)}"
    if run.served and not run.held:
        verdict += "；所有人都已完成，只是较晚 everybody got through, only later"
    errors = sum(one.errors for one in run.summaries.values())
    lost = next((one.measured for one in run.verdicts if "on record as told" in one.en), "?")
    p99 = ", ".join(f"{name} {run.summaries[name].p99_ms:.0f}" for name in QUOTED if name in run.summaries)
    served = {name: ms for name, ms in run.cpu_ms_each.items() if not name.startswith("driver")}
    cpu = ", ".join(f"{name} {ms:.1f}" for name, ms in served.items())
    over = " TLS" if run.handshakes else ""
    told = [
        f"{run.shape.tier} {run.shape.candidates:,} {run.driver}{over}: {verdict}",
        f"errors {errors}, lost {lost}",
        f"p99 ms: {p99}",
        f"CPU ms a candidate: {sum(served.values()):.1f} ({cpu})",
        f"{run.seconds:.0f} s → {page}",
    ]
    return " | ".join(told)

"""The benchmark as a person reads it."""

import os
from typing import Final

from rich.console import Console
from rich.table import Table

from tools.bench.rows import EXAM, BenchOut, EndpointOut, total_of

WIDTH: Final = 132
"""Columns the table needs, also where nobody looks at it."""


def show(out: BenchOut, *, seconds: float) -> None:
    """Print the table."""
    console = Console(highlight=False, width=max(WIDTH, Console().width))
    console.print(table_of(out))
    slices = out.noop_us_slices
    console.print(
        f"no-op {min(slices)} – {max(slices)} µs in {len(slices)} slices · load average {out.load_average} "
        f"on {os.cpu_count()} cores · {seconds:.0f} s · build/bench.json"
    )
    if out.not_measured:
        console.print(f"not measured: {', '.join(out.not_measured)}")
    parts = " + ".join(name if times == 1 else f"{times} × {name}" for name, times in EXAM.items())
    told = "void" if out.exam_cpu_ms is None else f"{out.exam_cpu_ms} ms CPU"
    console.print(f"one exam ({parts}): [bold]{told}[/bold]")


def table_of(out: BenchOut) -> Table:
    """One line for each endpoint; µs are CPU of one call."""
    table = Table(title="CPU µs per request", title_justify="left", title_style="bold")
    table.add_column("endpoint", no_wrap=True)
    heads = ("server", "Redis", "database", "worker", "total", "req/s", "p50 ms", "p99 ms")
    for head in (*heads, "share of no-op", "stored ratio"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_row("no-op", f"{out.noop_us}", *["–"] * 7, "1", "–")
    for name, row in out.endpoints.items():
        if row.void is None:
            table.add_row(name, *_figures(row))
        else:
            table.add_row(name, f"[red]void: {row.void}[/red]", *["–"] * 8, f"{row.stored_ratio:.4f}")
    return table


def _figures(row: EndpointOut) -> list[str]:
    parts = (row.server_us, row.redis_us, row.db_us, row.worker_us, total_of(row), row.rps)
    waits = (row.p50_ms, row.p99_ms)
    return [
        *("–" if one is None else f"{one:,.1f}" for one in parts),
        *(f"{one:.2f}" for one in waits if one is not None),
        f"{row.share_of_noop:.2f}",
        f"{row.stored_ratio:.4f} ({row.answered:,})",
    ]

"""What `kaowu import-pool` says about a file, for people and for programs."""

from rich.console import Console
from rich.table import Table

from question_pools.exchange.report import Report

SHOWN_MOST = 200
"""Problems listed for a person; --json has all."""


def tell(report: Report, console: Console) -> None:
    """Figures first, then each problem with its place."""
    figures = Table(show_header=False, box=None)
    figures.add_row("文件 file", report.file)
    figures.add_row("版式 layout", report.layout)
    figures.add_row("行 rows", str(report.rows))
    figures.add_row("接收 accepted", f"{report.accepted}  {_kinds(report)}")
    figures.add_row("拒绝 rejected", str(report.rejected))
    figures.add_row("提醒 warned", str(report.warned))
    console.print(figures)
    for problem in report.problems[:SHOWN_MOST]:
        place = f"{problem.sheet}!{problem.column}{problem.row}"
        console.print(f"{place}  {problem.code.value}  {problem.message.zh}", markup=False)
        console.print(f"{' ' * len(place)}  {problem.message.en}", markup=False)
    if len(report.problems) > SHOWN_MOST:
        console.print(f"… {len(report.problems) - SHOWN_MOST} more: --json lists all")


def _kinds(report: Report) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in report.by_kind.items() if count)

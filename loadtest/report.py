"""The report of a run: one HTML page that stands alone, its pictures also as files, all figures as JSON."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from loadtest.book import Sample
from loadtest.curves import Point, Summary, latencies, rates
from loadtest.limits import Verdict
from loadtest.pictures import Line, drawn
from loadtest.shapes import Shape

BIN_S: Final = 2.0
"""Length of a point in the pictures of latencies."""

NAMES: Final[Mapping[str, str]] = {
    "code": "要验证码 code",
    "login": "登录 log-in",
    "exams": "我的考试 my exams",
    "consent": "同意拍照 consent",
    "sealed": "取密封试卷 sealed paper",
    "start": "开考 start",
    "resume": "重新载入 reload",
    "sync": "同步 sync",
    "snapshot": "照片 picture",
    "submit": "交卷 hand-in",
    "live": "监考表 live table",
    "watch": "事件流 stream",
}
"""Endpoints as people call them."""

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
td,th{padding:.25em .6em;text-align:right;border-bottom:1px solid #8884}
td:first-child,th:first-child{text-align:left}
svg{width:100%;height:auto;margin:.4em 0}
.broken{font-weight:700;text-decoration:underline}
.small{font-size:.87em;opacity:.8}
"""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is told of a run."""

    shape: Shape
    driver: str
    """The program that made the figures."""
    seconds: float
    verdicts: Sequence[Verdict]
    summaries: Mapping[str, Summary]
    counted: Mapping[str, int]
    """What was acknowledged and what was found on record."""
    cpu_ms_each: Mapping[str, float]
    """CPU of the whole run divided by those who started, in ms, by process."""
    memory_mb: Mapping[str, float]
    """Most memory, by process."""
    pokes: int
    refusals: Sequence[str]
    machine: Mapping[str, str]
    points: Sequence[Point]

    @property
    def held(self) -> bool:
        """Whether every limit was kept."""
        return all(one.held for one in self.verdicts)


def write_report(run: Run, samples: Mapping[str, Sequence[Sample]], out: Path) -> Path:
    """Leave report.html, run.json and the pictures in the folder; gives the page."""
    pictures = _pictures(run, samples)
    for name, picture in pictures.items():
        (out / f"{name}.svg").write_text(picture, encoding="utf-8")
    (out / "run.json").write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    page = out / "report.html"
    page.write_text(_page(run, pictures), encoding="utf-8")
    return page


def _pictures(run: Run, samples: Mapping[str, Sequence[Sample]]) -> Mapping[str, str]:
    shape = run.shape
    marks = {"都已到 all in": shape.arrive_s, "集中交卷 burst": shape.hand_in_begins_s}
    known = {NAMES[name]: found for name, found in samples.items()}
    asked = {name: found for name, found in known.items() if found}

    def picture(lines: Mapping[str, Line], title: str, unit: str) -> str:
        return drawn(lines, title=title, unit=unit, marks=marks)

    def of_process(value: str) -> Mapping[str, Line]:
        names = sorted({name for point in run.points for name in point.cores})
        return {
            name: [(point.at_s, getattr(point, value)[name]) for point in run.points if point.at_s >= 0]
            for name in names
        }

    return {
        "rates": picture(
            {name: rates(found, bin_s=1.0) for name, found in asked.items()}, "请求数 Calls", "次/秒 calls/s"
        ),
        "p50": picture(
            {name: latencies(found, 0.5, bin_s=BIN_S) for name, found in asked.items()},
            "延迟中位数 Median latency",
            "毫秒 ms",
        ),
        "p99": picture(
            {name: latencies(found, 0.99, bin_s=BIN_S) for name, found in asked.items()},
            "延迟 p99 Latency, p99",
            "毫秒 ms",
        ),
        "cpu": picture(of_process("cores"), "CPU", "核 cores"),
        "memory": picture(of_process("memory_mb"), "内存 Memory", "MB"),
        "lag": picture(
            {
                "未落库的日志条目 log entries not on record": [
                    (one.at_s, one.lag) for one in run.points if one.at_s >= 0
                ]
            },
            "落库滞后 Behind the log",
            "条 entries",
        ),
    }


def _page(run: Run, pictures: Mapping[str, str]) -> str:
    shape = run.shape
    title = f"压测报告 Load test · {shape.tier} · {shape.candidates:,}"
    verdict = "全部达标 Every limit kept" if run.held else "未达标 Limits broken"
    told = (
        f"{shape.candidates:,} 人在 {shape.arrive_s:g} 秒内到齐，平稳作答 {shape.steady_s:g} 秒"
        f"（思考速度 ×{shape.pace:g}），"
        f"{shape.hand_in_share:.0%} 在 {shape.hand_in_s:g} 秒内交卷；压测程序：{run.driver}。<br>"
        f"{shape.candidates:,} people arrive within {shape.arrive_s:g} s, answer for {shape.steady_s:g} s "
        f"(thinking ×{shape.pace:g}), {shape.hand_in_share:.0%} hand in within {shape.hand_in_s:g} s. "
        f"All figures were made by the {run.driver} driver, on the same machine as the service."
    )
    parts = [
        (
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style><h1>{escape(title)}</h1><p><strong>{verdict}</strong></p><p>{told}</p>"
        ),
        "<h2>限值 Limits</h2>",
        _table(
            ("限值 limit", "", "要求 wanted", "实测 measured", "结论 verdict"),
            [
                (one.zh, one.en, one.limit, one.measured, "达标 kept" if one.held else "✗ 未达标 broken")
                for one in run.verdicts
            ],
        ),
        "<h2>接口 Endpoints</h2>",
        _table(
            (
                "",
                "次数 calls",
                "失败 errors",
                "最忙一秒 peak/s",
                "p50 ms",
                "p95 ms",
                "p99 ms",
                "最大 max ms",
                "字节 bytes",
            ),
            [_summary_row(one) for one in run.summaries.values()],
        ),
        "<h2>过程 Over time</h2>",
        *pictures.values(),
        "<h2>确认与落库 Acknowledged and on record</h2>",
        _table(("", ""), [(name, f"{value:,}") for name, value in run.counted.items()]),
        "<h2>每名考生的 CPU CPU per candidate (ms)</h2>",
        _table(
            ("进程 process", "CPU ms", "内存峰值 most memory, MB"),
            [
                (name, f"{ms:.2f}", f"{run.memory_mb.get(name, 0):.0f}")
                for name, ms in run.cpu_ms_each.items()
            ],
        ),
    ]
    if run.refusals:
        listed = "".join(f"<li><code>{escape(one)}</code></li>" for one in run.refusals)
        parts.append(f"<h2>失败的请求（前几条） First calls that failed</h2><ul>{listed}</ul>")
    parts.append(
        f'<p class="small">{escape("; ".join(f"{k} {v}" for k, v in run.machine.items()))}</p></html>'
    )
    return "".join(parts)


def _summary_row(one: Summary) -> Sequence[str]:
    return (
        NAMES[one.name],
        f"{one.count:,}",
        f"{one.errors:,}",
        f"{one.peak_rps:,}",
        f"{one.p50_ms:.1f}",
        f"{one.p95_ms:.1f}",
        f"{one.p99_ms:.1f}",
        f"{one.most_ms:.1f}",
        f"{one.bytes_mean:,}",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heads = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "".join(
        f"<tr{_mark(row)}>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{heads}</tr>{body}</table>"


def _mark(row: Sequence[str]) -> str:
    return ' class="broken"' if row[-1].startswith("✗") else ""

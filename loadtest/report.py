"""The report of a run: one HTML page that stands alone, its pictures also as files, all figures as JSON."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from loadtest.book import Sample
from loadtest.curves import Point, Summary, latencies, rates
from loadtest.limits import Verdict
from loadtest.pictures import Line, drawn
from loadtest.shapes import Shape
from loadtest.waiting import Waited, Waiting

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
td:first-child,th:first-child,.words{text-align:left}
svg{width:100%;height:auto;margin:.4em 0}
.broken{font-weight:700;text-decoration:underline}
.small{font-size:.87em;opacity:.8}
"""


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the run, and what it used."""

    zh: str
    en: str
    from_s: float
    upto_s: float
    cores: Mapping[str, float]
    """In use on the average, by process."""
    cores_most: float
    """Of all processes together, in the busiest second."""
    ms_each: float
    """CPU of all processes but the drivers, for one candidate."""


class Handshakes(msgspec.Struct, frozen=True, kw_only=True):
    """CPU of nginx in µs."""

    full_us: float
    """Of a new connection's handshake, its small call taken off."""
    resumed_us: float
    """Of one that goes on with a session it had."""
    call_us: float
    """Of a small call on a connection that stands."""
    resumed: int
    """Of those that asked to resume, how many did."""
    asked: int
    """Handshakes of each kind."""
    protocol: str


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
    """CPU of the whole run divided by those who came, in ms, by process."""
    memory_mb: Mapping[str, float]
    """Most memory, by process."""
    pokes: int
    refusals: Sequence[str]
    machine: Mapping[str, str]
    points: Sequence[Point]
    phases: Sequence[Phase] = ()
    handshakes: Handshakes | None = None
    """None: plain HTTP."""
    waiting: Waiting | None = None
    last_start_s: float = 0.0
    """When the last one had the paper."""
    served: bool = False
    """Everybody got through, however late, and nothing was lost."""

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


class Chart(NamedTuple):
    """What a picture of calls shows."""

    title: str
    names: tuple[str, ...]
    between: tuple[float, float] | None = None


ALL: Final = ("login", "sealed", "start", "sync", "snapshot", "submit")
"""Endpoints whose whole course is shown: those of the first minute have a picture of their own."""

ARRIVING: Final = ("code", "login", "exams", "consent", "sealed", "start", "watch")
HANDING_IN: Final = ("sync", "snapshot", "submit")


def _pictures(run: Run, samples: Mapping[str, Sequence[Sample]]) -> Mapping[str, str]:
    shape = run.shape
    marks = {"开考 opening": shape.opens_s} if shape.opens_s else {}
    marks |= {"都已到 all in": shape.in_s, "集中交卷 burst": shape.hand_in_begins_s}
    first, last = (0.0, shape.in_s + 5), (shape.hand_in_begins_s - 10, shape.ends_s)

    def calls(chart: Chart, share: float | None) -> str:
        found = {NAMES[name]: samples[name] for name in chart.names if samples.get(name)}
        lines: Mapping[str, Line] = {
            name: rates(one, bin_s=1.0) if share is None else latencies(one, share, bin_s=BIN_S)
            for name, one in found.items()
        }
        unit = "次/秒 calls/s" if share is None else "毫秒 ms"
        return drawn(lines, title=chart.title, unit=unit, marks=marks, between=chart.between)

    def points(title: str, unit: str, values: Mapping[str, Callable[[Point], float]]) -> str:
        shown = [one for one in run.points if one.at_s >= 0]
        lines = {name: [(one.at_s, value(one)) for one in shown] for name, value in values.items()}
        return drawn(lines, title=title, unit=unit, marks=marks)

    names = sorted({name for point in run.points for name in point.cores})
    return {
        "rates": calls(Chart("请求数 Calls", ALL), None),
        "arriving": calls(Chart("第一分钟：登录、取密封试卷、开考 The first minute", ARRIVING, first), None),
        "handing_in": calls(Chart("集中交卷 The burst of hand-ins", HANDING_IN, last), None),
        "p50": calls(Chart("延迟中位数 Median latency", ALL), 0.5),
        "p99": calls(Chart("延迟 p99 Latency, p99", ALL), 0.99),
        "cpu": points("CPU", "核 cores", {name: _of("cores", name) for name in names}),
        "memory": points("内存 Memory", "MB", {name: _of("memory_mb", name) for name in names}),
        "lag": points(
            "落库滞后 Behind the log",
            "条 entries",
            {"未落库 not on record": lambda one: float(one.lag)},
        ),
        "waiting": points(
            "Redis 与数据库应答 Redis and database: an empty question",
            "毫秒 ms",
            {"Redis": lambda one: one.redis_ms, "数据库 database": lambda one: one.database_ms},
        ),
    }


def _of(field: str, name: str) -> Callable[[Point], float]:
    return lambda one: float(getattr(one, field).get(name, 0.0))


COUNTED: Final[Mapping[str, str]] = {
    "started": "已开考 started",
    "ops_told": "已确认的作答 answers acknowledged",
    "ops_lost": "其中未落库 of them not on record",
    "other_heads": "链不一致 chains that differ",
    "handed_in": "已交卷 handed in",
    "starts_lost": "未落库的开考 starts not on record",
    "results_lost": "未落库的成绩 results not on record",
    "doubled": "重复的作答 answers on record twice",
    "wrong_replies": "不可能正确的答复 replies that cannot be right",
    "pictures_told": "已收下的照片 pictures taken in",
    "pictures_lost": "其中未落库 of them not on record",
    "receipts_checked": "抽查的回执 receipts looked at",
    "receipts_false": "其中无效 of them false",
}
"""What was counted, as people call it."""


def _page(run: Run, pictures: Mapping[str, str]) -> str:
    heads = (
        "次数 calls",
        "失败 errors",
        "稍候 waits",
        "最忙一秒 peak/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "最大 max ms",
    )
    parts = [
        _head(run),
        "<h2>限值 Limits</h2>",
        _table(
            ("限值 limit", "", "要求 wanted", "实测 measured", "结论 verdict"),
            [
                (one.zh, one.en, one.limit, one.measured, "达标 kept" if one.held else "✗ 未达标 broken")
                for one in run.verdicts
            ],
        ),
        "<h2>接口 Endpoints</h2>",
        _table(("", *heads, "字节 bytes"), [_summary_row(one) for one in run.summaries.values()]),
        *(_waiting(run.waiting) if run.waiting is not None else ()),
        "<h2>过程 Over time</h2>",
        *pictures.values(),
        "<h2>确认与落库 Acknowledged and on record</h2>",
        _table(("", ""), [(COUNTED.get(name, name), f"{value:,}") for name, value in run.counted.items()]),
        "<h2>每名考生的 CPU CPU per candidate (ms)</h2>",
        _table(
            ("进程 process", "CPU ms", "内存峰值 most memory, MB"),
            [
                (name, f"{ms:.2f}", f"{run.memory_mb.get(name, 0):.0f}")
                for name, ms in run.cpu_ms_each.items()
            ],
        ),
    ]
    if run.phases:
        parts += ["<h2>各阶段 Parts of the exam</h2>", _phases(run.phases)]
    if run.handshakes is not None:
        parts += ["<h2>TLS（nginx）</h2>", _handshakes(run.handshakes)]
    if run.refusals:
        listed = "".join(f"<li><code>{escape(one)}</code></li>" for one in run.refusals)
        parts.append(f"<h2>失败的请求（前几条） First calls that failed</h2><ul>{listed}</ul>")
    parts.append(
        f'<p class="small">{escape("; ".join(f"{k} {v}" for k, v in run.machine.items()))}</p></html>'
    )
    return "".join(parts)


def _head(run: Run) -> str:
    shape = run.shape
    title = f"压测报告 Load test · {shape.tier} · {shape.candidates:,}"
    verdict = "全部达标 Every limit kept" if run.held else "未达标 Limits broken"
    if run.served and not run.held:
        verdict += "；所有人都完成了考试，只是较晚 — everybody got through, only later"
    told = (
        f"{shape.candidates:,} 人在 {shape.in_s:g} 秒内登录并开考，平稳作答 {shape.steady_s:g} 秒"
        f"（思考速度 ×{shape.pace:g}），"
        f"{shape.hand_in_share:.0%} 在 {shape.hand_in_s:g} 秒内交卷；压测程序：{run.driver}。<br>"
        f"{shape.candidates:,} people log in and start within {shape.in_s:g} s, "
        f"answer for {shape.steady_s:g} s (thinking ×{shape.pace:g}), "
        f"{shape.hand_in_share:.0%} hand in within {shape.hand_in_s:g} s. "
        f"All figures were made by the {run.driver} driver, on the same machine as the service."
    )
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1><p><strong>{verdict}</strong></p><p>{told}</p>"
    )


def _waiting(one: Waiting) -> Sequence[str]:
    def row(words: str, waited: Waited) -> Sequence[str]:
        return (words, f"{waited.p50_s:g}", f"{waited.p99_s:g}", f"{waited.most_s:g}")

    return [
        "<h2>排队 Waiting</h2>",
        _table(
            ("秒 s", "p50", "p99", "最大 max"),
            [
                row("从要登录到登录 from wanting in to logged in", one.log_in),
                row("从要开考到拿到试卷 from wanting to start to the paper", one.start),
            ],
        ),
        (
            f"<p>被告知稍候 told to wait: {one.told:,} ({one.people:,} 人 people); "
            f"开考时没有密封试卷 started without a sealed paper: {one.without_sealed:,}</p>"
        ),
    ]


def _phases(phases: Sequence[Phase]) -> str:
    names = sorted({name for one in phases for name in one.cores})
    head = ("", "秒 s", *(f"{name} 核 cores" for name in names), "合计最忙 most", "每人 ms each")
    return _table(
        head,
        [
            (
                f"{one.zh} {one.en}",
                f"{one.from_s:g}–{one.upto_s:g}",
                *(f"{one.cores.get(name, 0.0):.2f}" for name in names),
                f"{one.cores_most:.2f}",
                f"{one.ms_each:.2f}",
            )
            for one in phases
        ],
    )


def _handshakes(one: Handshakes) -> str:
    return _table(
        ("nginx CPU", "µs"),
        [
            (f"完整握手 handshake, {one.protocol}", f"{one.full_us:.0f}"),
            (f"会话恢复 resumption ({one.resumed} / {one.asked})", f"{one.resumed_us:.0f}"),
            ("已有连接上的一次请求 a call on a kept connection", f"{one.call_us:.0f}"),
        ],
    )


def _summary_row(one: Summary) -> Sequence[str]:
    return (
        NAMES[one.name],
        f"{one.count:,}",
        f"{one.errors:,}",
        f"{one.waits:,}",
        f"{one.peak_rps:,}",
        f"{one.p50_ms:.1f}",
        f"{one.p95_ms:.1f}",
        f"{one.p99_ms:.1f}",
        f"{one.most_ms:.1f}",
        f"{one.bytes_mean:,}",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heads = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "".join(f"<tr{_mark(row)}>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><tr>{heads}</tr>{body}</table>"


def _cell(text: str) -> str:
    words = ' class="words"' if text[:1].isalpha() else ""
    return f"<td{words}>{escape(text)}</td>"


def _mark(row: Sequence[str]) -> str:
    return ' class="broken"' if row[-1].startswith("✗") else ""

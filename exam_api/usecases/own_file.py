"""A person's own data as a file to take away: a page to read, JSON for programs, in one .zip."""

import html
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from exam_api.usecases.log_in import SHANGHAI_AHEAD
from exam_api.usecases.rights import OwnData

WORDS: Final[Mapping[str, str]] = {
    "person": "本人 Person",
    "given": "机构报送 What institutions sent",
    "employments": "任职 Employment",
    "sittings": "报名与考试 Registrations",
    "attempts": "作答 Attempts",
    "results": "成绩 Results",
    "exam_consents": "考前同意 Consent before exams",
    "consents": "同意 Consent",
    "item_reports": "题目反馈 Items reported",
    "corrections": "更正 Corrections",
    "erasures": "删除 Deletions",
    "notices": "被拒情形 Refusals told to others",
    "log_ins": "当前登录 Open log-ins",
}
"""Headings of the page, in its order."""

STYLE: Final = (
    "body{font:16px/1.6 sans-serif;max-width:960px;margin:24px auto;padding:0 16px}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:4px 8px;text-align:left;"
    "vertical-align:top;word-break:break-word}h2{margin-top:32px}"
)


def own_json(data: OwnData) -> bytes:
    """Everything, for programs."""
    held = _whole(data)
    return msgspec.json.format(msgspec.json.encode({"madeMs": data.at_ms, **held}), indent=2)


def own_page(data: OwnData) -> bytes:
    """Everything, to be read."""
    parts = [f"<h2>{html.escape(words)}</h2>{_table(_whole(data)[key])}" for key, words in WORDS.items()]
    made = _instant(data.at_ms)
    return (
        "<!doctype html><html lang='zh'><meta charset='utf-8'><title>我的信息 My data</title>"
        f"<style>{STYLE}</style><h1>我的信息 My data</h1><p>{made}</p>{''.join(parts)}</html>"
    ).encode()


def own_zip(data: OwnData) -> bytes:
    """Page and JSON together."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("my-data.html", own_page(data))
        file.writestr("my-data.json", own_json(data))
    return out.getvalue()


def _whole(data: OwnData) -> dict[str, Any]:
    held: dict[str, Any] = msgspec.to_builtins(data.file)
    held["log_ins"] = msgspec.to_builtins(data.log_ins)
    return {key: held[key] for key in WORDS}


def _table(held: Any) -> str:  # noqa: ANN401 - whatever the file holds
    rows = cast("Sequence[Mapping[str, Any]]", [held] if isinstance(held, dict) else held)
    if not rows:
        return "<p>无 None</p>"
    heads = list(rows[0])
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(name, row.get(name))}</td>" for name in heads) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(name: str, held: Any) -> str:  # noqa: ANN401 - whatever the file holds
    if name.lower().endswith("ms") and isinstance(held, int):
        return _instant(held) if held else "–"
    if isinstance(held, list | dict):
        return html.escape(msgspec.json.encode(held).decode())
    return html.escape("–" if held is None else str(held))


def _instant(at_ms: int) -> str:
    """In Asia/Shanghai."""
    return f"{datetime.fromtimestamp(at_ms / 1000, tz=UTC) + SHANGHAI_AHEAD:%Y-%m-%d %H:%M:%S}"

"""Reads what a set of pictures says about itself: manifest.csv, and pairs.csv for comparing faces."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from proctoring.evaluate.errors import SetRefused

ROWS_MOST: Final = 100_000
KINDS: Final = frozenset({"single", "multi", "multi_bg", "noface_scene", "noface_animal"})
"""Kinds whose faces are counted; those of `REPLAYS` are asked about replays; others are left out."""

REPLAYS: Final = {"spoof_live": False, "spoof_replay": True}


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """One picture with what is in it."""

    path: Path
    name: str
    """As the manifest calls it: seeds what is drawn at random for it."""
    kind: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two pictures of faces."""

    one: Path
    other: Path
    same: bool


def read_manifest(folder: Path) -> Sequence[Labelled]:
    """All pictures of the set. Raises SetRefused."""
    return [
        Labelled(path=_inside(folder, row["file"]), name=row["file"], kind=row["kind"])
        for row in _rows(folder / "manifest.csv", ("file", "kind"))
    ]


def read_pairs(folder: Path) -> Sequence[Pair]:
    """All pairs; none without the file. Raises SetRefused."""
    path = folder / "pairs.csv"
    if not path.is_file():
        return ()
    return [
        Pair(
            one=_either(folder, row, row["a"]),
            other=_either(folder, row, row["b"]),
            same=row["same"].strip() == "1",
        )
        for row in _rows(path, ("a", "b", "same"))
    ]


def _either(folder: Path, row: dict[str, str], name: str) -> Path:
    """Names of pairs are relative to the set or to its split's folder."""
    under = _inside(folder, f"{row.get('split', '')}/{name}".lstrip("/"))
    return under if under.is_file() else _inside(folder, name)


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SetRefused(folder, f"{name} 指向文件夹之外。", f"{name} points out of the folder.")
    return path


def _rows(path: Path, wanted: Sequence[str]) -> Sequence[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in wanted if name not in (reader.fieldnames or ())]
            if lacking:
                raise SetRefused(path, f"缺少列 {', '.join(lacking)}。", f"lacks {', '.join(lacking)}.")
            rows = [row for row, _ in zip(reader, range(ROWS_MOST), strict=False)]
    except OSError as failed:
        raise SetRefused(path, "无法读取。", f"cannot be read: {failed.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise SetRefused(path, "不是 UTF-8 的 CSV 文件。", "is not a CSV file in UTF-8.") from None
    return [{name: value or "" for name, value in row.items() if name} for row in rows]

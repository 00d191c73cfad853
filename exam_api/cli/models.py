"""`kaowu models list` and `kaowu models install`: the files that look at camera pictures."""

import importlib.metadata
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from exam_api.cli.given import FAILED, models_folder, refuse
from proctoring.detect.errors import ModelRefused, NoModelsThere
from proctoring.detect.finders import yuface_is_here
from proctoring.detect.installed import install_from, read_model
from proctoring.models import KNOWN, YUFACE, Model, Task

TASKS = {
    Task.FACES: "找人脸 finds faces",
    Task.SAME_PERSON: "人脸比对 compares faces",
    Task.REPLAY: "翻拍提示 advises on replays",
}


class Act(StrEnum):
    LIST = "list"
    INSTALL = "install"


class State(StrEnum):
    """Of one model on this machine."""

    INSTALLED = "installed"
    ABSENT = "absent"
    REFUSED = "refused"


def run(
    act: Annotated[Act, typer.Argument(help="list: what there is; install: take files over.")] = Act.LIST,
    *,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="install: folder that holds the files as their projects hand them out."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False,
) -> None:
    """画面分析模型 Model files: name, version, SHA-256, licence. Status 1 when one was refused."""
    if act is Act.LIST:
        _list(json=json)
        return
    if source is None:
        refuse(
            "请用 --from 给出存放模型文件的文件夹；不会自行下载，清单见 `kaowu models list`。\n"
            "Pass the folder that holds the files with --from: nothing is downloaded, "
            "`kaowu models list` names files, hashes and licences."
        )
    _install(source)


def _install(source: Path) -> None:
    try:
        taken = install_from(source, models_folder())
    except NoModelsThere as none:
        refuse(str(none))
    except OSError as failed:
        refuse(
            f"{failed.filename or source} 无法读取或写入。\n{failed.filename or source}: {failed.strerror}."
        )
    for model in taken.installed:
        typer.echo(f"已安装 installed  {model.name}  {model.version}  {model.licence}")
        if model.told:
            typer.echo(f"    {model.told}")
    for why in taken.refused:
        sys.stderr.write("".join(f"kaowu: {line}\n" for line in str(why).splitlines()))
    if taken.refused:
        sys.exit(FAILED)


def _list(*, json: bool) -> None:
    rows = [(model, *_state(model)) for model in KNOWN]
    if json:
        said = [msgspec.to_builtins(model) | {"state": state} for model, state, _ in rows]
        typer.echo(msgspec.json.encode({"packaged": _packaged(), "models": said}).decode())
    else:
        _show(rows)
    refused = [why for _, state, why in rows if state is State.REFUSED]
    for why in refused:
        sys.stderr.write("".join(f"kaowu: {line}\n" for line in why.splitlines()))
    if refused:
        sys.exit(FAILED)


def _show(rows: list[tuple[Model, State, str]]) -> None:
    words = {State.INSTALLED: "已安装 installed", State.ABSENT: "—", State.REFUSED: "不可用 refused"}
    table = Table(
        "模型 model", "用途 for", "版本 version", "文件 file", "许可 licence", "状态 state", box=None
    )
    packaged = _packaged()
    table.add_row(
        YUFACE,
        TASKS[Task.FACES],
        packaged or "—",
        "（Python 包 package）",
        "BSD-3-Clause",
        words[State.INSTALLED] if packaged else words[State.ABSENT],
    )
    for model, state, _ in rows:
        table.add_row(model.name, TASKS[model.task], model.version, model.file, model.licence, words[state])
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table, markup=False)
    for model, _, _ in rows:
        console.print(f"{model.sha256}  {model.file}  {model.size}", markup=False, highlight=False)
    if not packaged and not any(
        model.task is Task.FACES and state is State.INSTALLED for model, state, _ in rows
    ):
        console.print(
            "未安装人脸检测：画面仅供人工查看。No detector of faces: pictures are for people to look at."
        )


def _packaged() -> str:
    return importlib.metadata.version(YUFACE) if yuface_is_here() else ""


def _state(model: Model) -> tuple[State, str]:
    try:
        held = read_model(models_folder(), model)
    except ModelRefused as why:
        return State.REFUSED, str(why)
    return (State.ABSENT if held is None else State.INSTALLED), ""

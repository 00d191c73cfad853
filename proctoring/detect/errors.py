"""Refusals about detectors and their model files: each named for the fact, in words for an operator."""

from pathlib import Path


class ModelRefused(Exception):
    """A model file is not used."""

    def __init__(self, path: Path, zh: str, en: str) -> None:
        super().__init__(f"{path.name}：{zh}\n{path.name}: {en}")
        self.path = path


class ModelIsAPointer(ModelRefused):
    """A git-lfs pointer was downloaded in place of the model."""

    def __init__(self, path: Path, *, size: int) -> None:
        super().__init__(
            path,
            f"只有 {size} 字节，是 git-lfs 指针，不是模型；请下载指针所指的文件本身。",
            f"{size} bytes, a git-lfs pointer in place of the model: fetch the file that it points to.",
        )


class ModelOfAnotherHash(ModelRefused):
    """Its name or its place is a known model's, its bytes are not."""

    def __init__(self, path: Path, *, wanted: str, found: str) -> None:
        super().__init__(
            path,
            f"内容与登记的不同（SHA-256 应为 {wanted}，实为 {found}），未采用；请换用登记的版本。",
            f"its bytes are not those on the list (SHA-256 {wanted} wanted, {found} found): "
            "use the version that `kaowu models list` names.",
        )


class ModelDoesNotRun(ModelRefused):
    """OpenCV cannot read it, or fails on one picture."""

    def __init__(self, path: Path, *, said: str) -> None:
        super().__init__(
            path,
            f"无法运行一帧画面，未采用（{said}）。",
            f"it does not run one picture and is not used ({said}).",
        )


class NoModelsThere(Exception):
    """The folder holds no model of the list."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} 中没有清单上的模型文件；清单见 `kaowu models list`。\n"
            f"{folder} holds no model of the list: `kaowu models list` shows names and hashes."
        )

"""Model files in a folder: taken over after a trial, opened only with the bytes that are on the list."""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import cv2
import msgspec
import numpy as np

from proctoring.detect.compare import Comparer
from proctoring.detect.errors import (
    ModelDoesNotRun,
    ModelIsAPointer,
    ModelOfAnotherHash,
    ModelRefused,
    NoModelsThere,
)
from proctoring.detect.finders import Finder, YuFace, YuNet, yuface_is_here
from proctoring.detect.frame import Pixels
from proctoring.detect.replay import ReplayAdviser
from proctoring.faces import Face, Point
from proctoring.models import KNOWN, POINTER, SIZE_MOST, Model, Task, chosen

Part = TypeVar("Part")

_TRIED_ON: Final[Pixels] = np.full((240, 320, 3), 127, np.uint8)
_TRIED_FACE: Final = Face(
    score=1.0,
    x=0.3,
    y=0.2,
    width=0.3,
    height=0.4,
    points=(Point(0.4, 0.3), Point(0.5, 0.3), Point(0.45, 0.38), Point(0.4, 0.45), Point(0.5, 0.45)),
)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking through a folder of files."""

    installed: Sequence[Model]
    refused: Sequence[ModelRefused]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to look at pictures with. Belongs to one thread."""

    finder: Finder | None
    """None: pictures are for people to look at only."""
    comparer: Comparer | None
    adviser: ReplayAdviser | None


def install_from(folder: Path, models: Path, *, known: Sequence[Model] = KNOWN) -> Taken:
    """Copy every model of the list that lies in `folder` into the folder of models.

    A file that is refused leaves the others alone. Raises NoModelsThere, OSError.
    """
    installed: list[Model] = []
    refused: list[ModelRefused] = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.stat().st_size > SIZE_MOST:
            continue
        try:
            if (found := _looked_at(path, known)) is not None:
                _put(found[1], models / found[0].file)
                installed.append(found[0])
        except ModelRefused as why:
            refused.append(why)
    if not installed and not refused:
        raise NoModelsThere(folder)
    return Taken(installed=installed, refused=refused)


def read_model(models: Path, model: Model) -> bytes | None:
    """Bytes of an installed model; None where it is not installed.

    Raises ModelIsAPointer, ModelOfAnotherHash: the file was changed after it was installed.
    """
    path = models / model.file
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if path.stat().st_size > SIZE_MOST:
            raise ModelOfAnotherHash(path, wanted=model.sha256, found="too large")
        return _sure(path, path.read_bytes(), model)
    return None


def open_installed(models: Path, *, packaged_only: bool = False) -> Opened:
    """Open the best installed model for each task; `yuface` where no model finds faces.

    packaged_only: leave model files alone.

    Raises ModelRefused: a file that is there is not what was installed; that it is not used must be known.
    """
    held: dict[str, bytes] = {}
    if not packaged_only:
        held = {model.name: data for model in KNOWN if (data := read_model(models, model)) is not None}
    installed = [model for model in KNOWN if model.name in held]
    faces, same, replay = (chosen(installed, task) for task in (Task.FACES, Task.SAME_PERSON, Task.REPLAY))
    finder: Finder | None = None
    if faces is not None:
        finder = _made(models, faces, lambda: YuNet(faces, held[faces.name]))
    elif yuface_is_here():
        finder = YuFace()
    return Opened(
        finder=finder,
        comparer=_made(models, same, lambda: Comparer(same, held[same.name])) if same else None,
        adviser=_made(models, replay, lambda: ReplayAdviser(replay, held[replay.name])) if replay else None,
    )


def _looked_at(path: Path, known: Sequence[Model]) -> tuple[Model, bytes] | None:
    """The model that a file is, tried out; None for files that have nothing to do with us."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    by_hash = next((model for model in known if model.sha256 == digest), None)
    by_name = next((model for model in known if model.file == path.name), None)
    if by_hash is None:
        if by_name is not None or (data.startswith(POINTER) and path.suffix == ".onnx"):
            _sure(path, data, by_name or known[0])
        return None
    _try_out(path, by_hash, data)
    return by_hash, data


def _sure(path: Path, data: bytes, model: Model) -> bytes:
    if data.startswith(POINTER):
        raise ModelIsAPointer(path, size=len(data))
    digest = hashlib.sha256(data).hexdigest()
    if digest != model.sha256:
        raise ModelOfAnotherHash(path, wanted=model.sha256, found=digest)
    return data


def _try_out(path: Path, model: Model, data: bytes) -> None:
    """Run one picture. Raises ModelDoesNotRun."""

    def run() -> None:
        if model.task is Task.FACES:
            YuNet(model, data).find(_TRIED_ON)
        elif model.task is Task.SAME_PERSON:
            Comparer(model, data).vector(_TRIED_ON, _TRIED_FACE)
        else:
            ReplayAdviser(model, data).live(_TRIED_ON, _TRIED_FACE)

    _made(path.parent, model, run, path=path)


def _made(folder: Path, model: Model, make: Callable[[], Part], *, path: Path | None = None) -> Part:
    try:
        return make()
    except (cv2.error, ValueError, IndexError) as failed:
        said = str(failed).strip().splitlines()[-1][:160] if str(failed).strip() else type(failed).__name__
        raise ModelDoesNotRun(path or folder / model.file, said=said) from None


def _put(data: bytes, path: Path) -> None:
    """In one step: nobody ever opens half a model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)

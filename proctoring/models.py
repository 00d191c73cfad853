"""The model files that an operator may install: name, version, hash, licence; none is handed out with us."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from proctoring.faces import Limits

SIZE_MOST: Final = 64 * 1024 * 1024
"""No model of the list is larger; larger files are not even hashed."""

POINTER: Final = b"version https://git-lfs"
"""How a git-lfs pointer begins."""


class Task(StrEnum):
    """What a model is for."""

    FACES = "faces"
    SAME_PERSON = "same-person"
    REPLAY = "replay"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One file on the list."""

    name: str
    task: Task
    version: str
    """Project and commit or edition it was taken from."""
    file: str
    """Name in the folder of models, and the usual one in the world."""
    size: int
    sha256: str
    licence: str
    told: str = ""
    """What an operator should know before installing it."""


YUNET_N: Final = Model(
    name="yunet-n",
    task=Task.FACES,
    version="libfacedetection.train 0047ac2",
    file="yunet_n_640_640.onnx",
    size=317_466,
    sha256="25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31",
    licence="Apache-2.0",
)
YUNET_S: Final = Model(
    name="yunet-s",
    task=Task.FACES,
    version="libfacedetection.train 0047ac2, opencv_zoo 2023mar",
    file="yunet_s_640_640.onnx",
    size=232_589,
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    licence="Apache-2.0; the zoo's folder MIT",
    told="used where yunet-n is not installed",
)
MOBILEFACENET: Final = Model(
    name="mobilefacenet",
    task=Task.SAME_PERSON,
    version="foamliu/MobileFaceNet a6cc903",
    file="MobileFaceNet.onnx",
    size=3_998_070,
    sha256="b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507",
    licence="Apache-2.0",
    told="trained on refined MS-Celeb-1M: ask your lawyers about that set's provenance",
)
SFACE: Final = Model(
    name="sface",
    task=Task.SAME_PERSON,
    version="opencv_zoo 2021dec",
    file="face_recognition_sface_2021dec.onnx",
    size=38_696_353,
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    licence="Apache-2.0",
    told="not measured by us; used where mobilefacenet is not installed",
)
MINIFASNET: Final = Model(
    name="minifasnet-v2",
    task=Task.REPLAY,
    version="Silent-Face-Anti-Spoofing 2.7_80x80",
    file="2.7_80x80_MiniFASNetV2.onnx",
    size=1_744_126,
    sha256="f0616a1c7123d4978623910241b812943d2d5bba032eac26cc0416764517ef4a",
    licence="MIT; weights Apache-2.0",
    told="advice only: printed photos were never tried",
)

KNOWN: Final[Sequence[Model]] = (YUNET_N, YUNET_S, MOBILEFACENET, SFACE, MINIFASNET)
"""In the order of preference among those for one task."""

YUFACE: Final = "yuface"
"""The detector that comes as a package with its weights."""

YUFACE_LIMITS: Final = Limits(present=0.60, further=0.75, sideways=0.80, leaning=0.85)
YUNET_LIMITS: Final = Limits(present=0.55, further=0.75, sideways=0.80, leaning=0.85)
"""Chosen on the development set; docs/proctoring.md has what they reach."""

SAME_PERSON_LEAST: Final = {MOBILEFACENET.name: 0.25, SFACE.name: 0.363}
"""Cosine of two faces from which on they count as one person's; SFace's is its authors'."""


def chosen(installed: Sequence[Model], task: Task) -> Model | None:
    """Of the installed models for a task, the first of the list."""
    return next((model for model in KNOWN if model.task is task and model in installed), None)

"""One pipeline measured on one set: its detector card."""

from collections.abc import Callable, Sequence
from pathlib import Path

from proctoring import faces, signs
from proctoring.cards import Card
from proctoring.detect.eye import Eye
from proctoring.detect.installed import Opened, open_installed
from proctoring.evaluate.comparing import compare_over
from proctoring.evaluate.counting import COVERS_OF_EACH, count_over
from proctoring.evaluate.manifest import read_manifest, read_pairs
from proctoring.models import SAME_PERSON_LEAST, YUFACE


def pipelines(models: Path) -> Sequence[tuple[str, Opened]]:
    """What can be measured here: with packages alone, and with the detector that was installed.

    Comparing and advice are measured with the best detector only. Raises ModelRefused.
    """
    installed, packaged = open_installed(models), open_installed(models, packaged_only=True)
    found: list[tuple[str, Opened]] = []
    if packaged.finder is not None:
        alone = installed.finder is None or installed.finder.name == YUFACE
        found.append((f"packages only ({YUFACE})", installed if alone else packaged))
    if installed.finder is not None and installed.finder.name != YUFACE:
        found.append((f"with model files ({installed.finder.name})", installed))
    return found


def measured(  # noqa: PLR0913 - a pipeline, a set, and how it is told
    name: str, opened: Opened, folder: Path, *, date: str, every: int, told: Callable[[str, int], None]
) -> Card:
    """Measure all that this pipeline can do.

    every: take only each so-many-th picture and pair.
    told: what begins and how many steps it has; then "" and 1 for each step.

    Raises SetRefused.
    """
    eye = Eye(opened)
    pictures, pairs = read_manifest(folder)[::every], read_pairs(folder)[::every]
    told(f"{name}: pictures", len(pictures))
    covers = max(1, COVERS_OF_EACH // every)
    rows = list(count_over(pictures, eye, lambda: told("", 1), covers=covers))
    error = None
    if opened.comparer is not None and pairs:
        told(f"{name}: pairs", len(pairs))
        least = SAME_PERSON_LEAST[opened.comparer.name]
        compared, error = compare_over(pairs, eye, least, lambda: told("", 1))
        rows += compared
    return Card(
        pipeline=name,
        versions=eye.models,
        set_name=folder.resolve().name,
        pictures=len(pictures),
        date=date,
        rows=rows,
        error=error,
        limits=limits_of(opened),
    )


def limits_of(opened: Opened) -> Sequence[tuple[str, float]]:
    """Every threshold that a pipeline's signs are held against, by its name in the code."""
    found: list[tuple[str, float]] = []
    if opened.finder is not None:
        held = opened.finder.limits
        found += [
            ("limits.present", held.present),
            ("limits.further", held.further),
            ("limits.sideways", held.sideways),
            ("limits.leaning", held.leaning),
        ]
    for module, names in (
        (faces, ("WIDTH_LEAST", "GOOD_WIDTH_LEAST", "GOOD_SCORE_LEAST", "GOOD_TURN_MOST")),
        (signs, ("FLAT_MOST", "DARK_BELOW", "BLURRED_BELOW", "SAME_BITS_MOST", "MOVED_LEAST")),
        (signs, ("STILL_PICTURES", "TURNED_FROM_OWN", "COMPARED_LEAST", "COMPARED_MOST")),
    ):
        found += [(f"{module.__name__.rpartition('.')[2]}.{name}", getattr(module, name)) for name in names]
    if opened.comparer is not None:
        found.append((f"same person ({opened.comparer.name})", SAME_PERSON_LEAST[opened.comparer.name]))
    if opened.adviser is not None:
        found += [("signs.LIVE_LEAST", signs.LIVE_LEAST), ("signs.REPLAYED_LEAST", signs.REPLAYED_LEAST)]
    return found

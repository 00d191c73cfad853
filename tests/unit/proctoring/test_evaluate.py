"""`kaowu proctor-eval`: a drawn set is measured, no set is refused, the development set reaches its bars."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from exam_api.cli.entry import application
from proctoring.detect.eye import Asked, Eye
from proctoring.detect.finders import yuface_is_here
from proctoring.detect.installed import open_installed
from proctoring.evaluate.comparing import equal_error
from proctoring.evaluate.conditions import OF_ANY, as_snapshot, drawn_for
from proctoring.evaluate.counting import ANIMAL, COVERED, EMPTY, NOT_STILL, ONE, STILL, TWO, count_over
from proctoring.evaluate.errors import SetRefused
from proctoring.evaluate.manifest import Labelled, read_manifest, read_pairs
from proctoring.evaluate.scenes import head_of, with_second
from tests.unit.proctoring.drawn import SHARED, head, room

needs_yuface = pytest.mark.skipif(not yuface_is_here(), reason="yuface has no wheel for this machine")


def drawn_set(folder: Path) -> Path:
    """One picture of each kind."""
    pictures = {
        "single.png": ("single", head(room())),
        "two.png": ("multi", head(head(room(), x=440, scale=0.8), x=190, scale=0.9)),
        "room.png": ("noface_scene", room()),
    }
    folder.mkdir(exist_ok=True)
    for name, (_, picture) in pictures.items():
        cv2.imwrite(str(folder / name), picture)
    rows = "".join(f"{name},{kind}\n" for name, (kind, _) in pictures.items())
    (folder / "manifest.csv").write_text(f"file,kind\n{rows}ignored.png,person\n", encoding="utf-8")
    return folder


def kaowu(folder: Path, *words: str) -> Result:
    asked = ["proctor-eval", str(folder), *words]
    return CliRunner().invoke(application(asked), asked, env={"KAOWU_DATA_DIR": str(folder / "data")})


@needs_yuface
def test_a_drawn_set_is_counted_by_condition(tmp_path):
    eye = Eye(open_installed(tmp_path))
    rows = count_over(read_manifest(drawn_set(tmp_path / "set")), eye, lambda: None, covers=1)
    right = {(row.what, row.condition): (row.right, row.n) for row in rows}
    assert right[ONE, "clean"] == right[TWO, "clean"] == right[EMPTY, "clean"] == (1, 1)
    assert right[COVERED, "finger"] == right[STILL, "noise"] == right[NOT_STILL, "2-6 px"] == (1, 1)
    assert {condition for what, condition in right if what == ONE} >= set(OF_ANY)
    assert all(what != ANIMAL for what, _ in right)


@needs_yuface
def test_a_quick_look_prints_figures_and_writes_no_page(tmp_path):
    page = tmp_path / "page.md"
    told = kaowu(drawn_set(tmp_path / "set"), "--every", "100", "--json", "--cards", str(page))
    cards = json.loads(told.stdout)
    assert [card["pipeline"] for card in cards] == ["packages only (yuface)"]
    assert {row["n"] for row in cards[0]["rows"]} == {1}
    assert not page.exists()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "cannot be read"),
        (b"name,kind\na.png,single\n", "lacks file"),
        (b"file,kind\n../../etc/passwd,single\n", "points out of the folder"),
        (b"file,kind\nabsent.png,single\n", "no picture that can be read"),
        (b"\xff\xfe\x00", "CSV file in UTF-8"),
    ],
)
def test_what_is_no_set_is_refused_in_both_languages(tmp_path, manifest, said):
    if manifest is not None:
        (tmp_path / "manifest.csv").write_bytes(manifest)
    told = kaowu(tmp_path, "--every", "100")
    assert told.exit_code == 1
    assert said in told.output
    assert "。" in told.output


def test_pairs_lie_in_their_split_s_folder_or_in_the_set(tmp_path):
    (tmp_path / "dev" / "verify").mkdir(parents=True)
    for name in ("dev/verify/a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "pairs.csv").write_text("split,a,b,same\ndev,verify/a.jpg,b.jpg,1\n", encoding="utf-8")
    pair = read_pairs(tmp_path)[0]
    assert (pair.one, pair.other, pair.same) == (tmp_path / "dev/verify/a.jpg", tmp_path / "b.jpg", True)


def test_a_set_without_pairs_compares_nothing(tmp_path):
    assert read_pairs(tmp_path) == ()


def test_a_pair_outside_of_the_set_is_refused(tmp_path):
    (tmp_path / "pairs.csv").write_text("a,b,same\n../x.jpg,y.jpg,1\n", encoding="utf-8")
    with pytest.raises(SetRefused):
        read_pairs(tmp_path)


@pytest.mark.parametrize("size", [(250, 250), (640, 480), (100, 900), (900, 100), (3, 3)])
def test_every_picture_becomes_a_snapshot_of_one_size(size):
    assert as_snapshot(np.zeros((size[1], size[0], 3), np.uint8)).shape == (480, 640, 3)


@pytest.mark.parametrize("condition", OF_ANY)
def test_a_condition_is_the_same_every_time(condition):
    made = [OF_ANY[condition](head(room()), drawn_for("a.jpg", condition)) for _ in range(2)]
    assert made[0] == made[1]


@needs_yuface
def test_a_second_head_is_put_beside_the_face_and_never_over_it(tmp_path):
    eye = Eye(open_installed(tmp_path))
    picture = head(room())
    face = eye.look(
        OF_ANY["clean"](picture, drawn_for("a", "b")), at_ms=0, asked=Asked(), before=None
    ).sight.faces[0]
    cut = head_of(picture, face, face_px=45)
    assert cut.shape[:2] == (99, 99)
    assert with_second(picture, face, cut) is not None
    assert with_second(picture, face, cv2.resize(cut, (400, 400))) is None


def test_the_equal_error_rate_of_scores_that_do_not_overlap_is_nought():
    assert equal_error(np.array([0.5, 0.6]), np.array([0.1, 0.2])) == 0
    assert equal_error(np.array([0.1, 0.6]), np.array([0.2, 0.05])) == pytest.approx(0.5)


@pytest.mark.long
@pytest.mark.skipif(not (SHARED / "faces").is_dir(), reason="the set lies beside the development checkout")
def test_the_development_set_reaches_every_bar(tmp_path):
    page = tmp_path / "proctoring.md"
    told = kaowu(SHARED / "faces", "--models", str(SHARED / "models"), "--cards", str(page))
    assert "missed" not in page.read_text(encoding="utf-8")
    assert told.exit_code == 0


def test_a_kind_that_nobody_counts_is_passed_over(tmp_path):
    unknown = Labelled(path=tmp_path / "absent.png", name="absent.png", kind="person")
    assert count_over([unknown], Eye(open_installed(tmp_path)), lambda: None, covers=0) == []

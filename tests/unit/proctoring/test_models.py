"""Model files: taken over after a trial, refused with a sentence, never opened with other bytes."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from exam_api.cli.entry import application
from proctoring.detect.errors import ModelDoesNotRun, ModelIsAPointer, ModelOfAnotherHash, NoModelsThere
from proctoring.detect.eye import Asked, Eye
from proctoring.detect.finders import yuface_is_here
from proctoring.detect.installed import install_from, open_installed, read_model
from proctoring.models import KNOWN, MINIFASNET, MOBILEFACENET, YUNET_N, YUNET_S, Model, Task, chosen
from tests.unit.proctoring.drawn import SHARED, head, room, sent

MODELS = SHARED / "models"
needs_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the models lie beside the development checkout"
)

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:25a6\nsize 317466\n"
SAID = b"no net at all"
BROKEN = msgspec.structs.replace(
    YUNET_N, file="broken.onnx", size=len(SAID), sha256=hashlib.sha256(SAID).hexdigest()
)
"""A model whose bytes are those on the list, and which is none."""


def put(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder


def kaowu(tmp_path: Path, *words: str) -> Result:
    told = {"KAOWU_DATA_DIR": str(tmp_path / "data")}
    return CliRunner().invoke(application(words), list(words), env=told)


@pytest.mark.parametrize(
    ("name", "data", "refusal", "said"),
    [
        (YUNET_N.file, POINTER, ModelIsAPointer, "git-lfs"),
        ("another_name.onnx", POINTER, ModelIsAPointer, "git-lfs"),
        (YUNET_N.file, b"\x08\x07\x12\x04", ModelOfAnotherHash, YUNET_N.sha256),
        (YUNET_N.file, b"", ModelOfAnotherHash, "SHA-256"),
    ],
)
def test_a_file_that_is_not_the_model_is_refused_with_a_sentence(tmp_path, name, data, refusal, said):
    taken = install_from(put(tmp_path / "from", name, data), tmp_path / "models")
    assert taken.installed == []
    assert [type(why) for why in taken.refused] == [refusal]
    assert said in str(taken.refused[0])
    assert not (tmp_path / "models").exists()


def test_a_model_that_does_not_run_one_picture_is_refused(tmp_path):
    taken = install_from(put(tmp_path / "from", "x.onnx", SAID), tmp_path / "models", known=[BROKEN])
    assert [type(why) for why in taken.refused] == [ModelDoesNotRun]
    assert str(taken.refused[0]).startswith("x.onnx")


@pytest.mark.parametrize("task", [Task.SAME_PERSON, Task.REPLAY])
def test_a_net_of_another_task_that_does_not_run_is_refused_too(tmp_path, task):
    name = {Task.SAME_PERSON: MOBILEFACENET.name, Task.REPLAY: MINIFASNET.name}[task]
    known = [msgspec.structs.replace(BROKEN, task=task, name=name)]
    taken = install_from(put(tmp_path / "from", "x.onnx", SAID), tmp_path / "models", known=known)
    assert [type(why) for why in taken.refused] == [ModelDoesNotRun]


def test_files_that_have_nothing_to_do_with_us_are_passed_over(tmp_path):
    folder = put(tmp_path / "from", "README.md", POINTER)
    put(folder, "other.onnx", b"another net")
    (folder / "inner").mkdir()
    with pytest.raises(NoModelsThere, match="models list"):
        install_from(folder, tmp_path / "models")


def test_a_file_that_was_changed_after_it_was_installed_is_not_opened(tmp_path):
    put(tmp_path / "models", YUNET_N.file, b"changed")
    with pytest.raises(ModelOfAnotherHash):
        open_installed(tmp_path / "models")
    with pytest.raises(ModelOfAnotherHash):
        read_model(tmp_path / "models", YUNET_N)


def test_without_files_the_package_finds_faces_and_nothing_compares(tmp_path):
    opened = open_installed(tmp_path / "nothing")
    assert (opened.finder is not None) is yuface_is_here()
    assert (opened.comparer, opened.adviser) == (None, None)


def test_the_first_of_the_list_is_used_for_a_task():
    assert chosen([YUNET_S, YUNET_N], Task.FACES) is YUNET_N
    assert chosen([YUNET_S], Task.FACES) is YUNET_S
    assert chosen([YUNET_S], Task.REPLAY) is None


def test_the_list_names_each_file_once_with_a_whole_hash():
    assert len({model.file for model in KNOWN}) == len({model.name for model in KNOWN}) == len(KNOWN)
    assert [
        model.name for model in KNOWN if len(bytes.fromhex(model.sha256)) != 32 or not model.licence
    ] == []


def test_the_command_lists_every_model_with_hash_and_licence(tmp_path):
    told = kaowu(tmp_path, "models", "list")
    assert told.exit_code == 0
    assert [model.name for model in KNOWN if model.sha256 not in told.output] == []
    as_json = json.loads(kaowu(tmp_path, "models", "list", "--json").output)
    assert {model["state"] for model in as_json["models"]} == {"absent"}


def test_the_command_refuses_a_pointer_in_both_languages_with_status_one(tmp_path):
    folder = put(tmp_path / "from", YUNET_N.file, POINTER)
    told = kaowu(tmp_path, "models", "install", "--from", str(folder))
    assert told.exit_code == 1
    assert "指针" in told.output
    assert "a git-lfs pointer" in told.output


def test_the_command_says_where_files_come_from_when_no_folder_is_given(tmp_path):
    told = kaowu(tmp_path, "models", "install")
    assert told.exit_code == 1
    assert "--from" in told.output


def test_the_command_says_that_a_changed_file_is_not_used(tmp_path):
    (tmp_path / "data").mkdir()
    put(tmp_path / "data" / "models", YUNET_N.file, b"changed")
    told = kaowu(tmp_path, "models", "list")
    assert told.exit_code == 1
    assert "refused" in told.output


@needs_models
def test_models_are_installed_from_a_folder_and_look_at_a_head(tmp_path):
    assert kaowu(tmp_path, "models", "install", "--from", str(MODELS)).exit_code == 0
    eye = Eye(open_installed(tmp_path / "data" / "models"))
    enrolled = eye.enrol(sent(head(room()), noise=1))
    asked = Asked(enrolled=enrolled, replay=True)
    sight = eye.look(sent(head(room(), x=340), noise=2), at_ms=0, asked=asked, before=None).sight
    assert [name.split()[0] for name in eye.models] == ["yunet-n", "mobilefacenet", "minifasnet-v2"]
    assert len(sight.faces) == 1
    assert sight.likeness is not None
    assert sight.likeness > 0.8
    assert sight.live is not None
    assert 0 <= sight.live <= 1


@needs_models
@pytest.mark.parametrize("model", [YUNET_N, YUNET_S], ids=lambda model: model.name)
def test_both_nets_find_the_drawn_head(tmp_path, model: Model):
    folder = put(tmp_path / "from", model.file, (MODELS / model.file).read_bytes())
    install_from(folder, tmp_path / "models")
    eye = Eye(open_installed(tmp_path / "models"))
    assert len(eye.look(sent(head(room())), at_ms=0, asked=Asked(), before=None).sight.faces) == 1

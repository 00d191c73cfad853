"""What must be there before the service starts, and the sentence when it is not."""

import socket
from collections import namedtuple

import pytest

from exam_api.serving import ground
from exam_api.serving.errors import AddressNotOurs, DataInUse, DiskFull, FolderNotOurs, PortTaken
from exam_api.serving.ground import check_folder, check_port, sole_owner

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil gives it


def test_a_free_port_is_fine(free_port):
    check_port("127.0.0.1", free_port)


def test_a_taken_port_is_told_with_another_one(free_port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(PortTaken, match=f"make run PORT={free_port + 1}"):
            check_port("127.0.0.1", free_port)


def test_an_address_of_another_machine_is_told(free_port):
    with pytest.raises(AddressNotOurs, match=r"192\.0\.2\.7"):
        check_port("192.0.2.7", free_port)


def test_a_full_disk_is_told_before_anything_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(ground.shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 150 * 1024 * 1024))
    with pytest.raises(DiskFull, match=r"Only 150 MB are free .* 200 MB are needed"):
        check_folder(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderNotOurs, match="KAOWU_DATA_DIR"):
        check_folder(tmp_path / "file" / "var")


def test_two_services_never_share_a_data_folder(tmp_path):
    with sole_owner(tmp_path), pytest.raises(DataInUse, match=r"process \d+"), sole_owner(tmp_path):
        pass
    with sole_owner(tmp_path):
        pass

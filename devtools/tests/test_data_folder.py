import io
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from devtools import data_folder
from devtools.problem import Problem


def test_a_second_user_is_told_who_has_the_folder(tmp_path: Path) -> None:
    with (
        data_folder.used_alone(tmp_path),
        pytest.raises(Problem, match=rf"already running here \(process {os.getpid()}\)"),
        data_folder.used_alone(tmp_path),
    ):
        pass


def test_the_folder_is_free_again_after_use(tmp_path: Path) -> None:
    assert not data_folder.is_used(tmp_path)
    with data_folder.used_alone(tmp_path):
        assert data_folder.is_used(tmp_path)
    assert not data_folder.is_used(tmp_path)
    with data_folder.used_alone(tmp_path):
        pass


def test_only_a_running_site_has_an_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALREADY_HERE", "1")
    with data_folder.used_alone(tmp_path):
        data_folder.publish_environment(tmp_path, {"REDIS_URL": "redis://r", "ALREADY_HERE": "1"})
        assert data_folder.running_environment(tmp_path) == {"REDIS_URL": "redis://r"}
        assert (tmp_path / "running.json").stat().st_mode & 0o077 == 0

    assert data_folder.running_environment(tmp_path) is None


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(free=300 << 20))

    with pytest.raises(Problem, match="Only 300 MiB are free"):
        data_folder.require_space(tmp_path)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "db.sqlite3").touch()
    monkeypatch.setattr(data_folder, "DATA", folder)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return folder


def test_reset_removes_the_folder(data: Path) -> None:
    assert data_folder.reset(sure=True)
    assert not data.exists()
    assert data_folder.reset(sure=True)


def test_reset_wants_a_yes(data: Path) -> None:
    with pytest.raises(Problem, match="--yes"):
        data_folder.reset(sure=False)

    assert (data / "db.sqlite3").exists()


def test_reset_leaves_a_running_site_alone(data: Path) -> None:
    with data_folder.used_alone(data), pytest.raises(Problem, match="already running"):
        data_folder.reset(sure=True)

    assert (data / "db.sqlite3").exists()
